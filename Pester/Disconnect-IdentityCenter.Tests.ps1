BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Sandbox.psm1')
    Enter-Sandbox
    Set-SandboxFile -Config "[sso-session corp]`nsso_start_url = https://sandbox.awsapps.com/start`nsso_region = eu-west-1`n[profile staff]`nsso_session = corp`nsso_account_id = 123456789012`nsso_role_name = ReadOnly`n"
}

AfterAll { Exit-Sandbox }

Describe 'Disconnect-IdentityCenter' {
    BeforeEach {
        Clear-SandboxSignIn
        Set-SandboxBrowser allow
        $null = Connect-IdentityCenter corp 6>$null
        Clear-Sandbox
    }

    It 'ends the sign-in, and removes its token' {
        Disconnect-IdentityCenter corp | Should -BeNullOrEmpty
        Get-SandboxSignIn | Should -BeNullOrEmpty
        Get-SandboxCall | ForEach-Object action | Should -Be Logout
        { Use-Role staff } | Should -Throw -ErrorId 'SsoLoginRequired,RoleCredentials.UseRoleCommand'
    }

    It 'removes the credentials that came from it' {
        $null = Use-Role staff
        $null = Use-Role -SsoSession corp -AccountId 123456789012 -RoleName PowerUser
        Disconnect-IdentityCenter -ProfileName staff
        { Use-Role staff } | Should -Throw -ErrorId 'SsoLoginRequired,RoleCredentials.UseRoleCommand'
        { Use-Role -SsoSession corp -AccountId 123456789012 -RoleName PowerUser } | Should -Throw -ErrorId 'SsoLoginRequired,RoleCredentials.UseRoleCommand'
    }

    It 'does nothing with -WhatIf' {
        Disconnect-IdentityCenter corp -WhatIf
        Get-SandboxSignIn | Should -HaveCount 1
        Get-SandboxCall | Should -BeNullOrEmpty
    }

    It 'does nothing without a sign-in' {
        Disconnect-IdentityCenter corp
        Clear-Sandbox
        Disconnect-IdentityCenter corp -Verbose 4>&1 | Should -Match 'no sign-in to corp'
        Get-SandboxCall | Should -BeNullOrEmpty
    }

    It 'removes the token although IAM Identity Center fails, and warns' {
        Add-SandboxFault @{ action = 'Logout'; status = 500; times = 5 }
        Disconnect-IdentityCenter corp -WarningVariable warned -WarningAction SilentlyContinue
        "$warned" | Should -Match 'did not end the sign-in'
        Get-SandboxSignIn | Should -BeNullOrEmpty
    }

    It 'reports an unknown session' {
        { Disconnect-IdentityCenter gone } | Should -Throw -ErrorId 'SsoSessionNotFound,RoleCredentials.DisconnectIdentityCenterCommand'
    }
}
