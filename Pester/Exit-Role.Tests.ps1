BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Sandbox.psm1')
    Enter-Sandbox
    $jo = Get-SandboxKey jo
    $admin = 'arn:aws:iam::123456789012:role/Admin'
    Set-RoleCredentials @jo -Region eu-west-1
    Set-RoleCredentials -StoreAs prod -RoleArn $admin -SourceProfile default
}

AfterAll { Exit-Sandbox }

Describe 'Exit-Role' {
    AfterEach { Exit-Role -All }

    It 'puts back exactly what was there' {
        $env:AWS_ACCESS_KEY_ID = 'AKIAMINE'
        $env:AWS_REGION = 'us-east-2'
        $before = Get-ChildItem Env: | Sort-Object Name | ForEach-Object { "$($_.Name)=$($_.Value)" }
        Enter-Role -ProfileName prod
        Exit-Role
        Get-ChildItem Env: | Sort-Object Name | ForEach-Object { "$($_.Name)=$($_.Value)" } | Should -BeExactly $before
        Remove-Item Env:AWS_ACCESS_KEY_ID, Env:AWS_REGION
    }

    It 'leaves one role, or all of them' {
        Enter-Role -ProfileName prod
        Enter-Role arn:aws:iam::123456789012:role/OneHour
        Exit-Role
        (Get-Role)[0].RoleArn | Should -Be $admin
        Enter-Role arn:aws:iam::123456789012:role/OneHour
        Exit-Role -All
        (Get-Role)[0].Depth | Should -Be 0
    }

    It 'says when there is no role to leave, but not with -All' {
        { Exit-Role } | Should -Throw -ErrorId 'NoRoleEntered,Exit-Role'
        { Exit-Role -All } | Should -Not -Throw
    }
}
