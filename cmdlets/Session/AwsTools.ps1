# AWS Tools for PowerShell prefer the session variable $StoredAWSCredentials, and then the stored default profile, to the environment. So
# set their credentials too if they are loaded. Only their cmdlet can set that variable; leaving the role restores the original object.

function Get-AwsToolsCommand {
    # Returns a cmdlet of AWS Tools if they are loaded. The lookup must not load them, because that takes seconds.
    [CmdletBinding()]
    param([string] $Name)

    # GetCommand would load them, and so would Get-Command -ListImported.
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
    # The variables belong to one runspace. This function cannot reach those of another, which the role did not change.
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
    # A failure is only a warning: the environment already holds the role, so stopping here would leave it half entered.
    [CmdletBinding()]
    param([System.Management.Automation.CommandInfo] $Command, [hashtable] $Parameters)

    if ($Command.Parameters.ContainsKey('Scope')) { $Parameters['Scope'] = 'Global' }
    try {
        $null = & $Command @Parameters
    } catch [System.Management.Automation.PipelineStoppedException] {
        throw
    } catch {
        [RoleCredentials.Terminal]::WriteWarning($script:Caller, "AWS Tools could not switch to the role: $($_.Exception.Message)")
    }
}

function Get-GlobalVariable {
    # Returns a global variable wrapped in a hashtable, because its value may be null. Returns nothing if it does not exist.
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
