BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Sandbox.psm1')
    Enter-Sandbox
    $admin = 'arn:aws:iam::123456789012:role/Admin'
    $mfaRole = 'arn:aws:iam::123456789012:role/MfaRequired'
    $device = 'arn:aws:iam::111111111111:mfa/jo'
    $jo = Get-SandboxKey jo
    Set-SandboxRole
    Set-RoleCredentials -StoreAs hub -RoleArn arn:aws:iam::111111111111:role/Hub -SourceProfile default -RoleSessionName hub
    $ann = Get-SandboxKey ann
}

AfterAll { Exit-Sandbox }

Describe 'Use-Role' {
    BeforeEach { Clear-Sandbox }

    Context 'its parameters' {
        It 'have the positions of Use-STSRole' {
            $placed = (Get-Command Use-Role).Parameters.Values.Where({ $_.ParameterSets.Values.Position -ge 0 })
            $placed | ForEach-Object { "$($_.ParameterSets.Values.Position | Select-Object -Unique) $($_.Name)" } | Sort-Object |
                Should -Be '0 RoleArn', '1 RoleSessionName', '2 Policy', '3 DurationInSeconds', '4 ExternalId'
        }

        It 'are those of Use-STSRole except -ProvidedContext' {
            $names = 'RoleArn', 'RoleSessionName', 'Policy', 'DurationInSeconds', 'DurationSeconds', 'ExternalId', 'PolicyArn', 'PolicyArns',
                'SerialNumber', 'TokenCode', 'SourceIdentity', 'Tag', 'Tags', 'TransitiveTagKey', 'Force', 'Region', 'RegionToCall', 'AccessKey',
                'AK', 'SecretKey', 'SK', 'SecretAccessKey', 'SessionToken', 'ST', 'ProfileName', 'StoredCredentials', 'AWSProfileName',
                'ProfileLocation', 'Credential', 'EndpointUrl'
            $command = Get-Command Use-Role
            foreach ($name in $names) { { $command.ResolveParameter($name) } | Should -Not -Throw -Because $name }
        }
    }

    It 'assumes a role with the default profile' {
        $creds = Use-Role $admin
        $creds.GetType().Name | Should -Be 'RoleCredentials'
        $creds.RoleArn | Should -Be $admin
        $creds.AccessKeyId | Should -Match '^ASIA'
        $creds.Expiration.Kind | Should -Be 'Utc'
        $creds.AssumedRoleUser.Arn | Should -Match '^arn:aws:sts::123456789012:assumed-role/Admin/RoleCredentials-session-\d+$'
    }

    It 'has the members of a result of Use-STSRole, and an expiration after the default hour' {
        $creds = Use-Role $admin my-session -Region eu-west-1 -NoCache
        $creds.PSObject.Properties.Name | Should -Be @(
            'AccessKeyId', 'SecretAccessKey', 'SessionToken', 'Expiration', 'AssumedRoleUser', 'SourceIdentity', 'PackedPolicySize', 'RoleArn', 'ProfileName'
            'AccountId', 'Region', 'AccessKey')
        ($creds | Get-Member -MemberType Method).Name.Where({ $_ -match '^To' }) | Should -Be 'ToString'
        $creds.SecretAccessKey | Should -Match '^[A-Za-z0-9/+]{40}$'
        $creds.SessionToken | Should -Match '^[A-Za-z0-9/+=]{100,}$'
        $creds.AssumedRoleUser.AssumedRoleId | Should -Match '^AROA[A-Z0-9]+:my-session$'
        $creds.Region | Should -Be 'eu-west-1'
        # The sandbox's clock may be ahead by a few MFA codes.
        ($creds.Expiration - [datetime]::UtcNow).TotalMinutes | Should -BeGreaterThan 55
        ($creds.Expiration - [datetime]::UtcNow).TotalMinutes | Should -BeLessThan 75
    }

    It 'sends the parameters of Use-STSRole, given by position or by name' {
        $policy = '{"Version":"2012-10-17","Statement":[]}'
        $null = Use-Role arn:aws:iam::123456789012:role/ExternalIdRequired some-name $policy 1000 ticket-42 -NoCache
        $sent = (Get-SandboxCall AssumeRole).parameters
        $sent.RoleSessionName, $sent.Policy, $sent.DurationSeconds, $sent.ExternalId | Should -Be 'some-name', $policy, '1000', 'ticket-42'
        Clear-Sandbox
        $tags = @{ project = 'apollo' }, [pscustomobject]@{ Key = 'stage'; Value = 'test' }
        $creds = Use-Role $admin -Tag $tags -TransitiveTagKey project -PolicyArn arn:aws:iam::aws:policy/AdministratorAccess -SourceIdentity jo@example.com -NoCache
        $sent = (Get-SandboxCall AssumeRole).parameters
        $sent.'Tags.member.1.Key', $sent.'Tags.member.1.Value', $sent.'Tags.member.2.Key', $sent.'TransitiveTagKeys.member.1', $sent.'PolicyArns.member.1.arn' |
            Should -Be 'project', 'apollo', 'stage', 'project', 'arn:aws:iam::aws:policy/AdministratorAccess'
        $creds.SourceIdentity | Should -Be 'jo@example.com'
        $creds.PackedPolicySize | Should -BeGreaterThan 0
    }

    It 'assumes the role <What>' -ForEach @(
        @{ What = 'by property'; Script = { [pscustomobject]@{ RoleArn = $admin } | Use-Role -NoCache } }
        @{ What = "of a profile, by the alias of AWS Tools"; Script = { Use-Role -StoredCredentials prod -NoCache } }
        @{ What = 'by name and account'; Script = { Use-Role -RoleName Admin -AccountId 123456789012 -NoCache } }
        @{ What = 'by name and account from the pipeline'; Script = { '123456789012' | Use-Role -RoleName Admin -NoCache } }
        @{ What = 'by name with a path'; Script = { Use-Role -RoleName ops/ci/Deployer -AccountId 123456789012 -NoCache }; Role = 'arn:aws:iam::123456789012:role/ops/ci/Deployer' }
    ) {
        (& $Script).RoleArn | Should -Be ($Role ?? $admin)
        $call = Get-SandboxCall AssumeRole
        $call.principal, $call.parameters.RoleArn | Should -Be 'arn:aws:iam::111111111111:user/jo', ($Role ?? $admin)
    }

    It 'shows how many roles are known, not how many were asked for' {
        # The progress of a cmdlet can only be read from a PowerShell object.
        $shell = [powershell]::Create().AddScript('Import-Module $args[0]; Use-Role -RoleName Audit -AccountId $args[1] -NoCache')
        $accounts = '100000000001', '100000000002', '100000000003'
        Add-SandboxFault @{ action = 'AssumeRole'; delayMs = 2500 }
        $shell.AddArgument((Get-Module RoleCredentials).Path).AddArgument($accounts).Invoke() | Should -HaveCount 3
        $shown = $shell.Streams.Progress
        $shown[0].StatusDescription, $shown[0].PercentComplete | Should -Be '2 of 3', 66
        $shown[-1].StatusDescription, $shown[-1].RecordType | Should -Be '3 of 3', 'Completed'
        $shell.Dispose()
    }

    It 'removes the progress when the rest of the pipeline needs no more roles' {
        $shell = [powershell]::Create().AddScript('Import-Module $args[0]; Use-Role -RoleName Audit -AccountId $args[1] -NoCache | Select-Object -First 1')
        Add-SandboxFault @{ action = 'AssumeRole'; delayMs = 2500; times = 3 }
        $accounts = '100000000001', '100000000002', '100000000003'
        $shell.AddArgument((Get-Module RoleCredentials).Path).AddArgument($accounts).Invoke() | Should -HaveCount 1
        $shown = $shell.Streams.Progress
        $shown[0].RecordType, $shown[-1].RecordType | Should -Be 'Processing', 'Completed'
        $shell.Dispose()
        Clear-Sandbox
    }

    It 'assumes one role in many accounts, and reports each failure' {
        $accounts = '100000000001', '100000000002', '999999999999', '100000000003'
        $found = $accounts | Use-Role -RoleName Audit -InOrder -ErrorAction SilentlyContinue -ErrorVariable failures
        $found.RoleArn | Should -Be @(foreach ($id in $accounts -ne '999999999999') { "arn:aws:iam::${id}:role/Audit" })
        $failures.Where({ $_ -is [System.Management.Automation.ErrorRecord] }).TargetObject |
            Should -Contain 'arn:aws:iam::999999999999:role/Audit'
    }

    It 'acts as <What>' -ForEach @(
        @{ What = 'the default profile'; Parameters = {} ; By = 'user/jo' }
        @{ What = 'a source profile'; Parameters = { @{ SourceProfile = 'hub' } }; By = 'assumed-role/Hub/hub' }
        @{ What = 'a profile together with the ARN'; Parameters = { @{ ProfileName = 'hub' } }; By = 'assumed-role/Hub/hub' }
        @{ What = 'keys'; Parameters = { $ann }; By = 'user/ann' }
        @{ What = 'a SecureString'; Parameters = { @{ AccessKey = $ann.AccessKey; SecretKey = ConvertTo-SecureString $ann.SecretKey -AsPlainText } }; By = 'user/ann' }
        @{ What = 'a PSCredential'; Parameters = { @{ Credential = [pscredential]::new($ann.AccessKey, (ConvertTo-SecureString $ann.SecretKey -AsPlainText)) } }; By = 'user/ann' }
        @{ What = 'its own result'; Parameters = { @{ Credential = Use-Role hub } }; By = 'assumed-role/Hub/hub' }
        @{ What = 'temporary keys'; Parameters = { $hub = Use-Role hub; @{ AccessKey = $hub.AccessKeyId; SK = $hub.SecretAccessKey; ST = $hub.SessionToken } }; By = 'assumed-role/Hub/hub' }
        @{ What = 'the result of Use-STSRole'; Parameters = {
                @{ Credential = [pscustomobject]@{ AssumedRoleUser = $null; Credentials = Use-Role hub | Select-Object AccessKeyId, SecretAccessKey, SessionToken, Expiration } }
            }; By = 'assumed-role/Hub/hub'
        }
        @{ What = 'the credentials of that result'; Parameters = { @{ Credentials = Use-Role hub | Select-Object AccessKeyId, SecretAccessKey, SessionToken } }; By = 'assumed-role/Hub/hub' }
    ) {
        $given = & $Parameters
        if (-not $given) { $given = @{} }
        # The role does not trust ann, but the call shows who made it.
        try { $null = Use-Role $admin -NoCache @given } catch { $_.FullyQualifiedErrorId | Should -BeLike 'AccessDenied,*' }
        (Get-SandboxCall AssumeRole)[-1].principal | Should -BeLike "*:$By"
    }

    It 'uses the cache except with -NoCache' {
        $first = Use-Role $admin cache-test
        (Use-Role $admin cache-test).AccessKeyId | Should -Be $first.AccessKeyId
        (Use-Role $admin cache-test -NoCache).AccessKeyId | Should -Not -Be $first.AccessKeyId
        @(Get-SandboxCall AssumeRole).Count | Should -Be 2
    }

    It 'uses a given MFA code' {
        (Use-Role $mfaRole -MfaSerial $device -TokenCode (Get-SandboxMfaCode)).RoleArn | Should -Be $mfaRole
    }

    It 'gets the MFA code from the mfa_process of the profile' {
        $line = "`"$((Get-Command node).Source)`" -p `"String($(Get-SandboxMfaCode)).padStart(6, '0')`""
        Set-RoleCredentials -StoreAs printed -RoleArn $mfaRole -SourceProfile default -MfaSerial $device -MfaProcess $line
        (Use-Role printed -WarningVariable warnings).RoleArn | Should -Be $mfaRole
        $warnings | Should -BeNullOrEmpty
    }

    It 'says why mfa_process gave no code, before it prompts' {
        Set-RoleCredentials -StoreAs broken -RoleArn $mfaRole -SourceProfile default -MfaSerial $device -MfaProcess 'no-such-program'
        try { $null = Use-Role broken -NoCache -WarningVariable warnings 3>$null } catch { $failure = $_ }
        $failure.FullyQualifiedErrorId | Should -Be 'MfaRequired,RoleCredentials.UseRoleCommand'
        "$warnings" | Should -BeLike "*mfa_process names the program 'no-such-program', which was not found*"
    }

    It 'opens a session with one code, for many roles' {
        Set-RoleCredentials @jo -StoreAs strong -MfaSerial $device -MfaSession
        $null = Use-Role $mfaRole -SourceProfile strong -TokenCode (Get-SandboxMfaCode)
        $null = Use-Role 'arn:aws:iam::123456789012:role/FreshMfa' -SourceProfile strong
        (Get-SandboxCall).action | Should -Be 'GetSessionToken', 'AssumeRole', 'AssumeRole'
    }

    It 'reports <What> without affecting the other roles' -ForEach @(
        @{ What = 'failed roles of a pipeline'; Script = { 'arn:aws:iam::123456789012:role/DeniedByTrust', $admin, 'arn:nonsense' | Use-Role -NoCache }; Ids = 'AccessDenied', 'ArnInvalid' }
        @{ What = 'a failed role of a list'; Script = { Use-Role -RoleArn $admin, nonsense }; Ids = 'ArnInvalid' }
    ) {
        $ErrorActionPreference = 'Continue'
        $failures, $found = (& $Script 2>&1).Where({ $_ -is [System.Management.Automation.ErrorRecord] }, 'Split')
        $found.RoleArn | Should -Be $admin
        $failures.FullyQualifiedErrorId | Sort-Object | Should -Be $Ids.ForEach({ "$_,RoleCredentials.UseRoleCommand" })
    }

    It 'shows no secret, at <Width> columns' -ForEach @{ Width = 80 }, @{ Width = 120 } {
        $creds = Use-Role $admin
        foreach ($shown in ($creds | Out-String -Width $Width), ($creds | Format-List | Out-String -Width $Width)) {
            $shown | Should -Match 'SecretAccessKey : \*{16}'
            $shown | Should -Match 'Expiration      : \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ \(in \d+ min\)'
            $shown | Should -Not -Match ([regex]::Escape($creds.SecretAccessKey))
            $shown | Should -Not -Match ([regex]::Escape($creds.SessionToken.Substring(0, 20)))
            $shown.Split("`n").TrimEnd().ForEach({ $_.Length }) | Should -Not -BeGreaterThan $Width
        }
    }

    It 'shows that the credentials have expired' {
        $creds = Use-Role $admin -NoCache
        $creds.Expiration = [datetime]::UtcNow.AddMinutes(-3)
        $creds | Out-String | Should -Match 'Expiration +: .*Z \(expired\)'
    }

    It 'logs its steps with -Verbose, without secrets' {
        $creds, $said = (Use-Role $admin -NoCache -Verbose 4>&1).Where({ $_.GetType().Name -eq 'RoleCredentials' }, 'Split')
        "$said" | Should -Match "AssumeRole $admin"
        "$said" | Should -Match ([regex]::Escape($env:AWS_ENDPOINT_URL_STS))
        "$said" | Should -Not -Match ([regex]::Escape($creds[0].SecretAccessKey))
        "$said" | Should -Not -Match ([regex]::Escape($creds[0].SessionToken.Substring(0, 20)))
    }
}
