function Stop-CoreRequest {
    # Tells the core that nobody waits for these answers any longer (Ctrl+C).
    [CmdletBinding()]
    param([Parameter(Mandatory)] [AllowEmptyCollection()] [System.Collections.IList] $Ticket)

    foreach ($open in $Ticket) {
        if ($open.Task.IsCompleted) { continue }
        $null = $open.Core.Waiting.TryRemove($open.Id, [ref] $null)
        if (-not $open.Core.Broken) {
            Write-CoreLine $open.Core "{""jsonrpc"":""2.0"",""method"":""`$/cancel"",""params"":{""id"":$($open.Id)}}"
        }
    }
}
