function Write-Step {
    # One step of what happens, for -Verbose; with -Debug alone it goes there: PowerShell would stop at each verbose line and ask.
    [CmdletBinding()]
    param([System.Management.Automation.PSCmdlet] $Cmdlet, [string] $Text)

    if ($DebugPreference -eq 'SilentlyContinue' -or $Cmdlet.MyInvocation.BoundParameters.ContainsKey('Verbose')) { $Cmdlet.WriteVerbose($Text) }
    else { $Cmdlet.WriteDebug($Text) }
}
