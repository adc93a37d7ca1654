BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Sandbox.psm1')
    Enter-Sandbox
    $admin = 'arn:aws:iam::123456789012:role/Admin'
    Set-SandboxRole
    Set-RoleCredentials -StoreAs other -RoleArn arn:aws:iam::123456789012:role/OneHour -SourceProfile default
}

AfterAll { Exit-Sandbox }

Describe 'Clear-RoleCache' {
    BeforeEach {
        $null = 'prod', 'other' | ForEach-Object { Use-Role -ProfileName $_ }
        Clear-Sandbox
        function Get-CallCount {
            $null = 'prod', 'other' | ForEach-Object { Use-Role -ProfileName $_ }
            @(Get-SandboxCall AssumeRole).Count
        }
    }

    It 'removes all credentials' {
        Clear-RoleCache | Should -BeNullOrEmpty
        Get-CallCount | Should -Be 2
        # Use-Role returns before the core has written the credentials.
        $until = [datetime]::UtcNow.AddSeconds(30)
        do { $files = @(Get-ChildItem (Join-Path (Get-SandboxHome) '.aws') -Recurse -Filter *.json) } until ($files.Count -eq 2 -or [datetime]::UtcNow -gt $until)
        $files | Should -HaveCount 2
    }

    It 'leaves no file with credentials behind' {
        Clear-RoleCache
        Get-ChildItem (Join-Path (Get-SandboxHome) '.aws') -Recurse -File -Filter *.json |
            Where-Object { (Get-Content $_ -Raw) -match 'SecretAccessKey' } | Should -BeNullOrEmpty
    }

    It 'removes only <What>' -ForEach @(
        @{ What = 'a profile'; Script = { Clear-RoleCache prod } }
        @{ What = 'a profile from the pipeline'; Script = { Get-RoleProfile prod | Clear-RoleCache } }
        @{ What = 'a role'; Script = { Clear-RoleCache -RoleArn $admin } }
    ) {
        & $Script
        Get-CallCount | Should -Be 1
    }

    It 'removes nothing with -WhatIf' {
        Clear-RoleCache -WhatIf
        Get-CallCount | Should -Be 0
    }

    It 'reports the number with -Verbose' {
        Clear-RoleCache -Verbose 4>&1 | Out-String | Should -Match 'Forgot 2 entries'
    }
}
