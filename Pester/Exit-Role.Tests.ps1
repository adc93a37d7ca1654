BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Sandbox.psm1')
    Enter-Sandbox
    $jo = Get-SandboxKey jo
    $admin = 'arn:aws:iam::123456789012:role/Admin'
    $hub = 'arn:aws:iam::111111111111:role/Hub'
    Set-SandboxRole
}

AfterAll { Exit-Sandbox }

Describe 'Exit-Role' {
    BeforeEach { $before = Get-SandboxVariable }
    AfterEach { Get-SandboxVariable | Should -Be $before -Because 'Exit-Role restores the environment exactly' }

    It 'restores the keys that were in the environment' {
        $env:AWS_ACCESS_KEY_ID, $env:AWS_SECRET_ACCESS_KEY = $jo.AccessKey, $jo.SecretKey
        try {
            $within = Get-SandboxVariable
            Enter-Role $admin
            $env:AWS_ACCESS_KEY_ID | Should -Match '^ASIA'
            Exit-Role
            Get-SandboxVariable | Should -Be $within
        } finally { $env:AWS_ACCESS_KEY_ID = $env:AWS_SECRET_ACCESS_KEY = $null }
    }

    It 'leaves one role or all roles' {
        Enter-Role $admin
        Enter-Role $hub
        Enter-Role -ProfileName prod
        Exit-Role | Should -BeNullOrEmpty
        (Get-Role)[0].Name | Should -Be 'Hub'
        Exit-Role -All
    }

    It 'restores variables that a script has changed' {
        Enter-Role $admin
        $env:AWS_REGION = 'eu-west-3'
        $env:AWS_PROFILE = 'nobody'
        $env:AWS_ACCESS_KEY_ID = $null
        Exit-Role
    }

    It 'leaves a role after its credentials have expired, and after an error' {
        Enter-Role $admin
        $frame = [RoleCredentials.RoleStack]::Frames[0]
        $frame.Renewal = 'code'
        $frame.Expiration = [datetime]::UtcNow.AddHours(-1)
        try { throw 'something' } catch { $null = $_ }
        Exit-Role
    }

    It 'leaves a role from another runspace, because all runspaces share the environment' {
        Enter-Role $admin
        $other = [powershell]::Create([initialsessionstate]::CreateDefault2()).AddScript('Import-Module $args[0]; Exit-Role')
        $null = $other.AddArgument((Get-Module RoleCredentials).Path).Invoke()
        $other.Runspace.Dispose()
    }

    It 'still restores the environment after the module was reimported' {
        Enter-Role $admin
        Import-Module (Join-Path $PSScriptRoot '..' 'module' 'RoleCredentials.psd1') -Force -Global
        Exit-Role
    }

    It 'reports that no role is entered' {
        $failure = { Exit-Role -ErrorAction Stop } | Should -Throw -ErrorId 'NoRoleEntered,RoleCredentials.ExitRoleCommand' -PassThru
        $failure.CategoryInfo.Category | Should -Be 'InvalidOperation'
        { Exit-Role -All -ErrorAction Stop } | Should -Not -Throw
    }

    It 'names the role that it left with -Verbose' {
        Enter-Role $admin
        Exit-Role -Verbose 4>&1 | Out-String | Should -Match 'Left Admin'
    }
}
