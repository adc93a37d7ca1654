BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Sandbox.psm1')
    Enter-Sandbox
    $env:AWS_REGION = 'eu-west-1'
    $jo = Get-SandboxKey
    Set-RoleCredentials @jo
    $role = 'arn:aws:iam::123456789012:role'
    Set-RoleCredentials -StoreAs prod -RoleArn "$role/Admin" -SourceProfile default
    Set-RoleCredentials -StoreAs denied -RoleArn "$role/DeniedByTrust" -SourceProfile default
    Set-RoleCredentials -StoreAs long -RoleArn "$role/OneHour" -SourceProfile default -DurationInSeconds 7200
    Set-RoleCredentials -StoreAs first -RoleArn 'arn:aws:iam::111111111111:role/ChainA' -SourceProfile default
    Set-RoleCredentials -StoreAs chained -RoleArn 'arn:aws:iam::222222222222:role/ChainB' -SourceProfile first
}

AfterAll { Exit-Sandbox }

Describe 'Test-Role' {
    BeforeEach {
        Clear-RoleCache -Confirm:$false
        Clear-Sandbox
    }

    It 'advises to move keys in plain text to the keychain' {
        $hop = Test-Role default
        $hop.Advice | Should -Match 'Set-RoleCredentials -ProfileName default -Vault'
        $hop | Out-String | Should -Match 'Note: The secret key is in plain text'
        @(Test-Role prod)[1].Advice | Should -BeNullOrEmpty
    }

    It 'returns a typed object for each hop of a chain' {
        $hops = @(Test-Role chained)
        $hops.Count | Should -Be 3
        $hops.ForEach({ $_.PSTypeNames[0] }) | Select-Object -Unique | Should -Be 'RoleCredentials.Hop'
        $hops.Succeeded | Should -Be $true, $true, $true
        $hops.ProfileName | Should -Be 'default', 'first', 'chained'
        $hops.Number | Should -Be 1, 2, 3
        $hops.Operation | Should -Be 'Keys', 'AssumeRole', 'AssumeRole'
        $hops[0].Target, $hops[0].Identity, $hops[0].Account, $hops[0].Expiration | Should -Be 'chained', 'arn:aws:iam::111111111111:user/jo', '111111111111', $null
        $hops[2].Identity | Should -BeLike 'arn:aws:sts::222222222222:assumed-role/ChainB/*'
        $hops[2].Expiration | Should -BeOfType datetime
        $hops[2].Expiration.Kind | Should -Be 'Utc'
    }

    It 'marks cached credentials, and bypasses the cache with -NoCache' {
        $null = Test-Role prod
        (Test-Role prod)[-1].Cached | Should -BeTrue
        (Test-Role prod -NoCache)[-1].Cached | Should -BeFalse
    }

    It 'writes no error for a failed hop' {
        $hops = Test-Role denied -ErrorVariable errors -ErrorAction SilentlyContinue
        $errors | Should -BeNullOrEmpty
        $hops[-1].Succeeded | Should -BeFalse
        $hops[-1].ErrorId | Should -Be 'AccessDenied'
        $hops[-1].Action | Should -Not -BeNullOrEmpty
        $hops[-1].Causes.Where({ $_.Id -eq 'TrustPolicyLacksAllow' }).Likelihood | Should -Be 'Likely'
        $hops[-1].Cause | Should -BeLike 'Likely: *'
    }

    It 'includes both policies as JSON for an administrator' {
        $hop = (Test-Role denied)[-1]
        ($hop.TrustPolicy | ConvertFrom-Json).Statement[0].Principal.AWS | Should -Be 'arn:aws:iam::111111111111:user/jo'
        ($hop.IdentityPolicy | ConvertFrom-Json).Statement[0].Resource | Should -Be "$role/DeniedByTrust"
    }

    It 'returns one result for each chain with -Quiet' {
        'prod', 'long' | Test-Role -Quiet | Should -Be $true, $false
        Get-RoleProfile prod | Test-Role -Quiet | Should -BeTrue
    }

    It 'reports an error for a missing profile and continues' {
        $found = 'nobody', 'prod' | Test-Role -Quiet -ErrorVariable errors -ErrorAction SilentlyContinue
        $found | Should -BeTrue
        $errors[0].FullyQualifiedErrorId | Should -Be 'ProfileNotFound,RoleCredentials.TestRoleCommand'
        $errors[0].TargetObject | Should -Be 'nobody'
        { Test-Role nobody -ErrorAction Stop } | Should -Throw -ErrorId 'ProfileNotFound,RoleCredentials.TestRoleCommand'
    }

    It 'reports a name with quotes and brackets as it is' {
        { Test-Role "no'such[profile]" -ErrorAction Stop } | Should -Throw -ErrorId 'ProfileNotFound,*' -PassThru | ForEach-Object TargetObject | Should -Be "no'such[profile]"
    }

    It 'returns a failed hop for a broken profile' {
        $config = Get-SandboxFile config
        try {
            Set-SandboxFile -Config "$config`n[profile circle]`nrole_arn = $role/Admin`nsource_profile = circle`n"
            $hop = Test-Role circle
            $hop.Number, $hop.Operation, $hop.Succeeded, $hop.ErrorId | Should -Be 1, 'Profile', $false, 'ProfileCycle'
        } finally { Set-SandboxFile -Config $config }
    }

    It 'tests <What>' -ForEach @(
        @{ What = 'a role with the default credentials'; Parameters = @{ RoleArn = 'arn:aws:iam::123456789012:role/Admin' } }
        @{ What = 'a role with the credentials of a profile'; Parameters = @{ RoleArn = 'arn:aws:iam::123456789012:role/Admin'; ProfileName = 'default' } }
        @{ What = 'a role with another source'; Parameters = @{ RoleArn = 'arn:aws:iam::123456789012:role/Admin'; SourceProfile = 'default' } }
        @{ What = 'a role with keys'; Parameters = @{ RoleArn = 'arn:aws:iam::123456789012:role/Admin'; AccessKey = 'AKIAJOEXAMPLE0000001'; SecretKey = 'Jo/EXAMPLE+secret00000000000000000000001' } }
        @{ What = 'a name in an account'; Parameters = @{ RoleName = 'Admin'; AccountId = '123456789012' } }
    ) {
        (Test-Role @Parameters).Succeeded | Should -Be $true, $true
    }

    It 'uses a given code at the first hop that needs one' {
        $device = 'arn:aws:iam::111111111111:mfa/jo'
        Set-RoleCredentials -StoreAs hub -RoleArn arn:aws:iam::111111111111:role/Hub -SourceProfile default -MfaSerial $device
        Set-RoleCredentials -StoreAs behind -RoleArn "$role/OneHour" -SourceProfile hub
        (Test-Role behind -TokenCode (Get-SandboxMfaCode)).Succeeded | Should -Be $true, $true, $true
    }

    It 'warns once about a wrong clock' {
        Move-SandboxClock 600
        try {
            $hops = Test-Role prod -NoCache -WarningVariable warnings -WarningAction SilentlyContinue
            $warnings | Should -HaveCount 1
            $hops[0].ClockSkewSeconds | Should -BeLessThan -500
        } finally { Move-SandboxClock -600 }
    }

    It 'tests credentials without a role' {
        $jo = Get-SandboxKey
        $hop = Test-Role @jo
        $hop.Operation | Should -Be 'Credential'
        $hop.Identity | Should -Be 'arn:aws:iam::111111111111:user/jo'
    }

    It 'stops when the pipeline stops' {
        $null = Test-Role chained | Select-Object -First 1
        (Get-SandboxCall).action | Should -Be 'GetCallerIdentity', 'ListAccessKeys'
    }

    It 'displays a report, a table and a list, without secrets' {
        $report = Test-Role denied | Out-String -Width 120
        $report | Should -Match 'Target: denied'
        $report | Should -Match '1  ok: profile default'
        $report | Should -Match '2  FAILED: role'
        $report | Should -Match '"Version": "2012-10-17"'
        $report | Should -Not -Match 'secret0'
        $table = Test-Role prod | Format-Table | Out-String -Width 120
        $table | Should -Match '# Operation\s+ProfileName\s+IdentityOrCause\s+Expires\s+Cached\s+Succeeded'
        $list = Test-Role denied | Format-List | Out-String -Width 120
        $list | Should -Match 'OtherCauses\s+: '
    }
}
