function New-UsedRole {
    # A role of the history as an object. The profile is there only where there was one, so that the pipeline binds what counts.
    [CmdletBinding()]
    [OutputType([pscustomobject])]
    param([Parameter(Mandatory)] [hashtable] $Used)

    $arn = $Used['roleArn']
    $view = [ordered]@{ PSTypeName = 'RoleCredentials.UsedRole'; RoleArn = $arn }
    if ($Used['profileName']) { $view['ProfileName'] = $Used['profileName'] }
    $view['Account'] = $arn.Split(':')[4]
    $view['Role'] = $arn.Substring($arn.IndexOf(':role/', [System.StringComparison]::Ordinal) + 6)
    $view['DisplayName'] = $Used['displayName']
    $view['Color'] = $Used['color']
    $view['Region'] = $Used['region']
    $view['LastUsed'] = [datetime]::Parse($Used['lastUsed'], [cultureinfo]::InvariantCulture, 'RoundtripKind')
    [pscustomobject]$view
}
