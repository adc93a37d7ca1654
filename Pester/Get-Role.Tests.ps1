BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Sandbox.psm1')
    Enter-Sandbox
    $jo = Get-SandboxKey jo
    $admin = 'arn:aws:iam::123456789012:role/Admin'
    Set-RoleCredentials @jo -Region eu-west-1
    Set-RoleCredentials -StoreAs prod -RoleArn $admin -SourceProfile default
}

AfterAll { Exit-Sandbox }

Describe 'Get-Role' {
    AfterEach { Exit-Role -All }

    It 'shows who the session is when no role was entered' {
        $role = Get-Role
        $role.Depth | Should -Be 0
        $role.PSTypeNames[0] | Should -Be 'RoleCredentials.Role'
        $role.Region | Should -Be 'eu-west-1'
    }

    It 'shows each role that was entered, the last one first' {
        Enter-Role -ProfileName prod
        Enter-Role arn:aws:iam::123456789012:role/OneHour
        $roles = Get-Role
        $roles.RoleArn | Should -Be 'arn:aws:iam::123456789012:role/OneHour', $admin
        $roles[1].Name | Should -Be 'prod'
        $roles[0].Expiration.Kind | Should -Be 'Utc'
    }

    It 'asks STS with -Verify, and nobody without it' {
        Enter-Role -ProfileName prod
        Clear-Sandbox
        (Get-Role).VerifiedArn | Should -BeNullOrEmpty
        Get-SandboxCall | Should -BeNullOrEmpty
        (Get-Role -Verify)[0].VerifiedArn | Should -BeLike 'arn:aws:sts::123456789012:assumed-role/Admin/*'
        (Get-SandboxCall).action | Should -Be 'GetCallerIdentity'
    }

    It 'shows no secret' {
        Enter-Role -ProfileName prod
        Get-Role | Format-List * | Out-String -Width 500 | Should -Not -Match ([regex]::Escape($env:AWS_SECRET_ACCESS_KEY))
    }
}
