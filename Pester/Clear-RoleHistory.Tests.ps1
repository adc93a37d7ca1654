BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Sandbox.psm1')
    Enter-Sandbox
    $jo = Get-SandboxKey jo
    $admin = 'arn:aws:iam::123456789012:role/Admin'
    $hub = 'arn:aws:iam::111111111111:role/Hub'
    Set-RoleCredentials @jo -Region eu-west-1
    Set-RoleCredentials -StoreAs prod -RoleArn $admin -SourceProfile default
}

AfterAll {
    Exit-Role -All
    Exit-Sandbox
}

Describe 'Clear-RoleHistory' {
    BeforeEach {
        Clear-RoleHistory
        $null = Use-Role $hub
        $null = Use-Role $admin
    }

    It 'forgets all' {
        Clear-RoleHistory | Should -BeNullOrEmpty
        Get-RoleHistory | Should -BeNullOrEmpty
    }

    It 'forgets one role' {
        Clear-RoleHistory $hub
        (Get-RoleHistory).RoleArn | Should -Be $admin
    }

    It 'forgets what the pipeline names' {
        Get-RoleHistory -First 1 | Clear-RoleHistory
        (Get-RoleHistory).RoleArn | Should -Be $hub
    }

    It 'forgets nothing with -WhatIf' {
        Clear-RoleHistory -WhatIf
        Get-RoleHistory | Should -HaveCount 2
    }

    It 'remembers a role that is used again at once' {
        Clear-RoleHistory
        $null = Use-Role $admin
        (Get-RoleHistory).RoleArn | Should -Be $admin
    }

    It 'leaves profiles and cached credentials alone' {
        $key = (Use-Role $admin).AccessKeyId
        Clear-RoleHistory
        (Use-Role $admin).AccessKeyId | Should -Be $key
        (Get-RoleProfile).ProfileName | Should -Contain 'prod'
    }
}
