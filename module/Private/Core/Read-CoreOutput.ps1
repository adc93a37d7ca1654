function Read-CoreOutput {
    # Waits a moment for output of the core, or for a task that someone waits for, and hands whole lines to whom they are for.
    # Every waiting runspace takes part: whoever sees the read completed takes the lines apart and starts the next read.
    [CmdletBinding()]
    param([hashtable] $Core, [int] $Milliseconds, [System.Threading.Tasks.Task] $Other)

    $read = $Core.Read
    if (-not $read.IsCompleted) {
        if ($Milliseconds -eq 0) { return }
        $tasks = $null -eq $Other ? [System.Threading.Tasks.Task[]]@($read) : [System.Threading.Tasks.Task[]]@($Other, $read)
        $null = [System.Threading.Tasks.Task]::WaitAny($tasks, $Milliseconds)
        if (-not $read.IsCompleted) { return }
    }
    if (-not [System.Threading.Monitor]::TryEnter($Core.ReadGate, 100)) { return }
    try {
        if (-not [object]::ReferenceEquals($read, $Core.Read)) { return }
        if ($read.IsFaulted -or $read.IsCanceled -or $read.Result -eq 0) {
            Complete-CoreFailure $Core (Get-CoreComplaint $Core)
            return
        }
        $Core.Heard = [System.Environment]::TickCount64
        $Core.Pinged = 0
        Split-CoreOutput $Core $read.Result
        if (-not $Core.Broken) { $Core.Read = $Core.Output.ReadAsync($Core.Buffer, 0, $Core.Buffer.Length) }
    } finally {
        [System.Threading.Monitor]::Exit($Core.ReadGate)
    }
}

function Split-CoreOutput {
    # Cuts what came at the line breaks, and gives each line to the request whose id it carries.
    [CmdletBinding()]
    param([hashtable] $Core, [int] $Count)

    $from = 0
    while ($true) {
        $end = [System.Array]::IndexOf($Core.Buffer, [byte]10, $from, $Count - $from)
        if ($end -lt 0) { break }
        $Core.Line.Write($Core.Buffer, $from, $end - $from)
        $line = [System.Text.Encoding]::UTF8.GetString($Core.Line.GetBuffer(), 0, [int]$Core.Line.Length)
        $Core.Line.SetLength(0)
        $from = $end + 1
        # The id stands first in each of our lines, so nobody has to read a line that is not theirs.
        if ($line -notmatch '^\{"jsonrpc":"2\.0","id":(\d{1,18}),') {
            Complete-CoreFailure $Core 'It answered what is not an answer.'
            return
        }
        $answer = $null
        # An id that nobody waits for any more was cancelled.
        if ($Core.Waiting.TryRemove([long]$Matches[1], [ref] $answer)) { $null = $answer.TrySetResult($line) }
        elseif ([long]$Matches[1] -gt $Core.LastId) {
            Complete-CoreFailure $Core 'It answered a question that nobody asked.'
            return
        }
    }
    $Core.Line.Write($Core.Buffer, $from, $Count - $from)
    if ($Core.Line.Length -gt 16MB) { Complete-CoreFailure $Core 'Its answer has no end.' }
}

function Assert-CoreAlive {
    # Some answers take minutes (a person types a code, a process signs in), so it is not the answer that is timed:
    # a core that says nothing for ten seconds is asked for a sign of life, and has ten more to give it.
    [CmdletBinding()]
    param([hashtable] $Core)

    if ($Core.Broken) { Complete-CoreFailure $Core 'It ended unexpectedly.'; return }
    $now = [System.Environment]::TickCount64
    if ($Core.Pinged -ne 0) {
        if ($now - $Core.Pinged -gt 10000) { Complete-CoreFailure $Core 'It hangs.' }
    } elseif ($now - $Core.Heard -gt 10000) {
        $Core.Pinged = $now
        Write-CoreLine $Core '{"jsonrpc":"2.0","id":0,"method":"core/ping","params":{}}'
    }
}

function Complete-CoreFailure {
    # The core is of no use any more: end it, and tell all who wait why.
    [CmdletBinding()]
    param([hashtable] $Core, [string] $Why)

    if (-not $Core.ContainsKey('Why')) { $Core.Why = $Why }
    Stop-Core $Core
}

function Get-CoreComplaint {
    # What Node printed before it ended, such as that it is too old. The core itself prints nothing.
    [CmdletBinding()]
    param([hashtable] $Core)

    $null = $Core.ComplaintRead.Wait(500)
    $text = $Core.ComplaintRead.IsCompletedSuccessfully ? [string]::new($Core.Complaint, 0, $Core.ComplaintRead.Result) : ''
    $line = $text.Split("`n").Trim() -match 'role-credentials needs|Error:' -replace '[^ -~]', '?' | Microsoft.PowerShell.Core\ForEach-Object { $_ }
    $line ? "It ended: $(@($line)[0])" : 'It ended unexpectedly.'
}
