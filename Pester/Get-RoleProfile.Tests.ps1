BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Sandbox.psm1')
    Enter-Sandbox
    $jo = Get-SandboxKey jo
    $role = @{ RoleArn = 'arn:aws:iam::123456789012:role/Admin'; MfaSerial = 'arn:aws:iam::111111111111:mfa/jo' }
    Set-RoleCredentials @jo -Region eu-west-1
    Set-RoleCredentials -StoreAs prod -SourceProfile default -ExternalId ticket-42 @role
    Set-RoleCredentials -StoreAs Prod -SourceProfile default -MfaSession @role
    Set-RoleCredentials -StoreAs batch -RoleArn $role.RoleArn -CredentialSource Ec2InstanceMetadata
}

AfterAll { Exit-Sandbox }

Describe 'Get-RoleProfile' {
    It 'lists all profiles with the source of their credentials' {
        (Get-RoleProfile).ProfileName | Sort-Object -CaseSensitive | Should -BeExactly 'batch', 'default', 'prod', 'Prod'
        (Get-RoleProfile batch).Source | Should -Be 'Ec2InstanceMetadata'
    }

    It 'finds profiles by case-sensitive name, by pattern and from the pipeline' {
        (Get-RoleProfile Prod).ProfileName | Should -BeExactly 'Prod'
        (Get-RoleProfile 'b*').ProfileName | Should -Be 'batch'
        ('batch', 'prod' | Get-RoleProfile).ProfileName | Should -BeExactly 'batch', 'prod'
    }

    It 'has the properties that Set-RoleCredentials accepts, and those that distinguish profiles' {
        $names = (Get-RoleProfile prod).PSObject.Properties.Name.Where({ $_ -notin 'Source', 'Account', 'Role', 'SsoSession', 'LoginSession', 'KeyStore' })
        foreach ($name in $names) { (Get-Command Set-RoleCredentials).Parameters.Keys | Should -Contain $name }
    }

    It 'reports a missing name and continues' {
        $found = Get-RoleProfile nobody, prod -ErrorAction SilentlyContinue -ErrorVariable failures
        $found.ProfileName | Should -Be 'prod'
        $failures[0].FullyQualifiedErrorId | Should -Be 'ProfileNotFound,RoleCredentials.GetRoleProfileCommand'
        $failures[0].TargetObject, $failures[0].CategoryInfo.Category | Should -Be 'nobody', 'ObjectNotFound'
        $failures[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        Get-RoleProfile 'nobody*' | Should -BeNullOrEmpty
        Get-RoleProfile PROD -ErrorAction SilentlyContinue -ErrorVariable failures
        "$failures" | Should -Match "^There is no profile 'PROD'\. Line \d+ of .* is \[profile prod\], which "
    }

    It 'shows a table that fits <Width> columns without truncation' -ForEach @{ Width = 80 }, @{ Width = 120 } {
        $shown = Get-RoleProfile | Out-String -Width $Width
        $lines = $shown.Split("`n").TrimEnd() -ne ''
        $lines[0] -split ' +' | Should -Be 'Account', 'ProfileName', 'Role', 'Source', 'MFA', 'Region'
        $lines.ForEach({ $_.Length }) | Should -Not -BeGreaterThan $Width
        ($shown -replace '\s') | Should -Not -Match '…'
    }

    It 'shows only configured settings in a list' {
        $shown = Get-RoleProfile prod | Format-List | Out-String
        $shown | Should -Match 'ExternalId    : ticket-42'
        $shown | Should -Not -Match 'Region'
    }
}

Describe 'A profile of each kind' {
    BeforeAll {
        $ann = Get-SandboxKey ann
        Set-SandboxFile -Credentials @"
[default]
aws_access_key_id = $($jo.AccessKey)
aws_secret_access_key = $($jo.SecretKey)
[temp]
aws_access_key_id = ASIAEXPIREDEXAMPLE01
aws_secret_access_key = Expired/EXAMPLE+secret000000000000000001
aws_session_token = EXPIREDEXAMPLETOKEN//////////wEaCXVzLWVhc3QtMSJHMEUCIQDexample==
"@ -Config @"
[default]
region = eu-west-1
output = json
[profile prod]
role_arn = $($role.RoleArn)
source_profile = default
mfa_serial = $($role.MfaSerial)
duration_seconds = 7200
session_tags = project=apollo, stage=a=b
transitive_session_tags = project, stage
[profile strong]
role_arn = $($role.RoleArn)
source_profile = default
mfa_serial = $($role.MfaSerial)
mfa_session = true
[profile staff]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = ReadOnly
[profile pod]
role_arn = $($role.RoleArn)
web_identity_token_file = /run/token
[profile tool]
credential_process = /opt/tool --secret $($ann.SecretKey)
[profile mixed]
credential_process = /opt/tool
login_session = arn:aws:iam::111111111111:user/jo
aws_access_key_id = $($jo.AccessKey)
aws_secret_access_key = $($jo.SecretKey)
[profile where]
region = us-east-1
[profile constructor]
region = us-east-2
[profile broken]
role_arn = nonsense
duration_seconds = soon
[sso-session corp]
sso_region = eu-west-1
sso_start_url = https://sandbox.awsapps.com/start
"@
    }

    It 'shows how it gets MFA codes' {
        Set-RoleCredentials -StoreAs printed @role -SourceProfile default -MfaProcess 'pass otp aws'
        Get-RoleProfile printed | Format-Table | Out-String -Width 200 | Should -Match 'printed .* program '
        Get-RoleProfile printed | Format-List | Out-String | Should -Match 'MfaProcess +: pass otp aws'
        Remove-RoleProfile printed -Force
    }

    It 'shows the source of its credentials' {
        $sources = Get-RoleProfile | ForEach-Object { "$($_.ProfileName): $($_.Source)" } | Sort-Object
        $sources | Should -Be @(
            'broken: ', 'constructor: ', 'default: keys', 'mixed: keys', 'pod: web identity', 'prod: profile default', 'staff: IAM Identity Center corp'
            'strong: profile default', 'temp: keys', 'tool: credential process', 'where: ')
    }

    It 'shows its settings under the parameter names of Set-RoleCredentials' {
        $prod = Get-RoleProfile prod
        $prod.RoleArn, $prod.Account, $prod.Role, $prod.SourceProfile, $prod.MfaSerial, $prod.MfaSession, $prod.DurationInSeconds |
            Should -Be $role.RoleArn, '123456789012', 'Admin', 'default', $role.MfaSerial, $false, 7200
        $prod.Tag.project, $prod.Tag.stage, $prod.TransitiveTagKey[0], $prod.TransitiveTagKey[1] | Should -Be 'apollo', 'a=b', 'project', 'stage'
        foreach ($name in 'SsoSession', 'LoginSession', 'CredentialSource', 'MfaProcess', 'ExternalId', 'RoleSessionName', 'SourceIdentity', 'AccessKey', 'Region', 'Output') {
            if ($null -ne $prod.$name) { throw "$name is $($prod.$name)" }
        }
    }

    It 'is found by <What>' -ForEach @(
        @{ What = 'a pattern'; Script = { Get-RoleProfile '*o*' }; Names = 'broken', 'constructor', 'pod', 'prod', 'strong', 'tool' }
        @{ What = 'a property'; Script = { [pscustomobject]@{ ProfileName = 'prod' } | Get-RoleProfile }; Names = 'prod' }
        @{ What = 'the alias of AWS Tools'; Script = { Get-RoleProfile -StoredCredentials prod }; Names = 'prod' }
        @{ What = 'the name of a member of every JavaScript object'; Script = { Get-RoleProfile constructor }; Names = 'constructor' }
    ) {
        (& $Script).ProfileName | Sort-Object | Should -Be $Names
    }

    It 'shows no secret in any property or view' {
        $shown = Get-RoleProfile | ForEach-Object { $_ | Out-String -Width 500; $_.PSObject.Properties.ForEach({ "$($_.Name)=$($_.Value)" }) }
        Find-SandboxSecret "$shown" | Should -BeNullOrEmpty
        "$shown" | Should -Not -Match "EXPIREDEXAMPLETOKEN|$($jo.AccessKey)"
        "$shown" | Should -Match 'AccessKey=\*{16}0001'
    }

    It 'shows its MFA and its account in the table' {
        $lines = (Get-RoleProfile prod, strong, default | Out-String -Width 120) -split "`n" -ne ''
        ($lines -match ' prod ')[0] | Should -Match '^123456789012 prod +Admin +default +code'
        ($lines -match ' strong ')[0] | Should -Match '^123456789012 strong +Admin +default +session'
        ($lines -match ' keys ')[0] | Should -Match '^ +default +keys +eu-west-1'
    }

    It 'is not found where there are no files' {
        Get-RoleProfile -ProfileLocation nowhere/at-all | Should -BeNullOrEmpty
    }
}
