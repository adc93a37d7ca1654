BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Sandbox.psm1')
    Enter-Sandbox
    $jo = Get-SandboxKey jo
    $admin = 'arn:aws:iam::123456789012:role/Admin'
    Set-RoleCredentials @jo -Region eu-west-1
    Set-RoleCredentials -StoreAs prod -RoleArn $admin -SourceProfile default
}

AfterAll {
    Exit-Role -All
    Exit-Sandbox
}

Describe 'Get-RolePrompt' {
    AfterEach { Exit-Role -All }

    It 'returns nothing without an entered role' {
        Get-RolePrompt | Should -BeNullOrEmpty
        "[$(Get-RolePrompt)]" | Should -Be '[]'
    }

    It 'returns the name and the minutes left' {
        Enter-Role -ProfileName prod
        Get-RolePrompt | Should -Match '^prod (5|6)\dm$'
    }

    It 'omits the minutes if the credentials do not expire' {
        Enter-Role -ProfileName default
        Get-RolePrompt | Should -Be 'default'
    }

    It 'fills a format' {
        Enter-Role -ProfileName prod -Region eu-west-1
        Get-RolePrompt '{Depth}:{Name}@{Account}/{Role} {Region}' | Should -Be '1:prod@123456789012/Admin eu-west-1'
        Get-RolePrompt 'no place' | Should -Be 'no place'
    }

    It 'takes less than a millisecond' {
        Enter-Role $admin
        $null = Get-RolePrompt
        $times = 1..50 | ForEach-Object { (Measure-Command { $null = Get-RolePrompt }).TotalMilliseconds } | Sort-Object
        $times[25] | Should -BeLessThan 1
    }
}
