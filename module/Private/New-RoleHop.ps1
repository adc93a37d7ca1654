function New-RoleHop {
    # A tested hop as an object.
    [CmdletBinding()]
    [OutputType('RoleCredentials.Hop')]
    param([Parameter(Mandatory)] [hashtable] $Report, [Parameter(Mandatory)] [string] $Target)

    $identity = $Report['identity'] ? $Report['identity'] : @{}
    $failure = $Report['error'] ? $Report['error'] : @{}
    $causes = [object[]]@(foreach ($cause in $Report['causes']) {
            [pscustomobject]@{
                PSTypeName = 'RoleCredentials.Cause'
                Id = $cause['id']
                Likelihood = $cause['likelihood']
                Explanation = $cause['explanation']
                Action = $cause['action']
            }
        })
    [pscustomobject]@{
        PSTypeName = 'RoleCredentials.Hop'
        Target = $Target
        Number = [int]$Report['number']
        Operation = $Report['operation']
        Hop = $Report['hop']
        ProfileName = $Report['profileName']
        RoleArn = $Report['roleArn']
        Source = $Report['source']
        Identity = $identity['arn']
        Account = $identity['account']
        Endpoint = $Report['endpoint']
        Region = $Report['region']
        Expiration = $Report['expiration'] ? [datetime]::Parse($Report['expiration'], [cultureinfo]::InvariantCulture, 'RoundtripKind') : $null
        Cached = [bool]$Report['cached']
        Succeeded = [bool]$Report['succeeded']
        Cause = $causes.Count -gt 0 ? (Format-RoleCause $causes[0]) : $null
        Action = $causes.Count -gt 0 ? $causes[0].Action : $null
        Causes = $causes
        TrustPolicy = $Report['trustPolicy']
        IdentityPolicy = $Report['identityPolicy']
        ErrorId = $failure['id']
        ErrorMessage = $failure['message']
        ClockSkewSeconds = $null -ne $Report['clockSkewSeconds'] ? [int]$Report['clockSkewSeconds'] : $null
    }
}

function Format-RoleCause {
    # What is only guessed says so.
    [CmdletBinding()]
    [OutputType([string])]
    param([psobject] $Cause)

    $Cause.Likelihood -eq 'Certain' ? $Cause.Explanation : "$($Cause.Likelihood): $($Cause.Explanation)"
}
