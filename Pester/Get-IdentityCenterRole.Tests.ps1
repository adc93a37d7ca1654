BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Sandbox.psm1')
    Enter-Sandbox
    Set-SandboxFile -Config "[sso-session corp]`nsso_start_url = https://sandbox.awsapps.com/start`nsso_region = eu-west-1`n[profile legacy]`nsso_start_url = https://sandbox.awsapps.com/start`nsso_region = eu-west-1`nsso_account_id = 123456789012`nsso_role_name = ReadOnly`n[profile iam]`nrole_arn = arn:aws:iam::123456789012:role/Admin`nsource_profile = iam`n"
    Set-SandboxBrowser allow
}

AfterAll { Exit-Sandbox }

Describe 'Get-IdentityCenterRole' {
    BeforeEach {
        Exit-Role -All
        Clear-SandboxSignIn
        $null = Connect-IdentityCenter corp 6>$null
        Clear-Sandbox
    }

    It 'lists accounts and roles' {
        $roles = Get-IdentityCenterRole -SsoSession corp
        $roles.RoleName | Should -Be 'ReadOnly', 'PowerUser'
        $roles[0].AccountId | Should -Be 123456789012
        $roles[0].AccountName | Should -Be Production
        $roles[0].EmailAddress | Should -Be 123456789012@sandbox.example
        $roles[0].SsoSession | Should -Be corp
        $roles | Out-String | Should -Match '(?m)^123456789012 Production +ReadOnly +corp'
    }

    It 'lists only <What>' -ForEach @(
        @{ What = 'roles that match'; Parameters = @{ RoleName = '*only' }; Roles = 'ReadOnly' }
        @{ What = 'accounts that match'; Parameters = @{ AccountName = 'prod*' }; Roles = 'ReadOnly', 'PowerUser' }
        @{ What = 'accounts that match, or nothing'; Parameters = @{ AccountName = 'stag*' }; Roles = $null }
        @{ What = 'the given account'; Parameters = @{ AccountId = 123456789012 }; Roles = 'ReadOnly', 'PowerUser' }
    ) {
        (Get-IdentityCenterRole corp @Parameters).RoleName | Should -Be $Roles
    }

    It 'lists the roles of a session without a name' {
        $null = Connect-IdentityCenter -ProfileName legacy 6>$null
        $role = Get-IdentityCenterRole -ProfileName legacy -RoleName ReadOnly
        $role.StartUrl | Should -Be 'https://sandbox.awsapps.com/start'
        ($role | Use-Role).AccountId | Should -Be 123456789012
    }

    It 'reports an account without roles, and returns the others' {
        $roles = Get-IdentityCenterRole corp -AccountId 123456789012, 222222222222 -ErrorVariable failed -ErrorAction SilentlyContinue
        $roles | Should -HaveCount 2
        $failed.FullyQualifiedErrorId | Should -Be 'AccountNotFound,RoleCredentials.GetIdentityCenterRoleCommand'
        Add-SandboxFault @{ action = 'ListAccountRoles'; code = 'ForbiddenException'; status = 403 }
        Get-IdentityCenterRole corp -ErrorVariable failed -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failed[0].FullyQualifiedErrorId | Should -Be 'AccessDenied,RoleCredentials.GetIdentityCenterRoleCommand'
        $failed[0].ErrorDetails.RecommendedAction | Should -Match 'suspended'
    }

    It 'shows progress while it waits, and removes it <When>' -ForEach @(
        @{ When = 'at the end'; Command = 'Get-IdentityCenterRole corp'; Slow = 'ListAccounts' }
        @{ When = 'when the rest of the pipeline needs no more roles'; Command = 'Get-IdentityCenterRole corp | Select-Object -First 1'; Slow = 'ListAccountRoles' }
        @{ When = 'after an error'; Command = 'Get-IdentityCenterRole corp -AccountId 123456789012'; Slow = 'ListAccountRoles'; Body = '{}' }
    ) {
        Add-SandboxFault (@{ action = $Slow; delayMs = 2500 } + $(if ($Body) { @{ body = $Body } } else { @{} }))
        $shell = [powershell]::Create().AddScript("Import-Module `$args[0]; try { $Command } catch { 'failed' }")
        $output = $shell.AddArgument((Get-Module RoleCredentials).Path).Invoke()
        $output | Should -Not -BeNullOrEmpty
        if ($Body) { $output | Should -Be failed }
        $shown = $shell.Streams.Progress
        $shown[0].Activity | Should -Be 'Listing roles of IAM Identity Center'
        $shown[-1].RecordType | Should -Be Completed
        $shell.Dispose()
    }

    It 'names Connect-IdentityCenter if there is no sign-in and no one to ask' {
        Disconnect-IdentityCenter corp
        $failed = { Get-IdentityCenterRole corp } |
            Should -Throw -ErrorId 'SsoLoginRequired,RoleCredentials.GetIdentityCenterRoleCommand' -PassThru
        $failed.ErrorDetails.RecommendedAction | Should -Be 'Run: Connect-IdentityCenter -SsoSession corp'
    }

    It 'passes its objects to Use-Role' {
        $used = Get-IdentityCenterRole corp | Use-Role
        $used | Should -HaveCount 2
        $used.AccountId | Should -Be 123456789012, 123456789012
        $used.InputObject.RoleName | Sort-Object | Should -Be 'PowerUser', 'ReadOnly'
        Get-SandboxCall AssumeRole | Should -BeNullOrEmpty
    }

    It 'passes its objects to Enter-Role' {
        Get-IdentityCenterRole corp -RoleName ReadOnly | Enter-Role
        $env:AWS_ACCESS_KEY_ID | Should -Match '^ASIA'
        (Get-Role).Account, (Get-Role).Role, (Get-Role).Name | Should -Be '123456789012', 'ReadOnly', 'ReadOnly'
        Get-RolePrompt | Should -Match '^ReadOnly \d+m$'
    }

    It 'passes its objects to Open-RoleConsole, <How>' -ForEach @(
        @{ How = 'which opens the access portal'; Parameters = @{ }; Link = 'https://sandbox.awsapps.com/start/#/console?account_id=123456789012&role_name=ReadOnly' }
        @{ How = 'which signs in'; Parameters = @{ SignIn = $true }; Link = '*SigninToken=*' }
    ) {
        Get-IdentityCenterRole corp -RoleName ReadOnly | Open-RoleConsole @Parameters -PassThru | Should -BeLike $Link
    }

    It 'passes its objects to Test-Role' {
        $hop = Get-IdentityCenterRole corp -RoleName ReadOnly | Test-Role
        $hop.Succeeded | Should -BeTrue
        $hop.Operation | Should -Be GetRoleCredentials
    }

    It 'never means an IAM role of the same name' {
        $role = Get-IdentityCenterRole corp -RoleName ReadOnly
        $role.RoleName = 'Admin'
        { $role | Use-Role -ErrorAction Stop } | Should -Throw -ErrorId 'AccessDenied,RoleCredentials.UseRoleCommand'
        Get-SandboxCall AssumeRole | Should -BeNullOrEmpty
    }
}

Describe 'Use-Role -SsoSession' {
    BeforeAll {
        Clear-SandboxSignIn
        $null = Connect-IdentityCenter corp 6>$null
    }

    It 'assumes a role without a profile' {
        $used = Use-Role -SsoSession corp -AccountId 123456789012 -RoleName PowerUser -Region eu-central-1
        $used.AccountId | Should -Be 123456789012
        $used.Region | Should -Be eu-central-1
    }

    It 'refuses -Chain, which would have no effect' {
        Enter-Role -SsoSession corp -AccountId 123456789012 -RoleName PowerUser
        try {
            { Use-Role -Chain -SsoSession corp -AccountId 123456789012 -RoleName PowerUser } |
                Should -Throw -ErrorId 'ParameterConflict,RoleCredentials.UseRoleCommand'
        } finally { Exit-Role }
    }

    It 'takes accounts from the pipeline' {
        ('123456789012' | Use-Role -SsoSession corp -RoleName PowerUser).AccountId | Should -Be 123456789012
    }

    It 'accepts -AutoRefresh' {
        (Use-Role -SsoSession corp -AccountId 123456789012 -RoleName PowerUser -AutoRefresh).AccessKeyId | Should -Match '^ASIA'
    }

    It 'refuses <What>' -ForEach @(
        @{ What = 'an empty session'; Parameters = @{ SsoSession = ''; AccountId = '123456789012'; RoleName = 'PowerUser' }; Id = 'ParameterConflict' }
        @{ What = 'a role that is not assigned'; Parameters = @{ SsoSession = 'corp'; AccountId = '123456789012'; RoleName = 'Admin' }; Id = 'AccessDenied' }
    ) {
        { Use-Role @Parameters } | Should -Throw -ErrorId "$Id,RoleCredentials.UseRoleCommand"
        Get-SandboxCall AssumeRole | Should -BeNullOrEmpty
    }

    It 'completes accounts and roles that have been listed, until the sign-out' {
        $null = Get-IdentityCenterRole corp
        (TabExpansion2 'Use-Role -SsoSession corp -AccountId 1').CompletionMatches.CompletionText | Should -Be 123456789012
        (TabExpansion2 'Use-Role -SsoSession corp -AccountId 123456789012 -RoleName ').CompletionMatches.CompletionText |
            Sort-Object | Should -Be PowerUser, ReadOnly
        Disconnect-IdentityCenter corp
        (TabExpansion2 'Use-Role -SsoSession corp -AccountId 1').CompletionMatches.CompletionText | Should -Not -Contain 123456789012
        $null = Connect-IdentityCenter corp 6>$null
    }
}
