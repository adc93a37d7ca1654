BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Sandbox.psm1')
    $jo = 'arn:aws:iam::111111111111:user/jo'
    $ann = 'arn:aws:iam::111111111111:user/ann'
    $PSDefaultParameterValues['Connect-RoleConsole:InformationAction'] = 'Ignore'
    $admin = 'arn:aws:iam::123456789012:role/Admin'
}

Describe 'Connect-RoleConsole' {
    BeforeEach {
        Enter-Sandbox
        Set-SandboxBrowser allow
        Set-SandboxConsoleUser jo
    }
    AfterEach { Exit-Sandbox }

    It 'signs in with the browser, and shows the address' {
        $shown = Connect-RoleConsole console -Region eu-west-1 -InformationAction SilentlyContinue -InformationVariable lines
        $shown.ProfileName, $shown.Account, $shown.LoginSession, $shown.Region | Should -Be 'console', '111111111111', $jo, 'eu-west-1'
        $shown.Expiration | Should -BeGreaterThan ([datetime]::UtcNow)
        "$lines" | Should -Match 'https?://\S+/v1/authorize\?'
        Get-SandboxFile config | Should -BeExactly "[profile console]`nlogin_session = $jo`nregion = eu-west-1`n"
        (Get-RoleProfile console).LoginSession | Should -Be $jo
        Get-SandboxLogin | Should -HaveCount 1
    }

    It 'lets roles use the sign-in' {
        $null = Connect-RoleConsole
        Set-RoleCredentials -StoreAs prod -RoleArn $admin -SourceProfile default
        (Use-Role prod).RoleArn | Should -Be $admin
        Enter-Role prod
        (Get-Role -Verify).VerifiedArn | Should -Match 'assumed-role/Admin'
    }

    It 'shows a table' {
        Connect-RoleConsole console -Region eu-west-1 | Out-String -Width 200 |
            Should -Match "ProfileName\s+Account\s+LoginSession\s+Region\s+Expiration(.|\n)*console\s+111111111111\s+$jo\s+eu-west-1\s+\d{4}-\d\d-\d\d \d\d:\d\dZ"
    }

    It 'opens no browser for a valid sign-in' {
        $null = Connect-RoleConsole console
        Clear-Sandbox
        (Get-RoleProfile console | Connect-RoleConsole).LoginSession | Should -Be $jo
        Get-SandboxCall | Should -BeNullOrEmpty
    }

    It 'signs in again, as another identity, with -Force only' {
        $null = Connect-RoleConsole console
        Set-SandboxConsoleUser ann
        (Connect-RoleConsole console).LoginSession | Should -Be $jo
        Get-SandboxLogin | Remove-Item
        { Connect-RoleConsole console } | Should -Throw -ErrorId 'SignInIdentityDiffers,RoleCredentials.ConnectRoleConsoleCommand'
        (Connect-RoleConsole console -Force).LoginSession | Should -Be $ann
    }

    It 'does nothing with -WhatIf' {
        Connect-RoleConsole console -WhatIf | Should -BeNullOrEmpty
        Get-SandboxCall | Should -BeNullOrEmpty
        Get-RoleProfile | Should -BeNullOrEmpty
    }

    It 'reports a denied sign-in, and the next step' {
        Set-SandboxBrowser deny
        $refused = { Connect-RoleConsole console } | Should -Throw -ErrorId 'SignInDenied,RoleCredentials.ConnectRoleConsoleCommand' -PassThru
        $refused.ErrorDetails.RecommendedAction | Should -Match 'Connect-RoleConsole -ProfileName console'
        Get-RoleProfile | Should -BeNullOrEmpty
    }

    It 'refuses -NoBrowser with -Remote' {
        { Connect-RoleConsole -NoBrowser -Remote } | Should -Throw -ErrorId 'ParameterConflict,RoleCredentials.ConnectRoleConsoleCommand'
    }

    It 'refuses -Remote in a session that cannot prompt for the code' {
        { Connect-RoleConsole console -Remote } | Should -Throw -ErrorId 'InputRequired,RoleCredentials.ConnectRoleConsoleCommand'
        # The sign-in is not left open: the next one needs no wait.
        (Connect-RoleConsole console).LoginSession | Should -Be $jo
    }

    It 'is the advice of <_> when the sign-in has ended' -ForEach 'Use-Role', 'Enter-Role', 'Test-Role' {
        $null = Connect-RoleConsole console
        Set-RoleCredentials -StoreAs prod -RoleArn $admin -SourceProfile console
        Get-SandboxLogin | Remove-Item
        Clear-RoleCache
        $advice = try { (& $_ prod).Action } catch { $_.ErrorDetails.RecommendedAction }
        "$advice" | Should -Match 'Connect-RoleConsole -ProfileName console'
    }
}
