BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Sandbox.psm1')
    $PSDefaultParameterValues['Connect-RoleConsole:InformationAction'] = 'Ignore'
    $jo = 'arn:aws:iam::111111111111:user/jo'
}

Describe 'Disconnect-RoleConsole' {
    BeforeEach {
        Enter-Sandbox
        Set-SandboxBrowser allow
        Set-SandboxConsoleUser jo
        $null = Connect-RoleConsole console -Region eu-west-1
    }
    AfterEach { Exit-Sandbox }

    It 'forgets the sign-in and its roles, and keeps the profile' {
        Set-RoleCredentials -StoreAs prod -RoleArn arn:aws:iam::123456789012:role/Admin -SourceProfile console
        $null = Use-Role prod
        Disconnect-RoleConsole console
        Get-SandboxLogin | Should -BeNullOrEmpty
        { Use-Role prod } | Should -Throw -ErrorId 'LoginRequired,RoleCredentials.UseRoleCommand'
        (Get-RoleProfile console).LoginSession | Should -Be $jo
    }

    It 'takes profiles from the pipeline' {
        Get-RoleProfile console | Disconnect-RoleConsole
        Get-SandboxLogin | Should -BeNullOrEmpty
    }

    It 'says what it removed' {
        "$(Disconnect-RoleConsole console -Verbose 4>&1)" | Should -Match "Removed the sign-in of profile 'console'"
        "$(Disconnect-RoleConsole console -Verbose 4>&1)" | Should -Match "no sign-in of profile 'console'"
    }

    It 'forgets all sign-ins with -All, even of profiles that are gone' {
        Remove-RoleProfile console -Force
        Disconnect-RoleConsole -All
        Get-SandboxLogin | Should -BeNullOrEmpty
    }

    It 'does nothing with -WhatIf' {
        Disconnect-RoleConsole console -WhatIf
        Disconnect-RoleConsole -All -WhatIf
        Get-SandboxLogin | Should -HaveCount 1
    }

    It 'refuses <What>' -ForEach @(
        @{ What = 'a missing profile'; Parameters = @{ ProfileName = 'nobody' }; Id = 'ProfileNotFound' }
        @{ What = 'a profile without a sign-in'; Parameters = @{ ProfileName = 'keys' }; Id = 'ProfileIncomplete' }
        @{ What = '-All with a profile'; Parameters = @{ ProfileName = 'console'; All = $true }; Id = 'ParameterConflict' }
    ) {
        $keys = Get-SandboxKey jo
        Set-RoleCredentials @keys -StoreAs keys
        { Disconnect-RoleConsole @Parameters } | Should -Throw -ErrorId "$Id,RoleCredentials.DisconnectRoleConsoleCommand"
        Get-SandboxLogin | Should -HaveCount 1
    }

    It 'names the profile of AWS_PROFILE' {
        $env:AWS_PROFILE = 'console'
        "$(Disconnect-RoleConsole -Verbose 4>&1)" | Should -Match "Removed the sign-in of profile 'console'"
    }

    It 'does not take the current profile for a pipeline object that names none' {
        $env:AWS_PROFILE = 'console'
        { '' | Disconnect-RoleConsole } | Should -Throw -ErrorId 'NoProfileNamed,RoleCredentials.DisconnectRoleConsoleCommand'
        { [pscustomobject]@{ ProfileName = '' } | Disconnect-RoleConsole } | Should -Throw
        { [pscustomobject]@{ ProfileName = '' } | Connect-RoleConsole } |
            Should -Throw -ErrorId 'NoProfileNamed,RoleCredentials.ConnectRoleConsoleCommand'
        Get-SandboxLogin | Should -HaveCount 1
    }
}
