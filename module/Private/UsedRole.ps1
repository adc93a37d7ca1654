# What Use-Role does with the answers to its many requests.

function Receive-UsedRole {
    # Takes what is answered from the open tickets into the results. With -Wait it gives the core up to a second for the first.
    [CmdletBinding()]
    param(
        [System.Management.Automation.PSCmdlet] $Cmdlet,
        [System.Collections.Generic.List[object]] $Open,
        [hashtable] $Results,
        [switch] $Wait
    )

    $milliseconds = $Wait ? 1000 : 0
    while ($Open.Count -gt 0) {
        $answered = Receive-RoleResponse $Cmdlet $Open $milliseconds
        if ($null -eq $answered) { return }
        $null = $Open.Remove($answered)
        $Results[$answered.Index] = $answered
        $milliseconds = 0
    }
}

function Write-UsedRole {
    # Hands out the results: as they are ready, or in the order of the input; or runs the script block as each.
    # One role that fails ends the cmdlet, as in Use-STSRole, so that nothing goes on with other credentials;
    # of many, each failure is an error of its own and the others come out.
    [CmdletBinding()]
    param(
        [System.Management.Automation.PSCmdlet] $Cmdlet,
        [hashtable] $Results,
        # Next is the index that is next in order.
        [hashtable] $Order,
        [switch] $InOrder,
        [switch] $Many,
        [scriptblock] $ScriptBlock,
        [object[]] $ArgumentList,
        [switch] $Chain
    )

    $ready = [int[]]@($Results.Keys)
    [System.Array]::Sort($ready)
    foreach ($index in $ready) {
        if ($InOrder -and $index -ne $Order.Next) { break }
        $answered = $Results[$index]
        $Results.Remove($index)
        if ($index -eq $Order.Next) { $Order.Next++ }
        if ($answered['ErrorRecord']) {
            if (-not $Many) { $Cmdlet.ThrowTerminatingError($answered.ErrorRecord) }
            $Cmdlet.WriteError($answered.ErrorRecord)
        } elseif ($ScriptBlock) {
            Invoke-RoleBlock $Cmdlet $answered $ScriptBlock $ArgumentList -Chain:$Chain
        } else {
            $credentials = New-RoleCredentials $answered.Result
            if ($answered['Refresh']) { $credentials.RefreshCommand = ConvertTo-RefreshCommand $answered.Refresh }
            $credentials
        }
    }
}

function Show-RoleProgress {
    # A progress bar for what takes longer than a second.
    [CmdletBinding()]
    param([System.Management.Automation.PSCmdlet] $Cmdlet, [int] $Sent, [int] $Open, [long] $Started, [switch] $Completed)

    if ([System.Environment]::TickCount64 - $Started -lt 1000) { return }
    $progress = [System.Management.Automation.ProgressRecord]::new(7310, 'Assuming roles', "$($Sent - $Open) of $Sent")
    if ($Sent -gt 0) { $progress.PercentComplete = [System.Math]::Floor(100 * ($Sent - $Open) / $Sent) }
    if ($Completed) { $progress.RecordType = 'Completed' }
    $Cmdlet.WriteProgress($progress)
}
