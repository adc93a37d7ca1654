function Send-CoreRequest {
    # Sends one request and returns at once with a ticket, with which Receive-CoreResponse waits for the answer.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [string] $Method,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Parameters,
        # The caller's folder, from which a credential process starts.
        [Parameter(Mandatory)] [string] $WorkingDirectory
    )

    $Parameters['context'] = @{
        environment = [System.Environment]::GetEnvironmentVariables()
        workingDirectory = $WorkingDirectory
    }
    $core = Get-Core
    $answer = [System.Threading.Tasks.TaskCompletionSource[string]]::new([System.Threading.Tasks.TaskCreationOptions]::RunContinuationsAsynchronously)
    $id = [long]0
    [System.Threading.Monitor]::Enter($core.ReadGate)
    try { $id = ++$core.LastId } finally { [System.Threading.Monitor]::Exit($core.ReadGate) }
    $core.Waiting[$id] = $answer
    if ($core.Waiting.Count -eq 1) { $core.Heard = [System.Environment]::TickCount64 }
    Write-CoreLine $core "{""jsonrpc"":""2.0"",""id"":$id,""method"":""$Method"",""params"":$(ConvertTo-CoreJson $Parameters)}"
    @{ Core = $core; Id = $id; Task = $answer.Task; Method = $Method }
}

function Write-CoreLine {
    # Writes one line. Answers are taken in meanwhile: were both pipes full, each side would wait for the other.
    [CmdletBinding()]
    param([hashtable] $Core, [string] $Line)

    while (-not $Core.WriteGate.Wait(50)) { Read-CoreOutput $Core 0 }
    try {
        $bytes = [System.Text.Encoding]::UTF8.GetBytes("$Line`n")
        try {
            $write = $Core.Input.WriteAsync($bytes, 0, $bytes.Length)
            while (-not $write.IsCompleted) { Read-CoreOutput $Core 50 $write }
            if ($write.IsFaulted) { $Core.Broken = $true; return }
            $Core.Input.Flush()
        } catch [System.Management.Automation.MethodInvocationException] {
            # The pipe is closed: the wait for the answer tells it.
            $Core.Broken = $true
        }
    } finally {
        $null = $Core.WriteGate.Release()
    }
}
