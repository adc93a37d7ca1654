# Every kind of bad input has its own error, which says what to do next. No error changes a file or shows a secret.

BeforeDiscovery {
    $role = 'arn:aws:iam::123456789012:role'
    $used = @(
        @{ What = 'an unknown profile'; Arguments = '-ProfileName nobody'; Id = 'ProfileNotFound'; Category = 'ObjectNotFound'; Target = 'nobody' }
        @{ What = 'a missing source'; Arguments = '-ProfileName orphan'; Id = 'SourceProfileNotFound'; Category = 'ObjectNotFound'; Target = 'nobody' }
        @{ What = 'a missing -SourceProfile'; Arguments = "$role/Admin -SourceProfile nobody"; Id = 'SourceProfileNotFound'; Category = 'ObjectNotFound'; Target = 'nobody' }
        @{ What = 'a cycle'; Arguments = '-ProfileName a'; Id = 'ProfileCycle'; Category = 'InvalidData'; Target = 'b' }
        @{ What = 'a profile as its own source'; Arguments = '-ProfileName self'; Id = 'ProfileCycle'; Category = 'InvalidData'; Target = 'self' }
        @{ What = 'both sources'; Arguments = '-ProfileName both'; Id = 'SourceConflict'; Category = 'InvalidData'; Target = 'both' }
        @{ What = 'neither source'; Arguments = '-ProfileName neither'; Id = 'SourceMissing'; Category = 'InvalidData'; Target = 'neither' }
        @{ What = 'an unknown credential_source'; Arguments = '-ProfileName elsewhere'; Id = 'CredentialSourceInvalid'; Category = 'InvalidData'; Target = 'elsewhere' }
        @{ What = 'an empty profile'; Arguments = '-ProfileName empty'; Id = 'NoCredentials'; Category = 'ObjectNotFound'; Target = 'empty' }
        @{ What = 'half a pair of keys'; Arguments = "$role/Admin -ProfileName half"; Id = 'ProfileIncomplete'; Category = 'InvalidData'; Target = 'half' }
        @{ What = 'a malformed ARN'; Arguments = 'arn:aws:iam::12:role/x'; Id = 'ArnInvalid'; Category = 'InvalidArgument'; Target = 'arn:aws:iam::12:role/x' }
        @{ What = "a user's ARN"; Arguments = 'arn:aws:iam::123456789012:user/x'; Id = 'ArnInvalid'; Category = 'InvalidArgument'; Target = 'arn:aws:iam::123456789012:user/x' }
        @{ What = 'a malformed ARN in a profile'; Arguments = '-ProfileName malformed'; Id = 'ArnInvalid'; Category = 'InvalidArgument'; Target = '?*' }
        @{ What = 'a bad account id'; Arguments = '-RoleName Admin -AccountId 12'; Id = 'AccountIdInvalid'; Category = 'InvalidArgument'; Target = '12' }
        @{ What = 'a bad role name'; Arguments = "-RoleName 'A B' -AccountId 123456789012"; Id = 'RoleNameInvalid'; Category = 'InvalidArgument'; Target = 'A B' }
        @{ What = 'a bad session name'; Arguments = "$role/Admin 'a b'"; Id = 'RoleSessionNameInvalid'; Category = 'InvalidArgument'; Target = 'a b' }
        @{ What = 'a session name of one letter'; Arguments = "$role/Admin a"; Id = 'RoleSessionNameInvalid'; Category = 'InvalidArgument'; Target = 'a' }
        @{ What = 'a bad session name in a profile'; Arguments = '-ProfileName named'; Id = 'RoleSessionNameInvalid'; Category = 'InvalidArgument'; Target = '?*' }
        @{ What = 'too short a duration'; Arguments = "$role/Admin -DurationInSeconds 899"; Id = 'DurationInvalid'; Category = 'InvalidArgument'; Target = '899' }
        @{ What = 'too long a duration'; Arguments = "$role/Admin -DurationInSeconds 43201"; Id = 'DurationInvalid'; Category = 'InvalidArgument'; Target = '43201' }
        @{ What = 'a bad duration in a profile'; Arguments = '-ProfileName short'; Id = 'DurationInvalid'; Category = 'InvalidArgument'; Target = '?*' }
        @{ What = "a duration beyond the role's"; Arguments = "$role/OneHour -DurationInSeconds 7200"; Id = 'DurationInvalid'; Category = 'InvalidArgument'; Target = "$role/OneHour" }
        @{ What = 'a bad external id'; Arguments = "$role/Admin -ExternalId x"; Id = 'ExternalIdInvalid'; Category = 'InvalidArgument'; Target = 'x' }
        @{ What = 'a bad source identity'; Arguments = "$role/Admin -SourceIdentity 'a b'"; Id = 'SourceIdentityInvalid'; Category = 'InvalidArgument'; Target = 'a b' }
        @{ What = 'a bad tag'; Arguments = "$role/Admin -Tag @{ 'a?' = 'b' }"; Id = 'TagInvalid'; Category = 'InvalidArgument'; Target = 'a?' }
        @{ What = 'a tag without a value'; Arguments = "$role/Admin -Tag project"; Id = 'TagInvalid'; Category = 'InvalidArgument'; Target = '?*' }
        @{ What = 'a policy that is not JSON'; Arguments = "$role/Admin -Policy '{'"; Id = 'PolicyInvalid'; Category = 'InvalidArgument'; Target = 'Policy' }
        @{ What = 'a number as a policy ARN'; Arguments = "$role/Admin -PolicyArn 5"; Id = 'PolicyInvalid'; Category = 'InvalidArgument'; Target = '?*' }
        @{ What = 'an invalid region'; Arguments = "$role/Admin -Region 'eu west'"; Id = 'RegionInvalid'; Category = 'InvalidArgument'; Target = '-Region' }
        @{ What = 'an invalid endpoint'; Arguments = "$role/Admin -EndpointUrl nonsense"; Id = 'EndpointInvalid'; Category = 'InvalidArgument'; Target = '?*' }
        @{ What = 'an access key without a secret key'; Arguments = "$role/Admin -AccessKey AKIAJOEXAMPLE0000001"; Id = 'ParameterConflict'; Category = 'InvalidArgument'; Target = '?*' }
        @{ What = 'a secret key without an access key'; Arguments = "$role/Admin -SecretKey `$secret"; Id = 'ParameterConflict'; Category = 'InvalidArgument'; Target = '?*' }
        @{ What = 'keys and a credential'; Arguments = "$role/Admin -AccessKey AKIAJOEXAMPLE0000001 -SecretKey `$secret -Credential 5"; Id = 'ParameterConflict'; Category = 'InvalidArgument'; Target = '?*' }
        @{ What = 'a number as a credential'; Arguments = "$role/Admin -Credential 5"; Id = 'CredentialInvalid'; Category = 'InvalidArgument'; Target = '?*' }
        @{ What = 'a credential with an empty secret'; Arguments = "$role/Admin -Credential ([pscustomobject]@{ AccessKeyId = 'AKIA'; SecretAccessKey = '' })"; Id = 'CredentialInvalid'; Category = 'InvalidArgument'; Target = '?*' }
        @{ What = 'a response without credentials'; Arguments = "$role/Admin -Credential ([pscustomobject]@{ Credentials = `$null })"; Id = 'CredentialInvalid'; Category = 'InvalidArgument'; Target = '?*' }
        @{ What = 'a malformed code'; Arguments = '-ProfileName secure -TokenCode 12'; Id = 'TokenCodeInvalid'; Category = 'InvalidArgument'; Target = '' }
        @{ What = 'a wrong code'; Arguments = '-ProfileName secure -TokenCode 000000'; Id = 'MfaCodeRejected'; Category = 'AuthenticationError'; Target = 'secure' }
        @{ What = 'a missing code without a terminal'; Arguments = '-ProfileName secure'; Id = 'MfaRequired'; Category = 'AuthenticationError'; Target = '?*' }
        @{ What = 'a denied role'; Arguments = "$role/DeniedByTrust"; Id = 'AccessDenied'; Category = 'PermissionDenied'; Target = "$role/DeniedByTrust" }
        @{ What = 'a denied hop'; Arguments = '-ProfileName chain'; Id = 'AccessDenied'; Category = 'PermissionDenied'; Target = 'chain'; Says = 'role arn:aws:iam::333333333333:role/ChainC (profile chain)' }
        @{ What = 'an expired source'; Arguments = '-ProfileName old'; Id = 'CredentialsExpired'; Category = 'AuthenticationError'; Target = 'old' }
        @{ What = "root's keys"; Arguments = "$role/Admin -SourceProfile root"; Id = 'RootNotAllowed'; Category = 'PermissionDenied'; Target = "$role/Admin" }
        @{ What = 'unknown keys'; Arguments = "$role/Admin -SourceProfile unknown"; Id = 'CredentialsRejected'; Category = 'AuthenticationError'; Target = "$role/Admin" }
        @{ What = 'a wrong secret'; Arguments = "$role/Admin -AccessKey AKIAJOEXAMPLE0000001 -SecretKey `$secret"; Id = 'CredentialsRejected'; Category = 'AuthenticationError'; Target = "$role/Admin" }
        @{ What = 'an invalid profile location'; Arguments = "$role/Admin -ProfileLocation nowhere:/file"; Id = 'ProfileLocationInvalid'; Category = 'InvalidArgument'; Target = 'nowhere:/file' }
        @{ What = 'a profile location outside the file system'; Arguments = "$role/Admin -ProfileLocation Variable:secret"; Id = 'ProfileLocationInvalid'; Category = 'InvalidArgument'; Target = 'Variable:secret' }
        @{ What = 'an unreachable STS'; Arguments = "$role/Admin -EndpointUrl http://127.0.0.1:1"; Id = 'StsUnreachable'; Category = 'ConnectionError'; Target = "$role/Admin"; Says = 'http://127.0.0.1:1' }
        @{ What = '-AutoRefresh with a script block'; Arguments = "$role/Admin -AutoRefresh -ScriptBlock { }"; Id = 'ParameterConflict'; Category = 'InvalidArgument'; Target = '?*' }
    )
    $keys = '-AccessKey AKIAJOEXAMPLE0000001 -SecretKey'
    $stored = @(
        @{ What = 'an unknown profile'; Arguments = '-ProfileName nobody'; Id = 'ProfileNotFound'; Category = 'ObjectNotFound'; Target = 'nobody' }
        @{ What = 'a missing source'; Arguments = "-StoreAs new -RoleArn $role/Admin -SourceProfile nobody"; Id = 'SourceProfileNotFound'; Category = 'ObjectNotFound'; Target = 'nobody' }
        @{ What = 'a cycle'; Arguments = '-StoreAs prod -SourceProfile prod'; Id = 'ProfileCycle'; Category = 'InvalidData'; Target = 'prod' }
        @{ What = 'both sources'; Arguments = "-StoreAs new -RoleArn $role/Admin -SourceProfile default -CredentialSource Environment"; Id = 'SourceConflict'; Category = 'InvalidData'; Target = 'new' }
        @{ What = 'neither source'; Arguments = "-StoreAs new -RoleArn $role/Admin"; Id = 'SourceMissing'; Category = 'InvalidData'; Target = 'new' }
        @{ What = 'a session without a role'; Arguments = '-StoreAs new -ExternalId ticket-42'; Id = 'SourceMissing'; Category = 'InvalidData'; Target = 'new' }
        @{ What = 'an unknown credential_source'; Arguments = "-StoreAs new -RoleArn $role/Admin -CredentialSource Elsewhere"; Id = 'CredentialSourceInvalid'; Category = 'InvalidData'; Target = 'new' }
        @{ What = 'a malformed ARN'; Arguments = '-StoreAs new -RoleArn nonsense -SourceProfile default'; Id = 'ArnInvalid'; Category = 'InvalidArgument'; Target = 'nonsense' }
        @{ What = 'a bad session name'; Arguments = "-StoreAs prod -RoleSessionName 'a b'"; Id = 'RoleSessionNameInvalid'; Category = 'InvalidArgument'; Target = 'a b' }
        @{ What = 'a duration out of range'; Arguments = '-StoreAs prod -DurationInSeconds 43201'; Id = 'DurationInvalid'; Category = 'InvalidArgument'; Target = '43201' }
        @{ What = 'a bad MFA serial'; Arguments = "-StoreAs prod -MfaSerial 'a b'"; Id = 'MfaSerialInvalid'; Category = 'InvalidArgument'; Target = 'a b' }
        @{ What = 'an MFA session without a device'; Arguments = '-StoreAs prod -MfaSession'; Id = 'ProfileIncomplete'; Category = 'InvalidData'; Target = 'prod' }
        @{ What = 'a tag that cannot be stored'; Arguments = "-StoreAs prod -Tag @{ 'a=b' = 'c' }"; Id = 'TagInvalid'; Category = 'InvalidArgument'; Target = 'a=b' }
        @{ What = 'a tag that would become two'; Arguments = "-StoreAs prod -Tag @{ 'a,b' = 'c' }"; Id = 'TagInvalid'; Category = 'InvalidArgument'; Target = 'a,b' }
        @{ What = 'a bad region'; Arguments = "-Region 'eu west'"; Id = 'RegionInvalid'; Category = 'InvalidArgument'; Target = '-Region' }
        @{ What = 'a secret with a line break'; Arguments = "$keys `"`$secret``n[evil]`""; Id = 'ValueRefused'; Category = 'InvalidArgument'; Target = 'aws_secret_access_key' }
        @{ What = 'a secret with a comment'; Arguments = "$keys `"`$secret # x`""; Id = 'ValueRefused'; Category = 'InvalidArgument'; Target = 'aws_secret_access_key' }
        @{ What = 'a token with a line break'; Arguments = "$keys `$secret -SessionToken `"`$secret``r``n`""; Id = 'ValueRefused'; Category = 'InvalidArgument'; Target = 'aws_session_token' }
        @{ What = 'a profile name with a bracket'; Arguments = "-StoreAs 'a]b' $keys `$secret"; Id = 'ProfileNameInvalid'; Category = 'InvalidArgument'; Target = 'a]b' }
        @{ What = 'a profile name with a line break'; Arguments = "-StoreAs `"a``nb`" $keys `$secret"; Id = 'ProfileNameInvalid'; Category = 'InvalidArgument'; Target = 'a\u000ab' }
        @{ What = 'a profile named like a member of every JavaScript object'; Arguments = "-StoreAs __proto__ $keys `$secret"; Id = 'ProfileNameInvalid'; Category = 'InvalidArgument'; Target = '__proto__' }
        @{ What = 'a bad name with -WhatIf'; Arguments = "-StoreAs 'a]b' -Region eu-west-1 -WhatIf"; Id = 'ProfileNameInvalid'; Category = 'InvalidArgument'; Target = 'a]b' }
        @{ What = 'invalid credentials'; Arguments = '-Credential 5'; Id = 'CredentialInvalid'; Category = 'InvalidArgument'; Target = 'Credential' }
        @{ What = 'a credential_process without a profile'; Arguments = '-AsProcess -StoreAs new'; Id = 'ParameterConflict'; Category = 'InvalidArgument'; Target = '?*' }
        @{ What = 'a credential_process for another file'; Arguments = '-AsProcess -ProfileName prod -ProfileLocation other'; Id = 'ParameterConflict'; Category = 'InvalidArgument'; Target = '?*' }
        @{ What = 'a credential_process for the profile itself'; Arguments = '-AsProcess -ProfileName prod -StoreAs prod'; Id = 'ProfileCycle'; Category = 'InvalidData'; Target = '?*' }
        @{ What = 'a missing secret without a terminal'; Arguments = '-AccessKey AKIAJOEXAMPLE0000001'; Id = 'InputRequired'; Category = 'InvalidOperation'; Target = 'AWS Secret Access Key' }
        @{ What = 'an invalid profile location'; Arguments = "$keys `$secret -ProfileLocation nowhere:/file"; Id = 'ProfileLocationInvalid'; Category = 'InvalidArgument'; Target = 'nowhere:/file' }
    )
    $cases = @($used | ForEach-Object { @{ Command = "Use-Role $($_.Arguments) -NoCache" } + $_ }) +
        @($stored | ForEach-Object { @{ Command = "Set-RoleCredentials $($_.Arguments)" } + $_ })
    $readers = 'Get-RoleProfile', 'Set-RoleCredentials -Region eu-west-1', 'Remove-RoleProfile prod -Force', 'Use-Role -ProfileName prod'
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Sandbox.psm1')
    Enter-Sandbox
    $secret = 'CANARY/secret+000000000000000000000000000'
    $token = 'EXPIREDEXAMPLETOKEN//////////wEaCXVzLWVhc3QtMSJHMEUCIQDexample=='
    $jo, $root = 'jo', 'root' | ForEach-Object { Get-SandboxKey $_ }
    $credentials = @"
[default]
aws_access_key_id = $($jo.AccessKey)
aws_secret_access_key = $($jo.SecretKey)
[expired]
aws_access_key_id = ASIAEXPIREDEXAMPLE01
aws_secret_access_key = Expired/EXAMPLE+secret000000000000000001
aws_session_token = $token
[root]
aws_access_key_id = $($root.AccessKey)
aws_secret_access_key = $($root.SecretKey)
[unknown]
aws_access_key_id = AKIAUNKNOWNEXAMPLE01
aws_secret_access_key = $secret
[half]
aws_access_key_id = AKIAHALFEXAMPLE00001

"@
    $admin = 'arn:aws:iam::123456789012:role/Admin'
    $profiles = [ordered]@{
        prod = "role_arn = $admin`nsource_profile = default"
        orphan = "role_arn = $admin`nsource_profile = nobody"
        a = "role_arn = $admin`nsource_profile = b"
        b = "role_arn = $admin`nsource_profile = a"
        self = "role_arn = $admin`nsource_profile = self"
        both = "role_arn = $admin`nsource_profile = default`ncredential_source = Environment"
        neither = "role_arn = $admin"
        elsewhere = "role_arn = $admin`ncredential_source = Elsewhere"
        malformed = "role_arn = arn:aws:iam::123456789012:user/Admin`nsource_profile = default"
        short = "role_arn = $admin`nsource_profile = default`nduration_seconds = 60"
        named = "role_arn = $admin`nsource_profile = default`nrole_session_name = a b"
        old = "role_arn = $admin`nsource_profile = expired"
        middle = "role_arn = arn:aws:iam::111111111111:role/ChainA`nsource_profile = default"
        chain = "role_arn = arn:aws:iam::333333333333:role/ChainC`nsource_profile = middle"
        secure = "role_arn = arn:aws:iam::123456789012:role/MfaRequired`nsource_profile = default`nmfa_serial = arn:aws:iam::111111111111:mfa/jo"
        empty = 'region = eu-west-1'
    }
    $config = -join $profiles.Keys.ForEach({ "[profile $_]`n$($profiles[$_])`n" })

    # Runs a command that must fail, and returns its error. Checks that no stream and no error contains a secret.
    function Get-Failure([string] $Command) {
        $Error.Clear()
        $shown = [System.Collections.Generic.List[object]]::new()
        $failure = $null
        $PSDefaultParameterValues = @{ 'Use-Role:Confirm' = $false; 'Set-RoleCredentials:Confirm' = $false } # Before PowerShell 7.6, -Debug prompts as -Confirm does.
        try { & ([scriptblock]::Create("$Command -Verbose -Debug")) *>&1 | ForEach-Object { $shown.Add($_) } } catch { $failure = $_ }
        $texts = foreach ($one in @($Error) + $shown.ToArray()) {
            "$one"
            if ($one -isnot [System.Management.Automation.ErrorRecord]) { continue }
            "$($one.Exception)"; "$($one.TargetObject)"; "$($one.ErrorDetails)"; "$($one.ErrorDetails.RecommendedAction)"; "$($one.CategoryInfo)"
            $one.ScriptStackTrace
            foreach ($key in $one.Exception.Data.Keys) { "$key=$($one.Exception.Data[$key])" }
        }
        Find-SandboxSecret "$texts" -Known 'CANARY', $jo.SecretKey, $token | Should -BeNullOrEmpty
        if (-not $failure) { throw "$Command did not end with an error: $shown" }
        $failure
    }
}

AfterAll { Exit-Sandbox }

Describe 'An error' {
    BeforeEach { Set-SandboxFile -Credentials $credentials -Config $config }

    It 'reports <What>: <Command>' -ForEach $cases {
        $failure = Get-Failure $Command
        $class = "RoleCredentials.$(($Command -split ' ')[0].Replace('-', ''))Command"
        $failure.FullyQualifiedErrorId, $failure.CategoryInfo.Category | Should -Be "$Id,$class", $Category
        "$($failure.TargetObject)" | Should -BeLikeExactly ($Target -eq '?*' ? $Target : [WildcardPattern]::Escape($Target))
        $failure.ErrorDetails.RecommendedAction | Should -Match '\w+ \w+'
        if ($Says) { "$failure" | Should -Match ([regex]::Escape($Says)) }
        (Get-SandboxFile credentials), (Get-SandboxFile config) | Should -BeExactly $credentials, $config
    }

    It 'reports missing credentials and the places it searched' {
        Set-SandboxFile -Credentials '' -Config ''
        $failure = Get-Failure "Use-Role $admin -NoCache"
        $failure.FullyQualifiedErrorId | Should -Be 'NoCredentials,RoleCredentials.UseRoleCommand'
        $failure.CategoryInfo.Category | Should -Be 'ObjectNotFound'
        "$failure" | Should -Match '(?s)AWS_ACCESS_KEY_ID.*default.*AWS_EC2_METADATA_DISABLED'
        $failure.ErrorDetails.RecommendedAction | Should -Match 'Set-RoleCredentials'
    }

    It 'reports that -Confirm cannot ask, and stores nothing' {
        $null = Get-Failure 'Set-RoleCredentials -StoreAs prod -Region eu-west-1 -Confirm'
        Get-SandboxFile config | Should -BeExactly $config
    }

    It 'reports that no prompt is possible before it shows one' {
        $failure = Get-Failure 'Set-RoleCredentials'
        $failure.FullyQualifiedErrorId | Should -Be 'InputRequired,RoleCredentials.SetRoleCredentialsCommand'
        $failure.ErrorDetails.RecommendedAction | Should -Match 'Get-Help'
        $null = Get-Failure 'Remove-RoleProfile prod'
        Get-SandboxFile config | Should -BeExactly $config
    }

    It 'reports a file that cannot be written' {
        $inFile = Join-Path (Get-SandboxHome) '.aws' 'config' 'credentials'
        $failure = Get-Failure "Set-RoleCredentials -AccessKey $($jo.AccessKey) -SecretKey `$secret -ProfileLocation '$inFile'"
        $failure.CategoryInfo.Category | Should -Match '^(Read|Write)Error$'
        $failure.TargetObject | Should -Be $inFile
        Get-SandboxFile config | Should -BeExactly $config
    }
}

Describe '<_>' -ForEach $readers {
    BeforeAll {
        $file = Join-Path (Get-SandboxHome) '.aws' 'config'
        $class = "RoleCredentials.$(($_ -split ' ')[0].Replace('-', ''))Command"
        $command = $_
    }
    BeforeEach { Set-SandboxFile -Credentials $credentials -Config $config }

    It 'reports a file with <What>, and the line' -ForEach @(
        @{ What = 'a key before any section'; Broken = "aws_access_key_id = x`n[default]`n"; Line = 1 }
        @{ What = 'a line without ='; Broken = "[default]`nregion = x`nCANARY/secret+000000000000000000000000000`n"; Line = 3 }
        @{ What = 'a header without its bracket'; Broken = "[default]`n`n[prod`n"; Line = 3 }
    ) {
        Set-SandboxFile -Config $Broken
        $failure = Get-Failure $command
        $failure.FullyQualifiedErrorId, $failure.CategoryInfo.Category, $failure.TargetObject | Should -Be "FileBroken,$class", 'ParserError', $file
        "$failure" | Should -Match "\bline $Line\b"
        (Get-SandboxFile credentials), (Get-SandboxFile config) | Should -BeExactly $credentials, $Broken
    }

    It 'reports an unreadable file' {
        Remove-Item $file
        $null = New-Item $file -ItemType Directory
        try { $failure = Get-Failure $command } finally { Remove-Item $file }
        $failure.FullyQualifiedErrorId, $failure.CategoryInfo.Category, $failure.TargetObject | Should -Be "FileUnreadable,$class", 'ReadError', $file
        $failure.ErrorDetails.RecommendedAction | Should -Match '\w+ \w+'
    }
}
