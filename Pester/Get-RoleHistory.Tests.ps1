BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Sandbox.psm1')
    Enter-Sandbox
    $jo = Get-SandboxKey jo
    $admin = 'arn:aws:iam::123456789012:role/Admin'
    $hub = 'arn:aws:iam::111111111111:role/Hub'
    Set-SandboxRole
}

AfterAll { Exit-Sandbox }

Describe 'Get-RoleHistory' {
    BeforeEach { Clear-RoleHistory }

    It 'lists the used roles, newest first' {
        $null = Use-Role $hub
        $null = Use-Role -ProfileName prod
        $used = Get-RoleHistory
        $used.RoleArn | Should -Be $admin, $hub
        $used[0].ProfileName | Should -Be 'prod'
        $used[0].LastUsed.Kind | Should -Be 'Utc'
        $used[1].PSObject.Properties.Name | Should -Not -Contain 'ProfileName'
        $used[1].SourceProfile | Should -BeNullOrEmpty
        (Get-RoleHistory -First 1).RoleArn | Should -Be $admin
    }

    It 'records the source that was named, and no profile: <What>' -ForEach @(
        @{ What = '-SourceProfile'; Script = { Use-Role $hub -SourceProfile default } }
        @{ What = '-ProfileName beside an ARN'; Script = { Use-Role $hub -ProfileName default } }
        @{ What = 'Enter-Role'; Script = { Enter-Role $hub -SourceProfile default } }
        @{ What = '-SignIn'; Script = { Open-RoleConsole $hub -ProfileName default -SignIn -PassThru } }
    ) {
        $null = & $Script
        Exit-Role -All
        $used = Get-RoleHistory
        $used.RoleArn | Should -Be $hub
        $used.SourceProfile | Should -Be 'default'
        $used.PSObject.Properties.Name | Should -Not -Contain 'ProfileName'
    }

    It 'lists entered roles, but neither denied roles nor plain keys' {
        Enter-Role $hub
        Exit-Role
        { Use-Role arn:aws:iam::123456789012:role/DeniedByTrust } | Should -Throw
        $null = Use-Role -ProfileName default
        (Get-RoleHistory).RoleArn | Should -Be $hub
    }

    It 'lists the role of a script that ended immediately' {
        $module = (Get-Module RoleCredentials).Path
        & pwsh -NoProfile -NonInteractive -Command "Import-Module '$module'; `$null = Use-Role $hub" | Should -BeNullOrEmpty
        $until = [datetime]::UtcNow.AddSeconds(20)
        while (-not (Get-RoleHistory) -and [datetime]::UtcNow -lt $until) { Start-Sleep -Milliseconds 100 }
        (Get-RoleHistory).RoleArn | Should -Be $hub
    }

    It 'displays a table' {
        $null = Use-Role -ProfileName prod
        $shown = Get-RoleHistory | Out-String -Width 120
        $shown | Should -Match 'LastUsed +Account +Role +ProfileName'
        $shown | Should -Match '\d{4}-\d\d-\d\d \d\d:\d\dZ 123456789012 Admin +prod'
    }

    It 'shows the display name and the color from Open-RoleConsole' {
        $null = Open-RoleConsole $admin -DisplayName 'Prod; #1' -Color red -PassThru
        (Get-RoleHistory).DisplayName | Should -Be 'Prod; #1'
        (Get-RoleHistory).Color | Should -Be 'F2B0A9'
    }

    It 'counts the roles of one pipeline as one use, and those of two commands as two' {
        $file = Join-Path (Get-SandboxHome) '.aws' 'role-credentials' 'settings.ini'
        $null = $admin, $hub | Use-Role
        (Get-RoleHistory).RoleArn | Sort-Object | Should -Be (@($admin, $hub) | Sort-Object)
        (Select-String -Path $file -Pattern '^fanout').Count | Should -Be 1
        Clear-RoleHistory
        $null = Use-Role $admin
        $null = Use-Role $hub
        Get-RoleHistory | Should -HaveCount 2
        Select-String -Path $file -Pattern '^fanout' | Should -BeNullOrEmpty
    }

    It 'stores a file for the owner only, without secrets' {
        $creds = Use-Role $admin
        $null = Get-RoleHistory
        $file = Join-Path (Get-SandboxHome) '.aws' 'role-credentials' 'settings.ini'
        $text = Get-Content $file -Raw
        foreach ($secret in $creds.SecretAccessKey, $creds.SessionToken, $creds.AccessKeyId, $jo.SecretKey) {
            $text | Should -Not -Match ([regex]::Escape($secret))
        }
        if (-not $IsWindows) { (Get-Item $file).UnixMode | Should -Be '-rw-------' }
    }
}
