# Use-Role -AutoRefresh: AWS Tools run the module's command whenever they need new credentials.

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Sandbox.psm1')
    Enter-Sandbox
    Import-SandboxAwsTools
    $admin = 'arn:aws:iam::123456789012:role/Admin'
    $hub = 'arn:aws:iam::111111111111:role/Hub'
    $mfaRole = 'arn:aws:iam::123456789012:role/MfaRequired'
    $device = 'arn:aws:iam::111111111111:mfa/jo'
    $asAdmin = 'arn:aws:sts::123456789012:assumed-role/Admin'
    $jo = Get-SandboxKey jo
    Set-SandboxRole
    Set-RoleCredentials -StoreAs secure -RoleArn $mfaRole -SourceProfile default -MfaSerial $device
    Set-RoleCredentials -StoreAs session -RoleArn $mfaRole -SourceProfile default -MfaSerial $device -MfaSession
    function Get-Identity($Credential) { (Get-STSCallerIdentity -Credential $Credential).Arn -replace '/RoleCredentials-session-.*' }
}

AfterAll { Exit-Sandbox }

Describe 'Use-Role -AutoRefresh' {
    BeforeEach { Clear-Sandbox }
    AfterEach { Exit-Role -All }

    It "passes AWS Tools the SDK's own credentials type, which runs the command without a secret in its arguments, and once for several cmdlets" {
        $creds = Use-Role -ProfileName prod -AutoRefresh
        Get-Identity $creds | Should -Be $asAdmin
        $first = $creds.Refreshing
        $first.GetType().FullName | Should -Be 'Amazon.Runtime.ProcessAWSCredentials'
        $null = Get-Identity $creds
        [object]::ReferenceEquals($first, $creds.Refreshing) | Should -BeTrue
        # cmd's form ends in a quote.
        $request = ($creds.RefreshCommand.TrimEnd('"') -split ' ')[-1].Replace('-', '+').Replace('_', '/')
        $request = [System.Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($request.PadRight([Math]::Ceiling($request.Length / 4) * 4, '=')))
        $request | Should -Match 'prod'
        Find-SandboxSecret $request | Should -BeNullOrEmpty
    }

    It 'returns new credentials when the old ones are about to expire' {
        $creds = Use-Role -ProfileName prod -AutoRefresh -DurationInSeconds 900
        $refreshing = [Amazon.Runtime.AWSCredentials]$creds
        # The SDK renews a quarter of an hour before the end, so these are due at each request. Version 4 renews in the background.
        $first = $refreshing.GetCredentials().AccessKey
        Clear-RoleCache
        $until = [datetime]::UtcNow.AddSeconds(30)
        do { $second = $refreshing.GetCredentials().AccessKey } while ($second -eq $first -and [datetime]::UtcNow -lt $until)
        $first | Should -Match '^ASIA'
        $second | Should -Not -Be $first
    }

    It "renews the object's own keys in their last ten minutes, because the pipeline binds them" {
        $creds = Use-Role -ProfileName prod -AutoRefresh
        $first = $creds.AccessKeyId
        $creds.AccessKeyId | Should -Be $first
        Clear-RoleCache
        $creds.Expiration = [datetime]::UtcNow.AddMinutes(9)
        $null = $creds | Get-STSCallerIdentity
        $creds.AccessKeyId | Should -Not -Be $first
        $creds.AccessKey | Should -Be $creds.AccessKeyId
        ($creds.Expiration - [datetime]::UtcNow).TotalMinutes | Should -BeGreaterThan 50
    }

    It 'repeats policies and tags in any notation' {
        $policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Sid":"a"}]}'
        $creds = Use-Role $admin -AutoRefresh -NoCache -Policy $policy -Tag @{ 'a b' = 'c @ d + e' }
        Get-Identity $creds | Should -Be $asAdmin
        # A renewal from the previous test may still be in progress.
        $tagged = @((Get-SandboxCall AssumeRole).parameters.'Tags.member.1.Value') -ne $null
        $tagged | Select-Object -Unique | Should -Be 'c @ d + e'
        $tagged.Count | Should -BeGreaterThan 1
    }

    It 'renews the same role inside an entered role and in a block' {
        $creds = Use-Role -ProfileName prod -AutoRefresh
        Enter-Role $hub
        Get-Identity $creds | Should -Be $asAdmin
        Exit-Role
        Use-Role $hub -ScriptBlock { Get-Identity $creds } | Should -Be $asAdmin
    }

    It 'returns credentials for a role from an MFA session' {
        $creds = Use-Role -ProfileName session -AutoRefresh -TokenCode (Get-SandboxMfaCode)
        Get-Identity $creds | Should -Be 'arn:aws:sts::123456789012:assumed-role/MfaRequired'
    }

    It 'fails if <What>' -ForEach @(
        @{ What = 'each renewal would need a code'; Script = { Use-Role -ProfileName secure -AutoRefresh } }
        @{ What = 'the caller gave the source'; Script = { Use-Role -ProfileName prod @jo -AutoRefresh } }
        @{ What = 'the source is an entered role'; Script = { Enter-Role $hub; Use-Role $admin -Chain -AutoRefresh } }
    ) {
        $Script | Should -Throw -ErrorId 'RefreshNotPossible,RoleCredentials.UseRoleCommand'
    }

    It 'fails separately for each of many roles, and returns the others' {
        $found = 'secure', 'prod' | ForEach-Object { [pscustomobject]@{ ProfileName = $_ } } | Use-Role -AutoRefresh -ErrorAction SilentlyContinue -ErrorVariable failures
        $found.RoleArn | Should -Be $admin
        $failures.Where({ $_ -is [System.Management.Automation.ErrorRecord] }).FullyQualifiedErrorId | Should -Be 'RefreshNotPossible,RoleCredentials.UseRoleCommand'
    }

    It 'renews in a folder with shell characters in its name, and executes nothing in that name' -Skip:$IsWindows {
        # A copy of the module in a session of its own, as the same assembly cannot be loaded from two folders.
        $folder = Join-Path (Get-SandboxHome) "o'neil `u{2019} `$(touch pwned) `$HOME;"
        Copy-Item (Join-Path $PSScriptRoot '..' 'module') $folder -Recurse
        $script = Join-Path (Get-SandboxHome) 'renew.ps1'
        Set-Content $script {
            param($Module, $Tools)
            Import-Module $Module, $Tools
            $creds = Use-Role -ProfileName prod -AutoRefresh
            (Get-STSCallerIdentity -Credential $creds).Arn
            $creds.RefreshCommand
        }
        Push-Location (Get-SandboxHome)
        try { $identity, $command = & pwsh -NoProfile -NonInteractive -File $script (Join-Path $folder 'RoleCredentials.psd1') (Get-Module SandboxAwsTools).Path } finally { Pop-Location }
        $identity | Should -BeLike "$asAdmin/*"
        $command | Should -Match 'neil'
        Join-Path (Get-SandboxHome) 'pwned' | Should -Not -Exist
    }
}
