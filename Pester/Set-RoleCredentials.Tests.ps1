BeforeAll { Import-Module (Join-Path $PSScriptRoot 'Sandbox.psm1') }

Describe 'Set-RoleCredentials' {
    BeforeEach {
        Enter-Sandbox
        $jo = Get-SandboxKey jo
        $folder = Join-Path (Get-SandboxHome) '.aws'
        $admin = 'arn:aws:iam::123456789012:role/Admin'
        $joSection = "[default]`naws_access_key_id = $($jo.AccessKey)`naws_secret_access_key = $($jo.SecretKey)`n"
    }
    AfterEach { Exit-Sandbox }

    It 'has the alias Set-RoleCredential' {
        (Get-Alias Set-RoleCredential).Definition | Should -Be 'Set-RoleCredentials'
    }

    It 'stores keys given as <What>' -ForEach @(
        @{ What = 'text'; Script = { Set-RoleCredentials @jo } }
        @{ What = 'SecureString'; Script = {
                Set-RoleCredentials -AccessKey $jo.AccessKey -SecretKey (ConvertTo-SecureString $jo.SecretKey -AsPlainText)
            }
        }
        @{ What = 'PSCredential'; Script = {
                Set-RoleCredentials -Credential ([pscredential]::new($jo.AccessKey, (ConvertTo-SecureString $jo.SecretKey -AsPlainText)))
            }
        }
        @{ What = 'the aliases of AWS Tools'; Script = {
                Set-RoleCredentials -AK $jo.AccessKey -SK (ConvertTo-SecureString $jo.SecretKey -AsPlainText)
            }
        }
        @{ What = 'properties'; Script = { [pscustomobject]$jo | Set-RoleCredentials } }
    ) {
        & $Script | Should -BeNullOrEmpty
        Get-SandboxFile credentials | Should -BeExactly $joSection
    }

    It 'stores the result of Use-Role with its token, which new keys then remove' {
        Set-RoleCredentials @jo
        Use-Role $admin | ForEach-Object { Set-RoleCredentials -StoreAs temp -Credential $_ }
        Get-SandboxFile credentials | Should -Match '(?m)^\[temp\]\naws_access_key_id = ASIA.*\naws_secret_access_key = .*\naws_session_token = .+\n'
        Set-RoleCredentials @jo -StoreAs temp
        Get-SandboxFile credentials | Should -BeExactly "$joSection`n$($joSection -replace 'default', 'temp')"
    }

    It 'stores a second profile with -StoreAs, and a copy of a profile with -ProfileName' {
        Set-RoleCredentials @jo
        Set-RoleCredential @jo -StoreAs second
        Get-SandboxFile credentials | Should -BeExactly "$joSection`n$($joSection -replace 'default', 'second')"
        Set-RoleCredentials -ProfileName second -StoreAs copy
        (Get-SandboxFile credentials).EndsWith("`n$($joSection -replace 'default', 'copy')") | Should -BeTrue
    }

    It 'removes every setting with an empty string, and replaces a source' {
        Set-RoleCredentials @jo
        Set-RoleCredentials -StoreAs prod -RoleArn $admin -SourceProfile default
        Set-RoleCredentials -StoreAs prod -SourceProfile '' -CredentialSource Environment
        (Get-RoleProfile prod).SourceProfile, (Get-RoleProfile prod).CredentialSource | Should -Be $null, 'Environment'
        Set-RoleCredentials -StoreAs prod -RoleArn '' -CredentialSource ''
        Set-RoleCredentials -StoreAs sso -SsoSession corp -StartUrl https://corp.awsapps.com/start -SsoRegion eu-west-1 -AccountId 123456789012 -RoleName Admin
        Set-RoleCredentials -StoreAs sso -SsoSession '' -AccountId '' -RoleName ''
        foreach ($name in 'prod', 'sso') {
            $held = (Get-RoleProfile $name).PSObject.Properties.Where({ $_.Value -and $_.Name -ne 'ProfileName' })
            $held | Should -BeNullOrEmpty
        }
        { Set-RoleCredentials -StoreAs prod -RoleArn $null } | Should -Throw -ErrorId 'ParameterConflict,*'
    }

    It 'refuses keys that AWS tools would not use, because the profile has <What>' -ForEach @(
        @{ What = 'a role'; Script = { Set-RoleCredentials -StoreAs other -RoleArn $admin -SourceProfile default } }
        @{ What = 'IAM Identity Center'; Script = {
                Set-RoleCredentials -StoreAs other -SsoSession corp -StartUrl https://corp.awsapps.com/start -SsoRegion eu-west-1 -AccountId 123456789012 -RoleName Admin
            }
        }
    ) {
        Set-RoleCredentials @jo
        . $Script
        $ann = Get-SandboxKey ann
        { Set-RoleCredentials -StoreAs other @ann } | Should -Throw -ErrorId 'SourceConflict,*'
        Get-SandboxFile credentials | Should -BeExactly $joSection
    }

    It 'refuses a secret key in place of the access key, and shows it in no stream' {
        $swapped = @{ AccessKey = $jo.SecretKey; SecretKey = $jo.AccessKey }
        $aloud = @{ Debug = $true; Verbose = $true; Confirm = $false }
        foreach ($script in { Set-RoleCredentials @swapped @aloud }, { Use-Role $admin @swapped @aloud }, { Use-Role @swapped @aloud }) {
            $said = try { & $script *>&1 | Out-String } catch { "$_ $($_.ErrorDetails) $($_.TargetObject)" }
            $Error[0].FullyQualifiedErrorId | Should -Match '^(ValueRefused|CredentialsInvalid),'
            Find-SandboxSecret ($said + ($Error[0] | Format-List * -Force | Out-String)) | Should -BeNullOrEmpty
        }
        Get-SandboxCall | Should -BeNullOrEmpty
        Get-SandboxFile credentials | Should -BeNullOrEmpty
    }

    It 'warns about a file that others could read, and closes it' -Skip:$IsWindows {
        Set-SandboxFile -Credentials "# mine`n"
        $file = Join-Path $folder 'credentials'
        [System.IO.File]::SetUnixFileMode($file, 'UserRead, UserWrite, GroupRead, OtherRead')
        $said = Set-RoleCredentials @jo -Verbose *>&1 | Out-String
        $said | Should -Match 'was readable by others'
        Find-SandboxSecret $said | Should -BeNullOrEmpty
        (Get-Item $file).UnixMode | Should -Be '-rw-------'
    }

    It 'stores every setting of a role under the names of AWS and of aws-vault' {
        Set-RoleCredentials @jo
        $settings = @{
            RoleArn = $admin; SourceProfile = 'default'; MfaSerial = 'arn:aws:iam::111111111111:mfa/jo'; MfaSession = $true; ExternalId = 'ticket-42'
            RoleSessionName = 'jo'; DurationInSeconds = 7200; SourceIdentity = 'jo@example.com'; Tag = @{ project = 'apollo' }
            TransitiveTagKey = 'project'; Region = 'eu-west-1'; Output = 'json'
        }
        Set-RoleCredentials -StoreAs prod @settings
        $header, $lines = (Get-SandboxFile config).Trim() -split "`n"
        $header | Should -Be '[profile prod]'
        $lines | Sort-Object | Should -Be @(
            'duration_seconds = 7200', 'external_id = ticket-42', 'mfa_serial = arn:aws:iam::111111111111:mfa/jo', 'mfa_session = true', 'output = json'
            'region = eu-west-1', "role_arn = $admin", 'role_session_name = jo', 'session_tags = project=apollo', 'source_identity = jo@example.com'
            'source_profile = default', 'transitive_session_tags = project')
        $stored = Get-RoleProfile prod
        foreach ($name in $settings.Keys.Where({ $_ -ne 'Tag' })) { $stored.$name | Should -Be $settings[$name] -Because $name }
    }

    It 'removes <What> on request' -ForEach @(
        @{ What = 'a text'; Parameters = @{ ExternalId = '' }; Key = 'external_id' }
        @{ What = 'a duration'; Parameters = @{ DurationInSeconds = 0 }; Key = 'duration_seconds' }
        @{ What = 'tags'; Parameters = @{ Tag = @() }; Key = '(?m)^session_tags' }
        @{ What = 'transitive tags'; Parameters = @{ TransitiveTagKey = @() }; Key = 'transitive_session_tags' }
        @{ What = 'the MFA session'; Parameters = @{ MfaSession = $false }; Key = 'mfa_session' }
    ) {
        Set-RoleCredentials @jo
        $settings = @{ ExternalId = 'ticket-42'; DurationInSeconds = 900; Tag = @{ project = 'apollo' }; TransitiveTagKey = 'project'; MfaSession = $true }
        Set-RoleCredentials -StoreAs prod -RoleArn $admin -SourceProfile default -MfaSerial arn:aws:iam::111111111111:mfa/jo @settings
        Get-SandboxFile config | Should -Match $Key
        Set-RoleCredentials -StoreAs prod @Parameters
        Get-SandboxFile config | Should -Not -Match $Key
        Get-SandboxFile config | Should -Match 'role_arn'
    }

    It 'replaces the source of a role by another' {
        Set-RoleCredentials @jo
        Set-RoleCredentials -StoreAs prod -RoleArn $admin -SourceProfile default
        Set-RoleCredentials -StoreAs prod -CredentialSource Environment
        Get-SandboxFile config | Should -BeExactly "[profile prod]`nrole_arn = $admin`ncredential_source = Environment`n"
        Set-RoleCredentials -StoreAs prod -SourceProfile default
        Get-SandboxFile config | Should -Not -Match 'credential_source'
    }

    It 'stores keys whose MFA session lasts up to 36 hours' {
        Set-RoleCredentials @jo -MfaSerial arn:aws:iam::111111111111:mfa/jo -MfaSession -DurationInSeconds 129600
        $null = Use-Role $admin -TokenCode (Get-SandboxMfaCode)
        (Get-SandboxCall GetSessionToken).parameters.DurationSeconds | Should -Be '129600'
    }

    It 'changes no file when the same settings are stored again' {
        Set-RoleCredentials @jo -Region eu-west-1 -Verbose 4>&1 | Out-String | Should -Match 'Changed .*credentials'
        $written = (Get-Item (Join-Path $folder 'credentials')).LastWriteTimeUtc
        Set-RoleCredentials @jo -Region eu-west-1 -Verbose 4>&1 | Out-String | Should -Not -Match 'Changed'
        (Get-Item (Join-Path $folder 'credentials')).LastWriteTimeUtc | Should -Be $written
    }

    It 'makes a stored role the default, with its region' {
        Set-RoleCredentials @jo -StoreAs base
        Set-RoleCredentials -StoreAs prod -RoleArn $admin -SourceProfile base -Region eu-central-1
        Set-RoleCredentials -ProfileName prod
        $creds = Use-Role
        $creds.RoleArn, $creds.Region | Should -Be $admin, 'eu-central-1'
    }

    It 'stores in another file with -ProfileLocation, relative to the current location, which every command reads' {
        Push-Location $TestDrive
        try { Set-RoleCredentials @jo -Region eu-west-1 -ProfileLocation profiles } finally { Pop-Location }
        $location = Join-Path $TestDrive 'profiles'
        Get-Content $location -Raw | Should -BeExactly "${joSection}region = eu-west-1`n"
        $folder | Should -Not -Exist
        (Get-RoleProfile -ProfileLocation $location).ProfileName | Should -Be 'default'
        (Use-Role $admin -ProfileLocation $location -NoCache).RoleArn | Should -Be $admin
        Remove-RoleProfile default -Force -ProfileLocation $location
        "$(Get-Content $location -Raw)".Trim() | Should -BeNullOrEmpty
    }

    It 'describes <What> and changes nothing with -WhatIf' -ForEach @(
        @{ What = 'keys'; Parameters = @{ AccessKey = 'AKIAJOEXAMPLE0000001'; SecretKey = 'Jo/EXAMPLE+secret00000000000000000000001'; Region = 'eu-west-1' }; Says = "Store accessKeyId, region, secretAccessKey.*profile 'default'" }
        @{ What = 'an update'; Parameters = @{ StoreAs = 'prod'; Region = 'eu-west-1' }; Says = "Store region.*profile 'prod'" }
        @{ What = 'a removal'; Parameters = @{ StoreAs = 'prod'; ExternalId = '' }; Says = "Remove externalId.*profile 'prod'" }
        @{ What = 'a copy'; Parameters = @{ ProfileName = 'prod' }; Says = "Copy profile 'prod'.*profile 'default'" }
    ) {
        $before = "[profile prod]`nrole_arn = $admin`nsource_profile = base`nexternal_id = ticket-42`n"
        $base = $joSection -replace 'default', 'base'
        Set-SandboxFile -Credentials $base -Config $before
        # Only the host shows it, so it can only be read from a transcript.
        $transcript = Join-Path $TestDrive 'transcript.txt'
        $null = Start-Transcript $transcript -UseMinimalHeader
        try { Set-RoleCredentials @Parameters -WhatIf } finally { $null = Stop-Transcript }
        $said = Get-Content $transcript -Raw
        $said | Should -Match $Says
        $said | Should -Match ([regex]::Escape($folder))
        Find-SandboxSecret $said | Should -BeNullOrEmpty
        (Get-SandboxFile config), (Get-SandboxFile credentials) | Should -BeExactly $before, $base
    }

    It 'stores a credential_process for a profile with -AsProcess, which AWS tools run' {
        Set-RoleCredentials @jo -Region eu-west-1
        Set-RoleCredentials -StoreAs prod -RoleArn $admin -SourceProfile default
        Set-RoleCredentials -ProfileName prod -StoreAs tool -AsProcess
        (Get-RoleProfile tool).Source | Should -Be 'credential process'
        Get-SandboxFile config | Should -Match 'credential_process = .* credential-process --profile prod'
        (Use-Role tool).AccessKeyId | Should -BeLike 'ASIA*'
        Set-RoleCredentials -ProfileName prod -StoreAs tool -AsProcess -WhatIf -Verbose 4>&1 | Should -BeLike '*up to date*'
    }
}

Describe 'Set-RoleCredentials for IAM Identity Center' {
    BeforeAll {
        Enter-Sandbox
        Set-SandboxBrowser allow
        $portal = @{ StartUrl = 'https://sandbox.awsapps.com/start'; SsoRegion = 'eu-west-1' }
    }

    AfterAll { Exit-Sandbox }

    BeforeEach {
        Set-SandboxFile -Config "[profile mine]`nregion = us-east-1`n" -Credentials ''
        Clear-SandboxSignIn
    }

    It 'stores a session, as aws configure sso-session does' {
        Set-RoleCredentials -SsoSession corp @portal
        Get-SandboxFile config | Should -Be "[profile mine]`nregion = us-east-1`n`n[sso-session corp]`nsso_start_url = https://sandbox.awsapps.com/start`nsso_region = eu-west-1`nsso_registration_scopes = sso:account:access`n"
        (Connect-IdentityCenter corp 6>$null).IsRenewable | Should -BeTrue
    }

    It 'stores a profile of a session, which Use-Role uses' {
        Set-RoleCredentials -SsoSession corp @portal -StoreAs staff -AccountId 123456789012 -RoleName ReadOnly -Region eu-central-1
        $null = Connect-IdentityCenter -ProfileName staff 6>$null
        (Use-Role staff).AccountId | Should -Be 123456789012
        $stored = Get-RoleProfile staff
        $stored.Account, $stored.Role, $stored.SsoSession | Should -Be 123456789012, ReadOnly, corp
    }

    It 'stores a profile in the legacy form' {
        Set-RoleCredentials -StoreAs legacy @portal -AccountId 123456789012 -RoleName ReadOnly
        $null = Connect-IdentityCenter -ProfileName legacy 6>$null
        (Use-Role legacy).AccountId | Should -Be 123456789012
    }

    It 'shows the change with -WhatIf, and makes none' {
        $before = Get-SandboxFile config
        Set-RoleCredentials -SsoSession corp @portal -StoreAs staff -AccountId 123456789012 -RoleName ReadOnly -WhatIf
        Get-SandboxFile config | Should -Be $before
    }

    It 'stores all roles under names from a template, once' {
        Set-RoleCredentials -SsoSession corp @portal
        $null = Connect-IdentityCenter corp 6>$null
        Get-IdentityCenterRole corp | Set-RoleCredentials -StoreAs '{AccountName}-{RoleName}' -Region eu-west-1
        (Get-RoleProfile Production-*).ProfileName | Sort-Object | Should -Be 'Production-PowerUser', 'Production-ReadOnly'
        (Use-Role Production-ReadOnly).Region | Should -Be eu-west-1
        $before = Get-SandboxFile config
        Get-IdentityCenterRole corp | Set-RoleCredentials -StoreAs '{AccountName}-{RoleName}' -Region us-east-1
        Get-SandboxFile config | Should -Be $before
    }

    It 'overwrites no other profile, and stores the rest' {
        Set-RoleCredentials -SsoSession corp @portal
        $null = Connect-IdentityCenter corp 6>$null
        Set-RoleCredentials -StoreAs Production-ReadOnly -Region us-east-1
        Get-IdentityCenterRole corp | Set-RoleCredentials -StoreAs '{AccountName}-{RoleName}' -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.FullyQualifiedErrorId | Should -Be 'ProfileConflict,RoleCredentials.SetRoleCredentialsCommand'
        $failed.TargetObject | Should -Be Production-ReadOnly
        (Get-RoleProfile Production-ReadOnly).SsoSession | Should -BeNullOrEmpty
        (Get-RoleProfile Production-PowerUser).Role | Should -Be PowerUser
    }

    Context 'when roles are gone' {
        BeforeEach {
            Set-RoleCredentials -SsoSession corp @portal
            $null = Connect-IdentityCenter corp 6>$null
            # What an earlier run stored, when the user had these roles.
            [pscustomobject]@{ SsoSession = 'corp'; AccountId = '222222222222'; AccountName = 'Legacy'; RoleName = 'Admin' },
            [pscustomobject]@{ SsoSession = 'corp'; AccountId = '123456789012'; AccountName = 'Production'; RoleName = 'Former' } |
                Set-RoleCredentials -StoreAs '{AccountName}-{RoleName}'
            Set-RoleCredentials -StoreAs own -SsoSession corp -AccountId 222222222222 -RoleName Admin
            Clear-Sandbox
        }

        It 'names their profiles, and removes none' {
            Get-IdentityCenterRole corp | Set-RoleCredentials -StoreAs '{AccountName}-{RoleName}' -WarningVariable warned 3>$null
            $warned | Should -HaveCount 3
            "$warned" | Should -Match "Admin in account 222222222222, which profile 'Legacy-Admin' uses. -Prune removes"
            "$warned" | Should -Match "Former in account 123456789012, which profile 'Production-Former' uses. -Prune removes"
            "$warned" | Should -Match "profile 'own' uses. Remove the profile with Remove-RoleProfile"
            (Get-RoleProfile Legacy-Admin, Production-Former, own) | Should -HaveCount 3
        }

        It 'removes with -Prune what it stored itself, although the pipeline is filtered' {
            Get-IdentityCenterRole corp -RoleName ReadOnly | Set-RoleCredentials -StoreAs '{AccountName}-{RoleName}' 3>$null
            Get-IdentityCenterRole corp -RoleName PowerUser | Set-RoleCredentials -StoreAs '{AccountName}-{RoleName}' -Prune -WarningVariable warned 3>$null
            "$warned" | Should -Match "profile 'own' uses. This cmdlet did not write"
            (Get-RoleProfile).ProfileName | Sort-Object | Should -Be mine, own, Production-PowerUser, Production-ReadOnly
        }

        It 'keeps a profile that someone has edited' {
            Set-RoleCredentials -StoreAs Legacy-Admin -Region us-east-1
            Get-IdentityCenterRole corp | Set-RoleCredentials -StoreAs '{AccountName}-{RoleName}' -Prune -WarningVariable warned 3>$null
            "$warned" | Should -Match "profile 'Legacy-Admin' uses. This cmdlet did not write the profile, or the profile has changed"
            (Get-RoleProfile Legacy-Admin).Region | Should -Be us-east-1
        }

        It 'changes nothing with -WhatIf' {
            $before = Get-SandboxFile config
            Get-IdentityCenterRole corp | Set-RoleCredentials -StoreAs '{AccountName}-{RoleName}' -Prune -WhatIf 3>$null
            Get-SandboxFile config | Should -Be $before
        }

        It 'removes nothing if <What> cannot be listed' -ForEach @(
            @{ What = 'the accounts'; Action = 'ListAccounts' }
            @{ What = 'the roles of an account'; Action = 'ListAccountRoles' }
        ) {
            $roles = Get-IdentityCenterRole corp
            Add-SandboxFault @{ action = $Action; code = 'ForbiddenException'; status = 403 }
            $roles | Set-RoleCredentials -StoreAs '{AccountName}-{RoleName}' -Prune -ErrorVariable failed -ErrorAction SilentlyContinue
            $failed | Should -HaveCount 1
            Get-RoleProfile Legacy-Admin, Production-Former, Production-ReadOnly | Should -HaveCount 3
        }

        It 'asks for no accounts if nothing can be gone' {
            Remove-RoleProfile Legacy-Admin, Production-Former, own -Confirm:$false
            $roles = Get-IdentityCenterRole corp
            Clear-Sandbox
            $roles | Set-RoleCredentials -StoreAs '{AccountName}-{RoleName}' -Prune
            Get-SandboxCall | Should -BeNullOrEmpty
            Get-RoleProfile Production-* | Should -HaveCount 2
        }
    }

    It 'refuses -Prune without a template' {
        { Set-RoleCredentials -StoreAs a -Region eu-west-1 -Prune } |
            Should -Throw -ErrorId 'ParameterConflict,RoleCredentials.SetRoleCredentialsCommand'
    }

    It 'reports two roles with one name, and a property that is missing' {
        Set-RoleCredentials -SsoSession corp @portal
        $null = Connect-IdentityCenter corp 6>$null
        Get-IdentityCenterRole corp | Set-RoleCredentials -StoreAs '{AccountName}' -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.FullyQualifiedErrorId | Should -Be 'ProfileConflict,RoleCredentials.SetRoleCredentialsCommand'
        Get-RoleProfile Production | Should -HaveCount 1
        { Set-RoleCredentials -StoreAs '{AccountName}' -SsoSession corp -AccountId 123456789012 -RoleName ReadOnly } |
            Should -Throw -ErrorId 'ProfileNameInvalid,RoleCredentials.SetRoleCredentialsCommand'
    }

    It 'refuses <What>, and changes nothing' -ForEach @(
        @{ What = 'a session without a region'; Parameters = @{ SsoSession = 'corp'; StartUrl = 'https://x.awsapps.com/start' }; Id = 'ProfileIncomplete' }
        @{ What = 'an invalid start URL'; Parameters = @{ SsoSession = 'corp'; StartUrl = 'x'; SsoRegion = 'eu-west-1' }; Id = 'StartUrlInvalid' }
        @{ What = 'an invalid region'; Parameters = @{ SsoSession = 'corp'; StartUrl = 'https://x.awsapps.com/start'; SsoRegion = 'eu west' }; Id = 'RegionInvalid' }
        @{ What = 'an unknown session'; Parameters = @{ StoreAs = 'a'; SsoSession = 'gone'; AccountId = '123456789012'; RoleName = 'ReadOnly' }; Id = 'SsoSessionNotFound' }
        @{ What = 'a profile without a role'; Parameters = @{ StoreAs = 'a'; StartUrl = 'https://x.awsapps.com/start'; SsoRegion = 'eu-west-1'; AccountId = '123456789012' }; Id = 'ProfileIncomplete' }
        @{ What = 'an invalid account'; Parameters = @{ StoreAs = 'a'; StartUrl = 'https://x.awsapps.com/start'; SsoRegion = 'eu-west-1'; AccountId = '1'; RoleName = 'ReadOnly' }; Id = 'AccountIdInvalid' }
        @{ What = 'an IAM role too'; Parameters = @{ StoreAs = 'a'; RoleArn = 'arn:aws:iam::123456789012:role/Admin'; SsoSession = 'corp' }; Id = 'ParameterConflict' }
    ) {
        $before = Get-SandboxFile config
        { Set-RoleCredentials @Parameters } | Should -Throw -ErrorId "$Id,RoleCredentials.SetRoleCredentialsCommand"
        Get-SandboxFile config | Should -Be $before
    }
}

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Sandbox.psm1')
    $problem = Get-SandboxKeychainProblem
}

Describe "Set-RoleCredentials -Vault$($problem ? " [skipped: $problem]" : '')" -Skip:([bool]$problem) {
    BeforeEach {
        Enter-Sandbox
        Enter-SandboxKeychain
        $jo = Get-SandboxKey
        $admin = 'arn:aws:iam::123456789012:role/Admin'
        $joSection = "[default]`naws_access_key_id = $($jo.AccessKey)`naws_secret_access_key = $($jo.SecretKey)`n"
    }
    AfterEach {
        Exit-SandboxKeychain
        Exit-Sandbox
    }

    It 'moves the keys of a profile from the file to the keychain' {
        Set-RoleCredentials @jo -StoreAs old -Region eu-west-1
        Set-RoleCredentials -ProfileName old -Vault
        Get-SandboxFile credentials | Should -Not -Match 'aws_'
        $stored = Get-RoleProfile old
        $stored.Source, $stored.KeyStore, $stored.Region | Should -Be 'keychain', 'keychain', 'eu-west-1'
        (Use-Role $admin -SourceProfile old).RoleArn | Should -Be $admin
    }

    It 'keeps given keys out of the file' {
        Set-RoleCredentials @jo -Vault
        Get-SandboxFile credentials | Should -BeNullOrEmpty
        Get-SandboxFile config | Should -Not -Match ([regex]::Escape($jo.SecretKey))
        (Use-Role default).SecretAccessKey | Should -Be $jo.SecretKey
    }

    It 'moves the keys of every profile in the pipeline' {
        Set-RoleCredentials @jo -StoreAs one
        Set-RoleCredentials @jo -StoreAs two
        Get-RoleProfile | Set-RoleCredentials -Vault
        (Get-RoleProfile).KeyStore | Should -Be 'keychain', 'keychain'
    }

    It 'moves nothing with -WhatIf' {
        Set-RoleCredentials @jo
        Set-RoleCredentials -ProfileName default -Vault -WhatIf
        Get-SandboxFile credentials | Should -BeExactly $joSection
    }

    It 'refuses <What>, and stores nothing' -ForEach @(
        @{ What = 'a copy'; Parameters = @{ ProfileName = 'default'; StoreAs = 'new' }; Id = 'ParameterConflict' }
        @{ What = 'another vault'; Parameters = @{ ProfileName = 'default'; VaultName = 'other' }; Id = 'ParameterConflict' }
        @{ What = 'a profile that does not exist'; Parameters = @{ ProfileName = 'nobody' }; Id = 'ProfileNotFound' }
        @{ What = 'a role'; Parameters = @{ RoleArn = 'arn:aws:iam::123456789012:role/Admin'; CredentialSource = 'Environment' }; Id = 'SourceConflict' }
    ) {
        { Set-RoleCredentials @Parameters -Vault } | Should -Throw -ErrorId "$Id,RoleCredentials.SetRoleCredentialsCommand"
        Get-SandboxFile credentials | Should -BeNullOrEmpty
        Get-SandboxFile config | Should -BeNullOrEmpty
    }
}

Describe 'Set-RoleCredentials -VaultName' {
    BeforeEach {
        Enter-Sandbox
        $jo = Get-SandboxKey
        $folder = Join-Path (Get-SandboxHome) '.aws'
        $class = 'RoleCredentials.SetRoleCredentialsCommand'
        # A module with the commands of Microsoft.PowerShell.SecretManagement, which keeps secrets in files.
        $module = Join-Path (Get-SandboxHome) 'modules' 'Microsoft.PowerShell.SecretManagement'
        $null = New-Item $module -ItemType Directory
        Set-Content (Join-Path $module 'Microsoft.PowerShell.SecretManagement.psm1') @"
function Set-Secret {
    [CmdletBinding()]
    param([string] `$Name, [object] `$Secret, [string] `$Vault)
    if (`$Vault -ne 'Mine') { throw "There is no vault `$Vault." }
    Set-Content (Join-Path '$module' `$Name) ([pscredential]::new('x', `$Secret).GetNetworkCredential().Password) -NoNewline
}
function Get-Secret {
    [CmdletBinding()]
    param([string] `$Name, [string] `$Vault, [switch] `$AsPlainText)
    if (`$env:TEST_FORGETS) { return 'something else' }
    Get-Content (Join-Path '$module' `$Name) -Raw -ErrorAction Stop
}
"@
        $path = $env:PSModulePath
        $env:PSModulePath = (Split-Path $module) + [System.IO.Path]::PathSeparator + $path
    }
    AfterEach {
        Remove-Module Microsoft.PowerShell.SecretManagement -ErrorAction Ignore
        $env:PSModulePath = $path
        Remove-Item Env:TEST_FORGETS -ErrorAction Ignore
        Exit-Sandbox
    }

    It 'moves keys to a vault, which every AWS tool reads with PowerShell' {
        Set-RoleCredentials @jo -StoreAs old
        Set-RoleCredentials -ProfileName old -VaultName Mine
        Get-SandboxFile credentials | Should -Not -Match 'aws_'
        Get-SandboxFile config | Should -Match "Get-Secret -Name RoleCredentials-$($jo.AccessKey) -Vault Mine -AsPlainText"
        $stored = Get-RoleProfile old
        $stored.KeyStore, $stored.AccessKey | Should -Be 'vault', '****************0001'
        (Use-Role old).SecretAccessKey | Should -Be $jo.SecretKey
        Remove-RoleProfile old -Force -WarningVariable warnings -WarningAction SilentlyContinue
        "$warnings" | Should -Match 'Remove-Secret -Name RoleCredentials-\S+ -Vault Mine'
    }

    It 'keeps given keys out of the file' {
        Set-RoleCredentials @jo -VaultName Mine
        Get-ChildItem $folder -File | Get-Content -Raw | Should -Not -Match ([regex]::Escape($jo.SecretKey))
        (Use-Role default).SecretAccessKey | Should -Be $jo.SecretKey
        { Update-RoleKey default -Force -ErrorAction Stop } | Should -Throw -ErrorId 'KeyNotRotatable,RoleCredentials.UpdateRoleKeyCommand'
    }

    It 'leaves the keys in the file if <What>' -ForEach @(
        @{ What = 'there is no such vault'; VaultName = 'Other'; Forgets = ''; Id = 'VaultFailed' }
        @{ What = 'the vault returns something else'; VaultName = 'Mine'; Forgets = '1'; Id = 'VaultFailed' }
        @{ What = 'the name of the vault would end the script'; VaultName = 'a; b'; Forgets = ''; Id = 'ValueRefused' }
    ) {
        Set-RoleCredentials @jo
        $env:TEST_FORGETS = $Forgets
        $failure = { Set-RoleCredentials -ProfileName default -VaultName $VaultName } | Should -Throw -ErrorId "$Id,$class" -PassThru
        "$($failure.ErrorRecord) $($failure)" | Should -Not -Match ([regex]::Escape($jo.SecretKey))
        $failure.ErrorDetails.RecommendedAction | Should -Not -BeLike 'Install*'
        $env:TEST_FORGETS = ''
        (Use-Role default).SecretAccessKey | Should -Be $jo.SecretKey
        (Get-RoleProfile default).KeyStore | Should -Be 'file'
    }

    It 'reports that the module of the vault is missing' {
        Set-RoleCredentials @jo
        Remove-Item $module -Recurse
        $failure = { Set-RoleCredentials -ProfileName default -VaultName Mine } | Should -Throw -ErrorId "VaultFailed,$class" -PassThru
        $failure.ErrorDetails.RecommendedAction | Should -BeLike 'Install*'
        (Get-RoleProfile default).KeyStore | Should -Be 'file'
    }
}
