# Pipeline input of the cmdlets: text, rows of files, and the objects of this module and of AWS Tools.

BeforeDiscovery {
    # A value for each session parameter, and the expected request to STS.
    $session = @(
        @{ Name = 'RoleSessionName'; Value = 'row-session'; Asked = @{ RoleSessionName = 'row-session' } }
        @{ Name = 'DurationInSeconds'; Value = '1000'; Asked = @{ DurationSeconds = '1000' } }
        @{ Name = 'DurationSeconds'; Value = 1000; Asked = @{ DurationSeconds = '1000' } }
        @{ Name = 'ExternalId'; Value = 'ticket-42'; Asked = @{ ExternalId = 'ticket-42' } }
        @{ Name = 'SourceIdentity'; Value = 'jo@example.com'; Asked = @{ SourceIdentity = 'jo@example.com' } }
        @{ Name = 'Policy'; Value = '{"Version":"2012-10-17","Statement":[]}'; Asked = @{ Policy = '{"Version":"2012-10-17","Statement":[]}' } }
        @{ Name = 'PolicyArn'; Value = 'arn:aws:iam::aws:policy/ReadOnlyAccess'; Asked = @{ 'PolicyArns.member.1.arn' = 'arn:aws:iam::aws:policy/ReadOnlyAccess' } }
        @{ Name = 'Tag'; Value = 'project=apollo'; Asked = @{ 'Tags.member.1.Key' = 'project'; 'Tags.member.1.Value' = 'apollo' } }
        @{ Name = 'Tag'; Value = [pscustomobject]@{ project = 'apollo' }; Asked = @{ 'Tags.member.1.Key' = 'project'; 'Tags.member.1.Value' = 'apollo' } }
    )
    $optional = 'ProfileName', 'SourceProfile', 'Credential', 'AccessKey', 'SecretKey', 'SessionToken', 'RoleSessionName', 'Policy', 'DurationInSeconds',
        'ExternalId', 'MfaSerial', 'TokenCode', 'PolicyArn', 'Tag', 'TransitiveTagKey', 'SourceIdentity', 'ProfileLocation', 'Region', 'EndpointUrl'
    $identity = 'ProfileName', 'SourceProfile', 'Credential', 'AccessKey', 'SecretKey', 'ProfileLocation'
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Sandbox.psm1')
    Enter-Sandbox
    $admin = 'arn:aws:iam::123456789012:role/Admin'
    $hub = 'arn:aws:iam::111111111111:role/Hub'
    $jo = Get-SandboxKey jo
    $ann = Get-SandboxKey ann
    Set-RoleCredentials @jo -Region eu-west-1
    Set-RoleCredentials @ann -StoreAs ann
    Set-RoleCredentials -StoreAs prod -RoleArn $admin -SourceProfile default -Region eu-central-1
    Set-RoleCredentials -StoreAs hub -RoleArn $hub -SourceProfile default -RoleSessionName hub
    function Assert-Asked([hashtable] $Asked) {
        $call = @(Get-SandboxCall AssumeRole)[-1]
        foreach ($key in $Asked.Keys) { $call.parameters.$key | Should -Be $Asked[$key] -Because $key }
    }
}

AfterAll { Exit-Sandbox }

Describe 'A row' {
    BeforeEach { Clear-Sandbox }
    AfterEach { Exit-Role -All }

    It 'binds <Name> in Use-Role, Enter-Role and Test-Role' -ForEach $session {
        $row = [pscustomobject]@{ RoleArn = $admin; $Name = $Value }
        $null = $row | Use-Role -NoCache
        Assert-Asked $Asked
        Clear-Sandbox
        $row | Enter-Role -NoCache
        Assert-Asked $Asked
        Exit-Role
        Clear-Sandbox
        $row | Test-Role -NoCache -Quiet | Should -BeTrue
        Assert-Asked $Asked
    }

    It 'acts like the named parameters: <What>' -ForEach @(
        @{ What = 'an ARN and a profile'; Row = @{ RoleArn = 'arn:aws:iam::123456789012:role/Admin'; ProfileName = 'hub' }; By = 'assumed-role/Hub/hub' }
        @{ What = 'an ARN and a source profile'; Row = @{ RoleArn = 'arn:aws:iam::123456789012:role/Admin'; SourceProfile = 'hub' }; By = 'assumed-role/Hub/hub' }
        @{ What = 'an ARN and keys'; Row = @{ RoleArn = 'arn:aws:iam::123456789012:role/Admin'; AccessKey = 'AKIAJOEXAMPLE0000001'; SecretKey = 'Jo/EXAMPLE+secret00000000000000000000001' }; By = 'user/jo' }
        @{ What = 'an account and a name'; Row = @{ AccountId = '123456789012'; RoleName = 'Admin' }; By = 'user/jo' }
        @{ What = 'an account as a number'; Row = @{ AccountId = 123456789012; RoleName = 'Admin' }; By = 'user/jo' }
        @{ What = 'an account as Organizations names it'; Row = @{ Id = '123456789012'; RoleName = 'Admin'; Arn = 'arn:aws:organizations::1:account/o/1'; Name = 'Production'; Email = 'a@example.com' }; By = 'user/jo' }
        @{ What = 'an ARN and its account'; Row = @{ RoleArn = 'arn:aws:iam::123456789012:role/Admin'; AccountId = '123456789012' }; By = 'user/jo' }
    ) {
        $row = [pscustomobject]$Row
        ($row | Use-Role -NoCache).RoleArn | Should -Be $admin
        @(Get-SandboxCall AssumeRole)[-1].principal | Should -BeLike "*:$By"
        $row | Enter-Role -NoCache
        $env:AWS_ACCOUNT_ID | Should -Be '123456789012'
        Exit-Role
        $row | Test-Role -NoCache -Quiet | Should -BeTrue
    }

    It 'that names a profile without a role returns the keys of the profile' {
        ([pscustomobject]@{ ProfileName = 'ann' } | Use-Role).AccessKeyId | Should -Be $ann.AccessKey
    }

    It 'is combined with a profile or an ARN by position: <What>' -ForEach @(
        @{ What = 'a profile and a session name'; Row = @{ RoleSessionName = 'row' }; Name = 'prod'; By = 'user/jo' }
        @{ What = 'an ARN and a session name'; Row = @{ RoleSessionName = 'row' }; Name = 'arn:aws:iam::123456789012:role/Admin'; By = 'user/jo' }
        @{ What = 'a profile as the source, and an account'; Row = @{ Id = '123456789012' }; Name = 'hub'; RoleName = @{ RoleName = 'Admin' }; By = 'assumed-role/Hub/hub' }
        @{ What = 'a profile as the source, and an account as text'; Row = '123456789012'; Name = 'hub'; RoleName = @{ RoleName = 'Admin' }; By = 'assumed-role/Hub/hub' }
    ) {
        $row = $Row -is [string] ? $Row : [pscustomobject]$Row
        $named = $RoleName ?? @{}
        ($row | Use-Role $Name @named -NoCache).RoleArn | Should -Be $admin
        @(Get-SandboxCall AssumeRole)[-1].principal | Should -BeLike "*:$By"
        $row | Test-Role $Name @named -NoCache -Quiet | Should -BeTrue
        @(Get-SandboxCall AssumeRole)[-1].principal | Should -BeLike "*:$By"
    }

    It 'is refused if its columns contradict each other' {
        $row = [pscustomobject]@{ RoleArn = $admin; AccountId = '999999999999' }
        { $row | Use-Role -ErrorAction Stop } | Should -Throw -ErrorId 'ParameterConflict,RoleCredentials.UseRoleCommand'
        Get-SandboxCall | Should -BeNullOrEmpty
    }

    It 'ignores its empty column <_>' -ForEach $optional.Where({ $_ -ne 'Credential' }) {
        foreach ($empty in '', $null) {
            $row = [pscustomobject]@{ RoleArn = $admin; $_ = $empty }
            ($row | Use-Role).RoleArn | Should -Be $admin
        }
    }

    It 'without an identity is refused by <_>, which does not act as the default user' -ForEach 'Use-Role', 'Enter-Role', 'Test-Role', 'Open-RoleConsole' {
        foreach ($row in [pscustomobject]@{ RoleArn = ''; ProfileName = '' }, [pscustomobject]@{ Name = 'Production' }, [pscustomobject]@{ Region = 'eu-west-1' }) {
            { $row | & $_ -ErrorAction Stop } | Should -Throw -ErrorId 'NoRoleNamed,RoleCredentials.*'
        }
        Get-SandboxCall | Should -BeNullOrEmpty
    }

    It 'does not affect the other rows if it is invalid' {
        $rows = [pscustomobject]@{ RoleArn = $admin; DurationInSeconds = 'long' }, [pscustomobject]@{ RoleArn = ''; ProfileName = '' },
            [pscustomobject]@{ RoleArn = $admin; AccessKeyId = 'AKIA' }, [pscustomobject]@{ RoleArn = $admin }
        $found = $rows | Use-Role -ErrorAction SilentlyContinue -ErrorVariable failures
        $found.RoleArn | Should -Be $admin
        $failures.Where({ $_ -is [System.Management.Automation.ErrorRecord] }).FullyQualifiedErrorId | Should -Be @(
            'ParameterArgumentTransformationError,RoleCredentials.UseRoleCommand'
            'NoRoleNamed,RoleCredentials.UseRoleCommand'
            'CredentialInvalid,RoleCredentials.UseRoleCommand')
    }

    It 'inherits nothing from the previous row' {
        $rows = "RoleArn,ExternalId,RoleSessionName,ProfileName`n$admin,ticket-42,first,hub`n$admin,,,`n" | ConvertFrom-Csv
        $null = $rows | Use-Role -NoCache -ThrottleLimit 1
        $calls = @(Get-SandboxCall AssumeRole | Where-Object { $_.parameters.RoleArn -eq $admin })
        $calls[0].parameters.ExternalId | Should -Be 'ticket-42'
        $calls[1].parameters.ExternalId | Should -BeNullOrEmpty
        $calls[1].parameters.RoleSessionName | Should -Not -Be 'first'
        $calls[1].principal | Should -BeLike '*user/jo'
    }

    It 'restores the leading zeros of an account' {
        $found = '[{"AccountId":1234567890,"RoleName":"Audit"}]' | ConvertFrom-Json | Use-Role -ErrorAction SilentlyContinue -ErrorVariable failures
        @(@($found).RoleArn) + @($failures.TargetObject) | Should -Contain 'arn:aws:iam::001234567890:role/Audit'
        { Use-Role -RoleName Audit -AccountId 12 } | Should -Throw -ErrorId 'AccountIdInvalid,RoleCredentials.UseRoleCommand'
    }

    It 'has tags and their transitive keys as text' {
        [pscustomobject]@{ RoleArn = $admin; Tag = 'project=apollo,stage=test'; TransitiveTagKey = 'project, stage' } | Use-Role -NoCache
        Assert-Asked @{ 'TransitiveTagKeys.member.1' = 'project'; 'TransitiveTagKeys.member.2' = 'stage' }
        { Use-Role $admin -Tag @{ project = 'apollo' } -TransitiveTagKey project, $null } | Should -Throw -ErrorId 'TagInvalid,*'
    }

    It 'is an object and not a hashtable, whose members PowerShell does not bind' {
        foreach ($row in @{ RoleArn = $admin }, [ordered]@{ ProfileName = 'prod' }, @{ AccountId = '123456789012'; RoleName = 'Admin' }) {
            { $row | Use-Role -ErrorAction Stop } | Should -Throw -ErrorId 'NoRoleNamed,RoleCredentials.UseRoleCommand'
        }
    }

    It 'that holds keys is stored under its StoreAs, with the names of AWS or of the parameters' {
        $default = Get-RoleProfile default | ConvertTo-Json
        [pscustomobject]@{ StoreAs = 'keys1'; AccessKeyId = $ann.AccessKey; SecretAccessKey = $ann.SecretKey; Region = 'eu-west-2' } | Set-RoleCredentials
        [pscustomobject]@{ StoreAs = 'keys2'; AccessKey = $ann.AccessKey; SecretKey = $ann.SecretKey } | Set-RoleCredentials
        Use-Role prod | Select-Object *, @{ Name = 'StoreAs'; Expression = { 'keys3' } } | Set-RoleCredentials
        (Get-RoleProfile keys1, keys2, keys3).Source | Should -Be 'keys', 'keys', 'keys'
        (Get-RoleProfile keys1).Region | Should -Be 'eu-west-2'
        Get-RoleProfile default | ConvertTo-Json | Should -Be $default
        Remove-RoleProfile keys1, keys2, keys3 -Force
    }

    It 'can be stored with Set-RoleCredentials, and an empty column changes nothing' {
        @"
StoreAs,RoleArn,SourceProfile,ExternalId,DurationInSeconds,AccessKey,SecretKey,Region
csv-role,$admin,default,ticket-42,7200,,,eu-north-1
csv-keys,,,,,$($ann.AccessKey),$($ann.SecretKey),
"@ | ConvertFrom-Csv | Set-RoleCredentials
        $stored = Get-RoleProfile csv-role
        $stored.RoleArn, $stored.SourceProfile, $stored.ExternalId, $stored.DurationInSeconds, $stored.Region |
            Should -Be $admin, 'default', 'ticket-42', 7200, 'eu-north-1'
        (Use-Role csv-keys).AccessKeyId | Should -Be $ann.AccessKey
        [pscustomobject]@{ StoreAs = 'csv-role'; Region = ''; ExternalId = $null; DurationInSeconds = '' } |
            Set-RoleCredentials -ErrorAction SilentlyContinue -ErrorVariable failures
        $failures.FullyQualifiedErrorId | Should -Be 'NothingToStore,RoleCredentials.SetRoleCredentialsCommand'
        (Get-RoleProfile csv-role).Region | Should -Be 'eu-north-1'
    }

    It 'from Get-RoleProfile can be stored again under its name through <_>' -ForEach 'the pipeline', 'JSON', 'CSV' {
        Set-RoleCredentials -StoreAs tagged -RoleArn $admin -SourceProfile default -Tag @{ project = 'apollo' } -TransitiveTagKey project
        $profiles = Get-RoleProfile prod, hub, tagged
        if ($_ -eq 'JSON') { $profiles = $profiles | ConvertTo-Json | ConvertFrom-Json }
        if ($_ -eq 'CSV') { $profiles = $profiles | ConvertTo-Csv | ConvertFrom-Csv }
        Remove-RoleProfile prod, hub, tagged -Force
        $profiles | Set-RoleCredentials
        (Get-RoleProfile prod).RoleArn, (Get-RoleProfile prod).Region, (Get-RoleProfile hub).RoleSessionName | Should -Be $admin, 'eu-central-1', 'hub'
        $tagged = Get-RoleProfile tagged
        $tagged.Tag.project, $tagged.TransitiveTagKey | Should -Be 'apollo', 'project'
        Remove-RoleProfile tagged -Force
    }
}

Describe 'An object of the module' {
    AfterEach { Exit-Role -All }

    It 'from Get-RoleProfile selects its profile, <What>' -ForEach @(
        @{ What = 'unchanged'; Script = { Get-RoleProfile prod } }
        @{ What = 'through Select-Object *'; Script = { Get-RoleProfile prod | Select-Object * } }
        @{ What = 'through JSON'; Script = { Get-RoleProfile prod | ConvertTo-Json | ConvertFrom-Json } }
        @{ What = 'through CSV'; Script = { Get-RoleProfile prod | ConvertTo-Csv | ConvertFrom-Csv } }
    ) {
        $found = & $Script | Use-Role
        $found.ProfileName, $found.RoleArn, $found.AccountId, $found.Region | Should -Be 'prod', $admin, '123456789012', 'eu-central-1'
        & $Script | Enter-Role
        $env:AWSU_PROFILE | Should -Be 'prod'
        & $Script | Test-Role -Quiet | Should -BeTrue
    }

    It 'from Get-RoleHistory can be tested, used and entered' {
        $null = Use-Role prod -NoCache
        $null = Use-Role $hub -NoCache
        $history = Get-RoleHistory
        $history | Test-Role -Quiet | Should -Be (@($true) * @($history).Count)
        ($history | Use-Role -InOrder).RoleArn | Should -Be $history.RoleArn
        ($history | Open-RoleConsole -PassThru) | Should -HaveCount $history.Count
        ($history | ConvertTo-Json | ConvertFrom-Json | Use-Role).RoleArn | Sort-Object | Should -Be ($history.RoleArn | Sort-Object)
        $history | Where-Object ProfileName -EQ 'prod' | Enter-Role
        (Get-Role).ProfileName, (Get-Role).RoleArn | Should -Be 'prod', $admin
    }

    It 'from Get-RoleHistory acts through the source that was named, even if the default credentials changed' {
        $jo = Get-SandboxKey jo
        Set-RoleCredentials -StoreAs named @jo -Region eu-west-1
        $null = Use-Role $hub -SourceProfile named -NoCache
        $history = Get-RoleHistory -First 1
        Remove-RoleProfile default -Force
        try {
            ($history | Use-Role -NoCache).RoleArn | Should -Be $hub
            ($history | ConvertTo-Json | ConvertFrom-Json | Use-Role -NoCache).RoleArn | Should -Be $hub
            $history | Test-Role | Select-Object -First 1 | ForEach-Object ProfileName | Should -Be 'named'
            $history | Enter-Role
            (Get-Role).SourceProfile | Should -Be 'named'
            (Get-Role | Use-Role -NoCache).RoleArn | Should -Be $hub
            Exit-Role
            { $history.RoleArn | Use-Role -NoCache -ErrorAction Stop } | Should -Throw -ErrorId 'NoCredentials,*'
        } finally {
            Set-RoleCredentials @jo -Region eu-west-1
            Remove-RoleProfile named -Force
        }
    }

    It 'from <_> does not fall back to the default credentials if its source was given' -ForEach 'Get-RoleHistory', 'Get-Role' {
        Clear-RoleHistory
        $isEntered = $_ -eq 'Get-Role'
        foreach ($given in @{ Credential = Use-Role hub }, $jo, @{ Chain = $true; ProfileName = 'default' }) {
            if ($given.Chain) { Enter-Role hub }
            if ($given.Chain -or $isEntered) { Enter-Role $admin @given } else { $null = Use-Role $admin @given }
            $used = @(& $_).Where({ $_.RoleArn -eq $admin })[0]
            Exit-Role -All -ErrorAction Ignore
            $used.SourceGiven | Should -BeTrue
            Clear-Sandbox
            foreach ($copy in $used, ($used | ConvertTo-Json | ConvertFrom-Json), ($used | ConvertTo-Csv | ConvertFrom-Csv)) {
                { $copy | Use-Role -NoCache -ErrorAction Stop } | Should -Throw -ErrorId 'ParameterConflict,RoleCredentials.UseRoleCommand'
                { $copy | Enter-Role } | Should -Throw -ErrorId 'ParameterConflict,RoleCredentials.EnterRoleCommand'
                $copy | Open-RoleConsole -PassThru | Should -Match 'account=123456789012&roleName=Admin'
            }
            Get-SandboxCall | Should -BeNullOrEmpty
            ($used | Use-Role -SourceProfile default -NoCache).RoleArn | Should -Be $admin
            $null = Use-Role $admin -NoCache
        }
    }

    It 'from Get-RoleHistory and Get-Role can be stored, by its profile or its role' {
        Clear-RoleHistory
        $null = Use-Role prod
        Get-RoleHistory | Set-RoleCredentials -StoreAs again
        (Get-RoleProfile again).RoleArn, (Get-RoleProfile again).SourceProfile | Should -Be $admin, 'default'
        Enter-Role $hub -SourceProfile default
        Get-Role | Set-RoleCredentials -StoreAs again2
        Exit-Role
        (Get-RoleProfile again2).RoleArn, (Get-RoleProfile again2).SourceProfile | Should -Be $hub, 'default'
        Remove-RoleProfile again, again2 -Force
    }

    It 'from Test-Role selects the profile of its hop' {
        (Test-Role prod | Select-Object -Last 1 | Use-Role).RoleArn | Should -Be $admin
    }

    It 'from Get-IAMRoleList of AWS Tools is the role of its Arn, for <_>' -ForEach 'Use-Role', 'Enter-Role', 'Test-Role', 'Open-RoleConsole' {
        $options = @{ 'Enter-Role' = @{ PassThru = $true }; 'Open-RoleConsole' = @{ PassThru = $true } }[$_] ?? @{}
        $role = [pscustomobject]@{ Arn = $admin; RoleName = 'Admin'; RoleId = 'AROAEXAMPLE'; Path = '/'; MaxSessionDuration = 3600 }
        $found = @($role | & $_ @options)[-1]
        if ($_ -eq 'Enter-Role') { Exit-Role }
        $found.RoleArn ?? $found | Should -BeIn $admin, 'https://signin.aws.amazon.com/switchrole?account=123456789012&roleName=Admin'
        $account = [pscustomobject]@{ Id = '123456789012'; Arn = 'arn:aws:organizations::111111111111:account/o-x/123456789012' }
        { $account | & $_ @options -ErrorAction Stop } | Should -Throw
    }

    It 'from Get-RoleHistory acts through another source that the command line names' {
        $jo = Get-SandboxKey jo
        Set-RoleCredentials -StoreAs named @jo -Region eu-west-1
        $null = Use-Role $hub -SourceProfile named -NoCache
        $history = Get-RoleHistory -First 1
        Remove-RoleProfile named -Force
        ($history | Use-Role -NoCache -SourceProfile default).RoleArn | Should -Be $hub
        ($history | Use-Role -NoCache @jo).RoleArn | Should -Be $hub
        { $history | Use-Role -NoCache -ErrorAction Stop } | Should -Throw -ErrorId 'SourceProfileNotFound,*'
    }

    It 'from Get-Role selects its profile in Use-Role' {
        Enter-Role prod
        (Get-Role | Use-Role).ProfileName | Should -Be 'prod'
    }
}

Describe 'A text' {
    BeforeEach { Clear-Sandbox }
    AfterEach { Exit-Role -All }

    It 'is a profile unless it is an ARN: <What>' -ForEach @(
        @{ What = 'Use-Role'; Script = { (Use-Role prod).ProfileName } }
        @{ What = 'Use-Role, from the pipeline'; Script = { ('prod' | Use-Role).ProfileName } }
        @{ What = 'Use-Role -Profile'; Script = { (Use-Role -Profile prod).ProfileName } }
        @{ What = 'Enter-Role'; Script = { Enter-Role prod; (Get-Role).ProfileName } }
        @{ What = 'Enter-Role, from the pipeline'; Script = { 'prod' | Enter-Role; (Get-Role).ProfileName } }
        @{ What = 'Enter-Role -Profile'; Script = { Enter-Role -Profile prod; (Get-Role).ProfileName } }
        @{ What = 'Test-Role'; Script = { Test-Role prod | Select-Object -Last 1 | ForEach-Object ProfileName } }
    ) {
        & $Script | Should -Be 'prod'
    }

    It 'opens the console of a profile' {
        foreach ($link in (Open-RoleConsole prod -PassThru), ('prod' | Open-RoleConsole -PassThru), (Open-RoleConsole -Profile prod -PassThru)) {
            $link | Should -Match 'account=123456789012&roleName=Admin'
        }
        Open-RoleConsole prod -SignIn -PassThru | Should -Match 'SigninToken='
    }

    It 'is an ARN if it starts like one, for <_>' -ForEach 'Use-Role', 'Enter-Role', 'Test-Role' {
        $found = $_ -eq 'Enter-Role' ? (Enter-Role $admin -PassThru) : (& $_ $admin)
        @($found)[-1].RoleArn | Should -Be $admin
        { & $_ 'arn:aws:iam::12:role/x' -ErrorAction Stop } | Should -Throw -ErrorId 'ArnInvalid,*'
    }

    It 'is an account with -RoleName, for <_>' -ForEach 'Use-Role', 'Enter-Role', 'Test-Role', 'Open-RoleConsole' {
        $options = @{ 'Enter-Role' = @{ PassThru = $true }; 'Open-RoleConsole' = @{ PassThru = $true } }[$_] ?? @{}
        foreach ($account in '123456789012', 123456789012) {
            $found = @($account | & $_ -RoleName Admin @options)[-1]
            if ($_ -eq 'Enter-Role') { Exit-Role }
            $found.RoleArn ?? $found | Should -BeIn $admin, 'https://signin.aws.amazon.com/switchrole?account=123456789012&roleName=Admin'
        }
    }

    It 'is read as a profile or an ARN by itself, also among others' {
        $found = Use-Role prod, $hub, ann -InOrder
        $found.ProfileName | Should -Be 'prod', $null, 'ann'
        $found.RoleArn | Should -Be $admin, $hub, $null
    }

    It 'is refused for -RoleArn by name unless it is an ARN' {
        { Use-Role -RoleArn prod } | Should -Throw -ErrorId 'ArnInvalid,RoleCredentials.UseRoleCommand'
        { Enter-Role -RoleArn prod } | Should -Throw -ErrorId 'ArnInvalid,RoleCredentials.EnterRoleCommand'
        { [pscustomobject]@{ RoleArn = 'prod' } | Use-Role -ErrorAction Stop } | Should -Throw -ErrorId 'ArnInvalid,RoleCredentials.UseRoleCommand'
    }

    It 'is refused if it names a profile in addition to -ProfileName' {
        { Use-Role prod -ProfileName hub } | Should -Throw -ErrorId 'ParameterConflict,RoleCredentials.UseRoleCommand'
    }

    It 'completes to profiles and to ARNs in <_>' -ForEach 'Use-Role', 'Enter-Role', 'Test-Role', 'Open-RoleConsole' {
        $null = Use-Role $hub -NoCache
        $all = (TabExpansion2 "$_ " ($_.Length + 1)).CompletionMatches.CompletionText
        $all | Should -Contain 'prod'
        $all | Should -Contain $hub
        (TabExpansion2 "$_ pr" ($_.Length + 3)).CompletionMatches.CompletionText | Should -Contain 'prod'
        (TabExpansion2 "$_ arn:" ($_.Length + 5)).CompletionMatches.CompletionText | Should -Contain $hub
        (TabExpansion2 "$_ -RoleArn " ($_.Length + 10)).CompletionMatches.CompletionText | Should -Not -Contain 'prod'
    }
}

Describe 'An empty variable' {
    BeforeEach { Clear-Sandbox }

    It 'for -<_> counts as absent' -ForEach $optional.Where({ $_ -notin $identity }) {
        foreach ($empty in $null, '') {
            $parameters = @{ $_ = $empty }
            (Use-Role $admin @parameters).RoleArn | Should -Be $admin
        }
    }

    It 'for -<_> is refused, because it would select an identity that the user did not name' -ForEach $identity {
        foreach ($empty in $null, '') {
            $parameters = @{ $_ = $empty }
            { Use-Role $admin @parameters } | Should -Throw
            { Enter-Role $admin @parameters } | Should -Throw
        }
        Get-SandboxCall | Should -BeNullOrEmpty
    }

    It 'in the pipeline, or in place of the role, is refused' {
        $nothing = $null
        { $nothing | Use-Role -ErrorAction Stop } | Should -Throw -ErrorId 'NoRoleNamed,RoleCredentials.UseRoleCommand'
        { $nothing | Enter-Role } | Should -Throw
        { Use-Role $nothing } | Should -Throw
        $env:AWS_ACCESS_KEY_ID | Should -BeNullOrEmpty
    }

    It 'is refused as an array for -<Name> too: <What>' -ForEach @(
        foreach ($name in 'RoleArn', 'ProfileName', 'AccountId') {
            @{ Name = $name; What = 'no element'; Value = @() }
            @{ Name = $name; What = 'null'; Value = @($null) }
            @{ Name = $name; What = 'an empty text'; Value = @('') }
            @{ Name = $name; What = 'the second of two'; Value = @('prod', $null) }
        }
    ) {
        $parameters = @{ $Name = $Value }
        foreach ($command in 'Use-Role', 'Test-Role') {
            { & $command @parameters } | Should -Throw -ErrorId "ParameterConflict,RoleCredentials.$($command -replace '-')Command"
            if ($Value.Count -lt 2) { continue }
            $found = [pscustomobject]$parameters | & $command -ErrorVariable failure -ErrorAction SilentlyContinue
            $found | Should -BeNullOrEmpty
            $failure.FullyQualifiedErrorId | Should -Be "ParameterConflict,RoleCredentials.$($command -replace '-')Command"
        }
        Get-SandboxCall | Should -BeNullOrEmpty
    }

    It 'is refused as a property that holds credentials: <_>' -ForEach 'Credential', 'Credentials' {
        $row = [pscustomobject]@{ RoleArn = $admin; $_ = $null }
        foreach ($command in 'Use-Role', 'Enter-Role', 'Test-Role') {
            { $row | & $command -ErrorAction Stop } | Should -Throw -ErrorId "ParameterConflict,RoleCredentials.$($command -replace '-')Command"
        }
        Get-SandboxCall | Should -BeNullOrEmpty
        $row | Add-Member SourceProfile default
        ($row | Use-Role).RoleArn | Should -Be $admin
    }

    It 'is refused where it would change another profile or file: <What>' -ForEach @(
        @{ What = 'Set-RoleCredentials -StoreAs'; Script = { Set-RoleCredentials -StoreAs $empty -Region us-east-2 } }
        @{ What = 'the StoreAs of a row'; Script = { [pscustomobject]@{ StoreAs = $empty; Region = 'us-east-2' } | Set-RoleCredentials -ErrorAction Stop } }
        @{ What = 'Set-RoleCredentials -ProfileLocation'; Script = { Set-RoleCredentials -ProfileLocation $empty -Region us-east-2 } }
        @{ What = 'Remove-RoleProfile -ProfileLocation'; Script = { Remove-RoleProfile hub -ProfileLocation $empty -Force } }
        @{ What = 'Connect-RoleConsole'; Script = { Connect-RoleConsole $empty -WhatIf } }
        @{ What = 'Disconnect-RoleConsole'; Script = { Disconnect-RoleConsole $empty } }
    ) {
        $config = Get-SandboxFile config
        foreach ($empty in $null, '') { $Script | Should -Throw -ErrorId 'ParameterConflict,*' }
        Get-SandboxFile config | Should -Be $config
    }

    It 'for a setting of Set-RoleCredentials does nothing, while an empty string removes the setting' {
        Set-RoleCredentials -StoreAs emptied -RoleArn $admin -SourceProfile default -ExternalId ticket-42 -Region eu-west-1
        Set-RoleCredentials -StoreAs emptied -Region $null -ExternalId $null -RoleSessionName other
        (Get-RoleProfile emptied).Region, (Get-RoleProfile emptied).ExternalId, (Get-RoleProfile emptied).RoleSessionName | Should -Be 'eu-west-1', 'ticket-42', 'other'
        Set-RoleCredentials -StoreAs emptied -Region '' -ExternalId ''
        (Get-RoleProfile emptied).Region, (Get-RoleProfile emptied).ExternalId | Should -Be $null, $null
        Set-RoleCredentials -StoreAs emptied -Tag @{ project = 'apollo' } -TransitiveTagKey project
        [pscustomobject]@{ StoreAs = 'emptied'; Region = 'eu-west-1'; Tag = ''; TransitiveTagKey = '' } | Set-RoleCredentials
        (Get-RoleProfile emptied).Tag.project, (Get-RoleProfile emptied).TransitiveTagKey | Should -Be 'apollo', 'project'
        Set-RoleCredentials -StoreAs emptied -Tag '' -TransitiveTagKey ''
        (Get-RoleProfile emptied).Tag, (Get-RoleProfile emptied).TransitiveTagKey | Should -Be $null, $null
    }
}

Describe 'A result of Use-Role' {
    BeforeEach { Clear-Sandbox }

    It 'names its profile and account' {
        $found = Use-Role prod
        $found.ProfileName, $found.AccountId | Should -Be 'prod', '123456789012'
        (Use-Role $admin).AccountId | Should -Be '123456789012'
    }

    It 'contains its input object' {
        $accounts = foreach ($number in 1..9) { [pscustomobject]@{ Id = "10000000000$number"; Name = "account 10000000000$number" } }
        $found = $accounts | Use-Role -RoleName Audit -InOrder
        $found.InputObject.Name | Should -Be $found.ForEach({ "account $($_.AccountId)" })
        $found.AccountId | Should -Be $accounts.Id
    }

    It 'is output before the next input object with -ThrottleLimit 1, as -PipelineVariable needs' {
        $seen = 1..5 | ForEach-Object { "10000000000$_" } -PipelineVariable account | Use-Role -RoleName Audit -NoCache -ThrottleLimit 1 |
            ForEach-Object { "$account $($_.AccountId)" }
        $seen | Should -Be (1..5).ForEach({ "10000000000$_ 10000000000$_" })
    }

    It 'is the part that -Select names: <Select>' -ForEach @(
        @{ Select = '*'; Script = { $_.AccessKeyId } }
        @{ Select = 'Credentials'; Script = { $_.AccessKeyId } }
        @{ Select = 'Credentials.AccessKeyId'; Script = { $_ } }
        @{ Select = 'AccessKeyId'; Script = { $_ } }
    ) {
        $expected = (Use-Role $admin).AccessKeyId
        Use-Role $admin -Select $Select | ForEach-Object $Script | Should -Be $expected
    }

    It 'is the value of the parameter that -Select names after ^, and an unknown name is refused' {
        Use-Role $admin -Select '^RoleArn' | Should -Be $admin
        Use-Role prod, hub -Select '^ProfileName' -InOrder | Should -Be 'prod', 'hub'
        Use-Role $admin -DurationSeconds 1000 -Select '^DurationSeconds' | Should -Be 1000
        Use-Role $admin -Select AssumedRoleUser.Arn | Should -BeLike '*:assumed-role/Admin/*'
        foreach ($unknown in 'Nothing', '^Nothing', 'Credentials.Nothing', 'AssumedRoleUser.Nothing', 'AccessKeyId.Nothing', 'Credentials.') {
            { Use-Role $admin -Select $unknown } | Should -Throw -ErrorId 'SelectInvalid,RoleCredentials.UseRoleCommand'
        }
    }

    It 'supports -Confirm and -WhatIf, as in Use-STSRole' {
        (Use-Role $admin -Confirm:$false -NoCache).RoleArn | Should -Be $admin
        (Use-Role $admin -Force -NoCache).RoleArn | Should -Be $admin
        Clear-Sandbox
        Use-Role $admin -WhatIf -NoCache 6>$null | Should -BeNullOrEmpty
        Use-Role $admin -WhatIf -Force -NoCache 6>$null | Should -BeNullOrEmpty
        Use-Role prod -WhatIf -ScriptBlock { throw 'ran' } 6>$null | Should -BeNullOrEmpty
        Get-SandboxCall | Should -BeNullOrEmpty
    }

    It 'has the region from <What>' -ForEach @(
        @{ What = 'a text'; Region = 'eu-central-1' }
        @{ What = 'a RegionEndpoint'; Region = [pscustomobject]@{ SystemName = 'eu-central-1'; DisplayName = 'Europe (Frankfurt)' } }
        @{ What = 'an AWSRegion'; Region = [pscustomobject]@{ Region = 'eu-central-1'; Name = 'Europe (Frankfurt)'; IsShellDefault = $false } }
    ) {
        (Use-Role $admin -Region $Region).Region | Should -Be 'eu-central-1'
        ([pscustomobject]@{ RoleArn = $admin; Region = $Region } | Use-Role).Region | Should -Be 'eu-central-1'
        Open-RoleConsole $admin -SignIn -Region $Region -PassThru | Should -Match 'eu-central-1'
        Set-RoleCredentials -StoreAs regional -RoleArn $admin -SourceProfile default -Region $Region
        (Get-RoleProfile regional).Region | Should -Be 'eu-central-1'
    }
}
