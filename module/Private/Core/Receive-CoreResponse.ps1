function Receive-CoreResponse {
    # Waits until one of the tickets has its answer and returns that ticket, with Result or with ErrorRecord.
    # Ctrl+C ends the wait; the caller's finally block gives the tickets to Stop-CoreRequest.
    [CmdletBinding()]
    param([Parameter(Mandatory)] [System.Collections.IList] $Ticket, [int] $Milliseconds = -1)

    $until = [System.Environment]::TickCount64 + $Milliseconds
    while ($true) {
        foreach ($candidate in $Ticket) {
            if ($candidate.Task.IsCompleted) { return Complete-CoreTicket $candidate }
        }
        if ($Milliseconds -ge 0 -and [System.Environment]::TickCount64 -ge $until) { return }
        $first = $Ticket[0]
        Read-CoreOutput $first.Core 100 $first.Task
        Assert-CoreAlive $first.Core
    }
}

function Complete-CoreTicket {
    # Takes the answer apart. A core that ended before it answered is one clear error; the next request starts another.
    [CmdletBinding()]
    param([hashtable] $Ticket)

    $null = $Ticket.Core.Waiting.TryRemove($Ticket.Id, [ref] $null)
    if ($Ticket.Task.IsCanceled -or $Ticket.Task.IsFaulted) {
        $why = $Ticket.Core['Why'] ? $Ticket.Core['Why'] : 'It ended unexpectedly.'
        $Ticket.ErrorRecord = New-CoreFailure 'CoreFailed' "The module's core did not answer $($Ticket.Method). $why" 'Repeat the command: it starts a new core.' $Ticket.Method
        return $Ticket
    }
    $message = ConvertFrom-CoreJson $Ticket.Task.Result
    $Ticket.Notes = $message['notes']
    if ($message.ContainsKey('error')) {
        $Ticket.Error = $message['error']
        $Ticket.ErrorRecord = ConvertTo-CoreErrorRecord $message['error']
    } else {
        $Ticket.Result = $message['result']
    }
    $Ticket
}

function ConvertTo-CoreErrorRecord {
    # The core's error as PowerShell knows errors: id, category, target, message and what to do next.
    [CmdletBinding()]
    [OutputType([System.Management.Automation.ErrorRecord])]
    param([hashtable] $CoreError)

    $data = $CoreError['data']
    $record = [System.Management.Automation.ErrorRecord]::new(
        [System.InvalidOperationException]::new($CoreError['message']), $data['id'], $data['category'], $data['target'])
    $record.ErrorDetails = [System.Management.Automation.ErrorDetails]::new($CoreError['message'])
    $record.ErrorDetails.RecommendedAction = $data['action']
    foreach ($name in 'hop', 'mfaSerial', 'awsCode', 'clockSkewSeconds') {
        if ($null -ne $data[$name]) { $record.Exception.Data[$name] = $data[$name] }
    }
    $record
}
