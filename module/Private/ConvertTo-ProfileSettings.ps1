function ConvertTo-ProfileSettings {
    # The bound parameters of Set-RoleCredentials as settings to store. An empty text removes a setting.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param([Parameter(Mandatory)] [System.Management.Automation.PSCmdlet] $Cmdlet, [Parameter(Mandatory)] [System.Collections.IDictionary] $Bound)

    $settings = @{}
    $text = [ordered]@{
        RoleArn = 'roleArn'; SourceProfile = 'sourceProfile'; CredentialSource = 'credentialSource'; MfaSerial = 'mfaSerial'
        ExternalId = 'externalId'; RoleSessionName = 'roleSessionName'; SourceIdentity = 'sourceIdentity'
        Region = 'region'; Output = 'output'
    }
    foreach ($name in $text.Keys) {
        if ($Bound.ContainsKey($name)) { $settings[$text[$name]] = $Bound[$name] ? [string]$Bound[$name] : $null }
    }
    if ($Bound.ContainsKey('DurationInSeconds')) {
        # No session lasts 0 seconds: it stands for "as long as AWS says".
        $settings['durationSeconds'] = $Bound['DurationInSeconds'] -eq 0 ? $null : $Bound['DurationInSeconds'].ToString([cultureinfo]::InvariantCulture)
    }
    if ($Bound.ContainsKey('MfaSession')) { $settings['mfaSession'] = $Bound['MfaSession'] ? 'true' : $null }
    if ($Bound.ContainsKey('Tag')) {
        $pairs = @(foreach ($tag in ConvertTo-SessionTag $Cmdlet $Bound['Tag']) {
            # A profile holds them as key=value,key=value, which leaves no way to write these.
            if ($tag['key'] -match '[=,]' -or $tag['value'] -match ',') {
                $record = New-CoreFailure 'TagInvalid' "Tag '$($tag['key'])' cannot be stored in a profile." 'A stored tag has no comma, and its key no equals sign. Use-Role -Tag takes it.' $tag['key'] 'InvalidArgument'
                $Cmdlet.ThrowTerminatingError($record)
            }
            "$($tag['key'])=$($tag['value'])"
        })
        $settings['sessionTags'] = $pairs.Count -gt 0 ? [string]::Join(',', $pairs) : $null
    }
    if ($Bound.ContainsKey('TransitiveTagKey')) {
        $settings['transitiveSessionTags'] = $Bound['TransitiveTagKey'] ? [string]::Join(',', $Bound['TransitiveTagKey']) : $null
    }

    if ($Bound.ContainsKey('Credential')) {
        $keys = ConvertTo-WireCredentials $Cmdlet $Bound['Credential']
        foreach ($name in 'accessKeyId', 'secretAccessKey') { $settings[$name] = $keys[$name] }
        $settings['sessionToken'] = $keys['sessionToken']
    }
    if ($Bound.ContainsKey('AccessKey')) {
        $settings['accessKeyId'] = [string]$Bound['AccessKey']
        $settings['secretAccessKey'] = $Bound.ContainsKey('SecretKey') ? (ConvertFrom-Secret $Bound['SecretKey']) : (Read-HostText $Cmdlet 'AWS Secret Access Key' -Secret)
        $settings['sessionToken'] = $Bound.ContainsKey('SessionToken') ? (ConvertFrom-Secret $Bound['SessionToken']) : $null
    }
    $settings
}

function Format-ProfileChange {
    # What would be done to a profile, for -WhatIf and -Confirm: names of settings, never values.
    [CmdletBinding()]
    [OutputType([string])]
    param([hashtable] $Settings)

    # New keys always take an old token away.
    $names = @($Settings.Keys) -ne ($Settings['accessKeyId'] -and $null -eq $Settings['sessionToken'] ? 'sessionToken' : '')
    [System.Array]::Sort($names)
    $parts = foreach ($isStored in $true, $false) {
        $chosen = @(foreach ($name in $names) { if (($null -ne $Settings[$name]) -eq $isStored) { $name } })
        if ($chosen.Count -gt 0) { "$($isStored ? 'Store' : 'Remove') $([string]::Join(', ', $chosen))" }
    }
    [string]::Join('; ', @($parts))
}

function Read-ProfileSettings {
    # Asks as 'aws configure' does, showing what is stored, keys masked; Enter keeps.
    [System.Diagnostics.DebuggerStepThrough()]
    [CmdletBinding()]
    [OutputType([hashtable])]
    param([System.Management.Automation.PSCmdlet] $Cmdlet, [string] $Name, [hashtable] $Location)

    $stored = @{}
    foreach ($known in (Invoke-Core $Cmdlet 'profile/list' $Location.Clone())['profiles']) {
        if ($known['name'] -ceq $Name) { $stored = $known['settings'] }
    }
    $questions = $stored['roleArn'] ? [ordered]@{
        roleArn = 'Role ARN'
        sourceProfile = 'Source profile'
        mfaSerial = 'MFA serial'
    } : [ordered]@{
        accessKeyId = 'AWS Access Key ID'
        secretAccessKey = 'AWS Secret Access Key'
    }
    $questions['region'] = 'Default region name'
    $questions['output'] = 'Default output format'

    $answers = @{}
    foreach ($setting in $questions.Keys) {
        $prompt = "$($questions[$setting]) [$($stored[$setting] ? $stored[$setting] : 'None')]"
        $answer = Read-HostText $Cmdlet $prompt -Secret:($setting -eq 'secretAccessKey')
        if ($answer) { $answers[$setting] = $answer }
    }
    # Keys belong together: a token of other keys would make these useless.
    if ($answers.ContainsKey('accessKeyId')) { $answers['sessionToken'] = $null }
    $answers
}
