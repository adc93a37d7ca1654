BeforeAll { Import-Module (Join-Path $PSScriptRoot 'Sandbox.psm1') }

Describe 'Remove-RoleProfile' {
    BeforeEach {
        Enter-Sandbox
        $jo = Get-SandboxKey jo
        Set-RoleCredentials @jo -Region eu-west-1
        Set-RoleCredentials @jo -StoreAs other
        Set-RoleCredentials -StoreAs prod -RoleArn arn:aws:iam::123456789012:role/Admin -SourceProfile default
    }
    AfterEach { Exit-Sandbox }

    It 'removes profiles <What>' -ForEach @(
        @{ What = 'by name'; Script = { Remove-RoleProfile prod, other -Force } }
        @{ What = 'by names from the pipeline'; Script = { 'prod', 'other' | Remove-RoleProfile -Confirm:$false } }
        @{ What = 'from Get-RoleProfile'; Script = { Get-RoleProfile o*, p* | Remove-RoleProfile -Confirm:$false } }
        @{ What = 'by the alias of AWS Tools'; Script = { Remove-RoleProfile -StoredCredentials prod, other -Force } }
    ) {
        & $Script
        (Get-RoleProfile).ProfileName | Should -Be 'default'
    }

    It 'removes nothing with -WhatIf' {
        Remove-RoleProfile prod -WhatIf
        Remove-RoleProfile prod -Force -WhatIf
        (Get-RoleProfile).Count | Should -Be 3
    }

    It 'reports names that are missing or differ in case, and removes the others' {
        Remove-RoleProfile PROD, prod, nobody -Force -ErrorAction SilentlyContinue -ErrorVariable failures
        $failures.FullyQualifiedErrorId | Select-Object -Unique | Should -Be 'ProfileNotFound,RoleCredentials.RemoveRoleProfileCommand'
        $failures.TargetObject | Should -BeExactly 'PROD', 'nobody'
        $failures[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
        (Get-RoleProfile).ProfileName | Should -Be 'default', 'other'
    }

    It 'does not treat a name as a pattern' {
        { Remove-RoleProfile '*' -Force -ErrorAction Stop } | Should -Throw -ErrorId 'ProfileNotFound,RoleCredentials.RemoveRoleProfileCommand'
        (Get-RoleProfile).Count | Should -Be 3
    }
}
