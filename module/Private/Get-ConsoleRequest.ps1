function Get-ConsoleRequest {
    # What Open-RoleConsole asks the core for: the role that was named, else the one that is entered, else one of those used lately.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param([System.Management.Automation.PSCmdlet] $Cmdlet, [System.Collections.IDictionary] $Bound, [string] $Known)

    $signIn = $Bound.ContainsKey('SignIn') -and $Bound['SignIn']
    Assert-ConsoleParameter $Cmdlet $Bound $signIn
    $request = ConvertTo-RoleRequest $Cmdlet $Bound
    $request.Remove('durationInSeconds')
    if ($Known -and $signIn) {
        $request.Remove('roleArn')
        $request['profileName'] = $Known
    }
    $name = foreach ($key in 'profileName', 'roleArn', 'roleName') { if ($request[$key]) { $request[$key] } }
    if (-not $name -and -not $request['credentials']) {
        $name = Add-ConsoleRole $Cmdlet $request $signIn
    }
    if ($signIn) {
        $request['conversation'] = [guid]::NewGuid().ToString()
        if ($Bound.ContainsKey('Destination')) { $request['destination'] = [string]$Bound['Destination'] }
        if ($Bound.ContainsKey('DurationInSeconds')) { $request['sessionDurationInSeconds'] = [int]$Bound['DurationInSeconds'] }
    } else {
        if ($request['accountId']) {
            $request['account'] = $request['accountId']
            $request.Remove('accountId')
        }
        foreach ($key in 'DisplayName', 'Color') {
            if ($Bound.ContainsKey($key)) { $request[[char]::ToLowerInvariant($key[0]) + $key.Substring(1)] = [string]$Bound[$key] }
        }
    }
    @{ Request = $request; Name = @($name)[0] ?? 'the given credentials' }
}

function Assert-ConsoleParameter {
    # A parameter that would have no effect is a mistake.
    [CmdletBinding()]
    param([System.Management.Automation.PSCmdlet] $Cmdlet, [System.Collections.IDictionary] $Bound, [bool] $SignIn)

    $idle = $SignIn ? @('DisplayName', 'Color') :
        @('Destination', 'DurationInSeconds', 'MfaSerial', 'TokenCode', 'ExternalId', 'RoleSessionName', 'SourceProfile', 'Credential')
    foreach ($name in $idle) {
        if (-not $Bound.ContainsKey($name)) { continue }
        $message = $SignIn ? "-$name is for the Switch Role page, and -SignIn does not show that." : "-$name takes effect with -SignIn only."
        $Cmdlet.ThrowTerminatingError((New-CoreFailure 'ParameterConflict' $message ($SignIn ? "Leave out -$name." : "Add -SignIn, or leave out -$name.") "-$name" 'InvalidArgument'))
    }
}

function Add-ConsoleRole {
    # The entered role, else one of those used lately. Returns its name.
    [CmdletBinding()]
    param([System.Management.Automation.PSCmdlet] $Cmdlet, [hashtable] $Request, [bool] $SignIn)

    $frames = Get-RoleFrame
    $count = Get-OwnFrameCount (Get-RoleStack) $frames
    if ($count -gt 0) {
        $frame = $frames[$count - 1]
        if ($SignIn) {
            # As what the session is, and not as what it could be anew.
            $Request['credentials'] = @{ accessKeyId = $frame.Set['AWS_ACCESS_KEY_ID']; secretAccessKey = $frame.Set['AWS_SECRET_ACCESS_KEY'] }
            if ($frame.Set['AWS_SESSION_TOKEN']) { $Request['credentials']['sessionToken'] = $frame.Set['AWS_SESSION_TOKEN'] }
            $Request['chained'] = $frame.Chained
            if ($frame.RoleArn) { $Request['partition'] = $frame.RoleArn.Split(':')[1] }
            if ($frame.Region -and -not $Request['region']) { $Request['region'] = $frame.Region }
            return $frame.Name
        }
        if ($frame.RoleArn) {
            $Request['roleArn'] = $frame.RoleArn
            return $frame.Name
        }
    }
    $used = Select-UsedRole $Cmdlet
    if ($used['profileName'] -and $SignIn) { $Request['profileName'] = $used['profileName'] } else { $Request['roleArn'] = $used['roleArn'] }
    $used['roleArn']
}

function Select-UsedRole {
    # Lets the person at the host choose one of the roles used lately.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param([System.Management.Automation.PSCmdlet] $Cmdlet)

    $used = (Invoke-Core $Cmdlet 'history/list' @{})['roles']
    if ($used.Count -eq 0) {
        $Cmdlet.ThrowTerminatingError((New-CoreFailure 'NoRoleNamed' 'No role is named or entered, and none was used lately.' 'Give -RoleArn, -ProfileName, or -RoleName and -AccountId.' $null 'InvalidArgument'))
    }
    $choices = [System.Collections.ObjectModel.Collection[System.Management.Automation.Host.ChoiceDescription]]::new()
    for ($index = 0; $index -lt [System.Math]::Min(9, $used.Count); $index++) {
        $role = New-UsedRole $used[$index]
        $label = $role.DisplayName ? "$($role.DisplayName) ($($role.Role), $($role.Account))" : "$($role.Role) ($($role.Account))"
        $choices.Add([System.Management.Automation.Host.ChoiceDescription]::new("&$($index + 1) $label", $role.RoleArn))
    }
    try {
        $chosen = $Cmdlet.Host.UI.PromptForChoice('Roles', 'Which role is the console to be opened for?', $choices, 0)
    } catch [System.Management.Automation.PipelineStoppedException] {
        throw
    } catch {
        $Cmdlet.ThrowTerminatingError((New-CoreFailure 'InputRequired' 'There is nobody to ask which role is meant.' 'Give -RoleArn, -ProfileName, or -RoleName and -AccountId.' $null 'InvalidOperation'))
    }
    $used[$chosen]
}
