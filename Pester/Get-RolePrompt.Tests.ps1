BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Sandbox.psm1')
    Enter-Sandbox
    $jo = Get-SandboxKey jo
    $admin = 'arn:aws:iam::123456789012:role/Admin'
    Set-RoleCredentials @jo -Region eu-west-1
    Set-RoleCredentials -StoreAs prod -RoleArn $admin -SourceProfile default
}

AfterAll { Exit-Sandbox }

Describe 'Get-RolePrompt' {
    AfterEach { Exit-Role -All }

    It 'is nothing where no role was entered' {
        Get-RolePrompt | Should -BeNullOrEmpty
    }

    It 'is the name and the minutes left' {
        Enter-Role -ProfileName prod
        Get-RolePrompt | Should -Match '^prod \d+m$'
    }

    It 'takes a format' {
        Enter-Role -ProfileName prod -Region eu-central-1
        Get-RolePrompt -Format '{Name}@{Account}/{Role} ({Region}) {Depth}' | Should -Be 'prod@123456789012/Admin (eu-central-1) 1'
    }
}
