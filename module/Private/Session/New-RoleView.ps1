function New-RoleView {
    # What Get-Role shows of a frame. Never a secret.
    [CmdletBinding()]
    [OutputType([pscustomobject])]
    param([hashtable] $Frame, [int] $Depth)

    [pscustomobject]@{
        PSTypeName = 'RoleCredentials.Role'
        Depth = $Depth
        Name = $Frame.Name
        Account = $Frame.Account
        Role = $Frame.RoleName
        RoleArn = $Frame.RoleArn
        AssumedRole = $Frame.AssumedRole
        ProfileName = $Frame.ProfileName
        Source = $Frame.Block ? 'a script block of Use-Role' : 'Enter-Role'
        Region = $Frame.Region
        Expiration = $Frame.Expiration
        MinutesLeft = Get-MinutesLeft $Frame.Expiration
        Renews = $Frame.Renewal -in 'silent', 'session'
        Chained = $Frame.Chained
        VerifiedArn = $null
        Problem = $Frame.Failure
    }
}

function New-OriginalRoleView {
    # The identity beneath all roles, as the core describes it.
    [CmdletBinding()]
    [OutputType([pscustomobject])]
    param([hashtable] $Described)

    $arn = $Described['roleArn']
    $roleName = $arn ? $arn.Substring($arn.IndexOf(':role/', [System.StringComparison]::Ordinal) + 6) : $Described['roleName']
    $expiration = [datetime]::MinValue
    $hasExpiration = $Described['expiration'] -and
        [datetime]::TryParse($Described['expiration'], [cultureinfo]::InvariantCulture, 'AdjustToUniversal, AssumeUniversal', [ref] $expiration)
    [pscustomobject]@{
        PSTypeName = 'RoleCredentials.Role'
        Depth = 0
        Name = $Described['profileName'] ? $Described['profileName'] : $Described['source']
        Account = $Described['account']
        Role = $roleName
        RoleArn = $arn
        AssumedRole = $null
        ProfileName = $Described['profileName']
        Source = $Described['source']
        Region = $Described['region']
        Expiration = $hasExpiration ? $expiration : $null
        MinutesLeft = Get-MinutesLeft ($hasExpiration ? $expiration : $null)
        Renews = $null
        Chained = $false
        VerifiedArn = $null
        Problem = $Described['problem']
    }
}

function Add-VerifiedIdentity {
    [CmdletBinding()]
    param([pscustomobject] $View, [hashtable] $Identity)

    $View.VerifiedArn = $Identity['arn']
    $View.Account = $Identity['account']
}

function Get-MinutesLeft {
    # Whole minutes, not fewer than none; nothing for what does not expire.
    [CmdletBinding()]
    param([System.Nullable[datetime]] $Expiration)

    if ($null -ne $Expiration) { [int][System.Math]::Max(0, [System.Math]::Floor(($Expiration - [datetime]::UtcNow).TotalMinutes)) }
}
