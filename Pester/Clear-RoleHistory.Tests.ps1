BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Sandbox.psm1')
    Enter-Sandbox
    $jo = Get-SandboxKey jo
    $admin = 'arn:aws:iam::123456789012:role/Admin'
    Set-RoleCredentials @jo -Region eu-west-1
    Set-RoleCredentials -StoreAs prod -RoleArn $admin -SourceProfile default
}

AfterAll { Exit-Sandbox }

Describe 'Clear-RoleHistory' {
    BeforeEach {
        $null = Use-Role -ProfileName prod
        $null = Use-Role arn:aws:iam::123456789012:role/OneHour
    }

    It 'forgets all' {
        Clear-RoleHistory | Should -BeNullOrEmpty
        Get-RoleHistory | Should -BeNullOrEmpty
    }

    It 'forgets one role' {
        Clear-RoleHistory -RoleArn $admin
        (Get-RoleHistory).RoleArn | Should -Be 'arn:aws:iam::123456789012:role/OneHour'
    }

    It 'forgets nothing with -WhatIf' {
        Clear-RoleHistory -WhatIf
        (Get-RoleHistory).Count | Should -Be 2
    }
}
