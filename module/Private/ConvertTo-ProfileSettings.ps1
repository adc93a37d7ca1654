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
        $settings['durationSeconds'] = $Bound['DurationInSeconds'].ToString([cultureinfo]::InvariantCulture)
    }
    if ($Bound.ContainsKey('MfaSession')) { $settings['mfaSession'] = $Bound['MfaSession'] ? 'true' : $null }
    if ($Bound.ContainsKey('Tag')) {
        $pairs = foreach ($tag in ConvertTo-SessionTag $Bound['Tag']) { "$($tag['key'])=$($tag['value'])" }
        $settings['sessionTags'] = [string]::Join(',', @($pairs))
    }
    if ($Bound.ContainsKey('TransitiveTagKey')) { $settings['transitiveSessionTags'] = [string]::Join(',', $Bound['TransitiveTagKey']) }

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

function Read-ProfileSettings {
    # Asks as 'aws configure' does, showing what is stored, keys masked; Enter keeps.
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
