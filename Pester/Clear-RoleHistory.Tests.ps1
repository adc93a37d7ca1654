BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Sandbox.psm1')
    Enter-Sandbox
    $admin = 'arn:aws:iam::123456789012:role/Admin'
    $hub = 'arn:aws:iam::111111111111:role/Hub'
    Set-SandboxRole
}

AfterAll { Exit-Sandbox }

Describe 'Clear-RoleHistory' {
    BeforeEach {
        Clear-RoleHistory
        $null = Use-Role $hub
        $null = Use-Role $admin
    }

    It 'removes all roles' {
        Clear-RoleHistory | Should -BeNullOrEmpty
        Get-RoleHistory | Should -BeNullOrEmpty
    }

    It 'removes one role' {
        Clear-RoleHistory $hub
        (Get-RoleHistory).RoleArn | Should -Be $admin
    }

    It 'removes roles from the pipeline' {
        Get-RoleHistory -First 1 | Clear-RoleHistory
        (Get-RoleHistory).RoleArn | Should -Be $hub
    }

    It 'removes nothing with -WhatIf' {
        Clear-RoleHistory -WhatIf
        Get-RoleHistory | Should -HaveCount 2
    }

    It 'accepts a role that was not used' {
        Clear-RoleHistory arn:aws:iam::123456789012:role/Nobody
        Get-RoleHistory | Should -HaveCount 2
    }

    It 'lists a role again that is used right afterwards' {
        Clear-RoleHistory
        $null = Use-Role $admin
        (Get-RoleHistory).RoleArn | Should -Be $admin
    }

    It 'keeps profiles and cached credentials' {
        $key = (Use-Role $admin).AccessKeyId
        Clear-RoleHistory
        (Use-Role $admin).AccessKeyId | Should -Be $key
        (Get-RoleProfile).ProfileName | Should -Contain 'prod'
    }
}
