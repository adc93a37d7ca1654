BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Sandbox.psm1')
    Enter-Sandbox
    $jo = Get-SandboxKey jo
    $admin = 'arn:aws:iam::123456789012:role/Admin'
    $hub = 'arn:aws:iam::111111111111:role/Hub'
    Set-SandboxRole
}

AfterAll { Exit-Sandbox }

Describe 'Get-Role' {
    BeforeEach { Clear-Sandbox }
    AfterEach { Exit-Role -All }

    It 'shows the identity of the default profile without a call' {
        $role = Get-Role
        $role.Depth | Should -Be 0
        $role.Name | Should -Be 'default'
        $role.Source | Should -Be 'the keys of profile default'
        $role.Region | Should -Be 'eu-west-1'
        Get-SandboxCall | Should -BeNullOrEmpty
    }

    It 'shows keys in the environment' {
        $env:AWS_ACCESS_KEY_ID = $jo.AccessKey
        $env:AWS_SECRET_ACCESS_KEY = $jo.SecretKey
        try { (Get-Role).Source | Should -Be 'the environment' } finally { $env:AWS_ACCESS_KEY_ID = $env:AWS_SECRET_ACCESS_KEY = $null }
    }

    It 'shows the profile in AWS_PROFILE without a call, even one that does not exist' {
        try {
            $env:AWS_PROFILE = 'prod'
            $role = Get-Role
            $role.Depth, $role.Name, $role.RoleArn | Should -Be 0, 'prod', $admin
            $env:AWS_PROFILE = 'nobody'
            $role = Get-Role
            $role.Depth, $role.Name | Should -Be 0, 'none'
            $role.Problem | Should -Match 'nobody'
        } finally { $env:AWS_PROFILE = $null }
        Get-SandboxCall | Should -BeNullOrEmpty
    }

    It 'reports with -Verify that the credentials are no longer valid' {
        Enter-Role $admin -NoCache
        $env:AWS_SESSION_TOKEN = 'something else'
        $failure = { Get-Role -Verify -ErrorAction Stop } | Should -Throw -PassThru
        $failure.FullyQualifiedErrorId | Should -Match '^Credentials(Rejected|Expired),RoleCredentials.GetRoleCommand$'
    }

    It 'shows the stack, last role first' {
        Enter-Role -ProfileName prod
        Enter-Role $hub
        $roles = Get-Role
        $roles.Depth | Should -Be 2, 1
        $roles.Name | Should -Be 'Hub', 'prod'
        $roles.Account | Should -Be '111111111111', '123456789012'
        $roles[0].MinutesLeft | Should -BeIn (50..60)
        $roles.Renews | Should -Be $true, $true
    }

    It 'calls STS with -Verify' {
        (Get-Role -Verify).VerifiedArn | Should -Be 'arn:aws:iam::111111111111:user/jo'
        Enter-Role $admin
        (Get-Role -Verify).VerifiedArn | Should -Match '^arn:aws:sts::123456789012:assumed-role/Admin/'
    }

    It 'shows no secret' {
        Enter-Role $admin
        Get-Role | Format-List * | Out-String -Width 1000 | Should -Not -Match ([regex]::Escape($env:AWS_SECRET_ACCESS_KEY))
        Get-Role | ConvertTo-Json | Should -Not -Match ([regex]::Escape($env:AWS_SESSION_TOKEN))
    }

    It 'shows a table and a list' {
        Enter-Role $admin
        Get-Role | Out-String -Width 80 | Should -Match 'Depth Name +Account +Role +Region +Left Renews'
        Get-Role | Format-List | Out-String -Width 200 | Should -Match 'Expiration +: \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ \(in \d+ min\)'
    }
}
