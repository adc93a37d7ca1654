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

    It 'removes only the named profiles' {
        Remove-RoleProfile prod -Force
        (Get-RoleProfile).ProfileName | Should -Be 'default', 'other'
    }

    It 'removes profiles from the pipeline' {
        Get-RoleProfile o*, p* | Remove-RoleProfile -Confirm:$false
        (Get-RoleProfile).ProfileName | Should -Be 'default'
    }

    It 'asks for confirmation by default' {
        $attribute = (Get-Command Remove-RoleProfile).ImplementingType.GetCustomAttributes([System.Management.Automation.CmdletAttribute], $false)
        $attribute.ConfirmImpact | Should -Be 'High'
    }

    It 'removes nothing with -WhatIf' {
        Remove-RoleProfile prod -Force -WhatIf
        (Get-RoleProfile).Count | Should -Be 3
    }

    It 'reports missing profiles and removes the others' {
        Remove-RoleProfile nobody, prod -Force -ErrorAction SilentlyContinue -ErrorVariable failures
        $failures.FullyQualifiedErrorId | Should -Be 'ProfileNotFound,RoleCredentials.RemoveRoleProfileCommand'
        $failures.TargetObject | Should -Be 'nobody'
        (Get-RoleProfile).ProfileName | Should -Be 'default', 'other'
    }

    It 'does not treat a name as a pattern' {
        { Remove-RoleProfile '*' -Force -ErrorAction Stop } | Should -Throw -ErrorId 'ProfileNotFound,RoleCredentials.RemoveRoleProfileCommand'
        (Get-RoleProfile).Count | Should -Be 3
    }
}
