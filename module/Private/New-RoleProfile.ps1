function New-RoleProfile {
    # A stored profile as an object: the parameters of Set-RoleCredentials by name, and never a secret.
    [CmdletBinding()]
    [OutputType('RoleCredentials.Profile')]
    param([Parameter(Mandatory)] [hashtable] $Summary)

    $settings = $Summary['settings']
    $source =
        if ($settings['sourceProfile']) { "profile $($settings['sourceProfile'])" }
        elseif ($settings['credentialSource']) { $settings['credentialSource'] }
        elseif ($settings['webIdentityTokenFile']) { 'web identity' }
        elseif ($settings['ssoAccountId'] -or $settings['ssoRoleName']) { 'IAM Identity Center' }
        elseif ($settings['accessKeyId'] -or $settings['secretAccessKey']) { 'keys' }
        elseif ($settings['credentialProcess']) { 'credential process' }
    $tags = [ordered]@{}
    foreach ($pair in ([string]$settings['sessionTags']).Split(',')) {
        $key, $value = $pair.Split('=', 2)
        if ($null -ne $value) { $tags[$key.Trim()] = $value.Trim() }
    }
    [pscustomobject]@{
        PSTypeName = 'RoleCredentials.Profile'
        ProfileName = $Summary['name']
        Source = $source
        RoleArn = $settings['roleArn']
        SourceProfile = $settings['sourceProfile']
        CredentialSource = $settings['credentialSource']
        MfaSerial = $settings['mfaSerial']
        MfaSession = $settings['mfaSession'] -eq 'true'
        ExternalId = $settings['externalId']
        RoleSessionName = $settings['roleSessionName']
        DurationInSeconds = $settings['durationSeconds'] ? ($settings['durationSeconds'] -as [int]) : $null
        SourceIdentity = $settings['sourceIdentity']
        Tag = $tags.Count -gt 0 ? $tags : $null
        TransitiveTagKey = $settings['transitiveSessionTags'] ? $settings['transitiveSessionTags'].Split(',').Trim() : $null
        AccessKey = $settings['accessKeyId']
        Region = $settings['region']
        Output = $settings['output']
    }
}
