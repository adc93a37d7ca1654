BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Sandbox.psm1')
    Enter-Sandbox
    $jo = Get-SandboxKey jo
    $admin = 'arn:aws:iam::123456789012:role/Admin'
    $hub = 'arn:aws:iam::111111111111:role/Hub'
    Set-RoleCredentials @jo -Region eu-west-1
    Set-RoleCredentials -StoreAs prod -RoleArn $admin -SourceProfile default
    function Get-AwsVariable {
        Get-ChildItem Env: | Where-Object Name -Like 'AWS*' | ForEach-Object { "$($_.Name)=$($_.Value)" }
    }
}

AfterAll {
    Exit-Role -All
    Exit-Sandbox
}

Describe 'Exit-Role' {
    It 'restores the environment exactly' {
        $before = Get-AwsVariable
        Enter-Role $admin
        Exit-Role | Should -BeNullOrEmpty
        Get-AwsVariable | Should -Be $before
    }

    It 'leaves one role or all roles' {
        $before = Get-AwsVariable
        Enter-Role $admin
        Enter-Role $hub
        Enter-Role -ProfileName prod
        Exit-Role
        (Get-Role)[0].Name | Should -Be 'Hub'
        Exit-Role -All
        Get-AwsVariable | Should -Be $before
    }

    It 'restores variables that a script has changed' {
        $before = Get-AwsVariable
        Enter-Role $admin
        $env:AWS_REGION = 'eu-west-3'
        $env:AWS_PROFILE = 'nobody'
        $env:AWS_ACCESS_KEY_ID = $null
        Exit-Role
        Get-AwsVariable | Should -Be $before
    }

    It 'reports that no role is entered' {
        { Exit-Role -ErrorAction Stop } | Should -Throw -ErrorId 'NoRoleEntered,RoleCredentials.ExitRoleCommand'
        { Exit-Role -All -ErrorAction Stop } | Should -Not -Throw
    }

    It 'does not leave a script block' {
        Use-Role $admin -ScriptBlock { { Exit-Role -ErrorAction Stop } | Should -Throw -ErrorId 'NoRoleEntered,RoleCredentials.ExitRoleCommand' }
    }

    It 'names the role that it left with -Verbose' {
        Enter-Role $admin
        Exit-Role -Verbose 4>&1 | Out-String | Should -Match 'Left Admin'
    }
}
