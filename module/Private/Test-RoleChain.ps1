function Test-RoleChain {
    # Walks one chain for a cmdlet: each hop is a request of its own, so that it is out as soon as it is done.
    [CmdletBinding()]
    param(
        [System.Management.Automation.PSCmdlet] $Cmdlet,
        [hashtable] $Request,
        [string] $Target,
        [switch] $Quiet
    )

    $Request['conversation'] = [guid]::NewGuid().ToString()
    $warned = $false
    for ($number = 1; ; $number++) {
        $Request['hop'] = $number
        $report = Test-RoleHop $Cmdlet $Request
        # There is no chain to test: that is an error, and the next chain's turn.
        if ($null -eq $report) { return }
        # A code that was used is not there for a later hop.
        if ($report['codeTaken']) { $Request.Remove('tokenCode') }
        if (-not $warned -and $report['succeeded'] -and $null -ne $report['clockSkewSeconds']) {
            $warned = $true
            $seconds = [int]$report['clockSkewSeconds']
            $where = $seconds -lt 0 ? 'behind' : 'ahead of'
            $Cmdlet.WriteWarning("This machine's clock is $([System.Math]::Abs($seconds)) seconds $where AWS's, which tolerates five minutes.")
        }
        if (-not $Quiet) { $Cmdlet.WriteObject((New-RoleHop $report $Target)) }
        if ($report['last']) { break }
    }
    if ($Quiet) { $Cmdlet.WriteObject($report['succeeded']) }
}

function Test-RoleHop {
    # One hop, for which a code is asked for where it is wanted; where nobody gives it, that is what was found.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param([System.Management.Automation.PSCmdlet] $Cmdlet, [hashtable] $Request)

    $asked = $Request.Clone()
    while ($true) {
        $ticket = Request-Core $Cmdlet 'role/test' $asked
        if ($ticket['ErrorRecord']) {
            $Cmdlet.WriteError($ticket['ErrorRecord'])
            return
        }
        $report = $ticket['Result']
        if ($report['succeeded'] -or $report['error']['id'] -ne 'MfaRequired' -or $asked.ContainsKey('tokenCodes')) { return $report }
        $code = Read-MfaCode $Cmdlet @{ Error = @{ data = $report['error'] }; Parameters = $asked }
        if (-not $code) { return $report }
        $asked['tokenCodes'] = @{ $report['error']['mfaSerial'] = $code }
    }
}
