# AWS Tools for PowerShell prefer $StoredAWSCredentials of the session, and then the stored default profile, to the environment. So
# where they are loaded they are told. That variable can only be set through their cmdlet; what it held is put back as the object it was.

function Get-AwsToolsCommand {
    # A cmdlet of AWS Tools, if they are loaded. Looking for it must not load them: that takes seconds.
    [CmdletBinding()]
    param([string] $Name)

    # GetCommand, and Get-Command -ListImported too, would.
    foreach ($command in $ExecutionContext.InvokeCommand.GetCommands($Name, 'Cmdlet,Function', $false)) { return $command }
}

function Push-AwsToolsIdentity {
    [CmdletBinding()]
    param([RoleCredentials.RoleFrame] $Frame)

    $setCredential = Get-AwsToolsCommand 'Set-AWSCredential'
    if ($null -eq $setCredential) { return }
    if ($null -eq $Frame.AwsTools) {
        $Frame.AwsTools = @{ Credentials = Get-GlobalVariable 'StoredAWSCredentials'; Region = Get-GlobalVariable 'StoredAWSRegion' }
    }
    Invoke-AwsTools $setCredential @{ Credential = $Frame.Credentials }
    $setRegion = Get-AwsToolsCommand 'Set-DefaultAWSRegion'
    if ($Frame.Region -and $null -ne $setRegion) { Invoke-AwsTools $setRegion @{ Region = $Frame.Region } }
}

function Pop-AwsToolsIdentity {
    # The variables belong to a runspace: another one's are out of reach, and were not touched.
    [CmdletBinding()]
    param([RoleCredentials.RoleFrame] $Frame)

    if ($null -eq $Frame.AwsTools -or -not $Frame.IsOwn) { return }
    if ($null -eq $Frame.AwsTools.Credentials) {
        $clear = Get-AwsToolsCommand 'Clear-AWSCredential'
        if ($null -ne $clear) { Invoke-AwsTools $clear @{} }
    }
    Restore-GlobalVariable 'StoredAWSCredentials' $Frame.AwsTools.Credentials
    Restore-GlobalVariable 'StoredAWSRegion' $Frame.AwsTools.Region
}

function Invoke-AwsTools {
    # What goes wrong there is no reason to be in a role by half: the environment says it all the same.
    [CmdletBinding()]
    param([System.Management.Automation.CommandInfo] $Command, [hashtable] $Parameters)

    if ($Command.Parameters.ContainsKey('Scope')) { $Parameters['Scope'] = 'Global' }
    try {
        $null = & $Command @Parameters
    } catch [System.Management.Automation.PipelineStoppedException] {
        throw
    } catch {
        [RoleCredentials.Terminal]::WriteWarning(($script:Caller ?? $PSCmdlet), "AWS Tools did not take the role over: $($_.Exception.Message)")
    }
}

function Get-GlobalVariable {
    # A variable of the session in a box, since its value may be null; nothing when there is none.
    [CmdletBinding()]
    param([string] $Name)

    $variable = $ExecutionContext.SessionState.PSVariable.Get("global:$Name")
    if ($null -ne $variable) { @{ Value = $variable.Value } }
}

function Restore-GlobalVariable {
    [CmdletBinding()]
    param([string] $Name, [hashtable] $Box)

    $variables = $ExecutionContext.SessionState.PSVariable
    if ($null -ne $Box) { $variables.Set("global:$Name", $Box.Value) }
    elseif ($null -ne $variables.Get("global:$Name")) { $variables.Remove("global:$Name") }
}
