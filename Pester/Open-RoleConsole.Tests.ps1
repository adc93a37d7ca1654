BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Sandbox.psm1')
    Enter-Sandbox
    $jo = Get-SandboxKey jo
    $admin = 'arn:aws:iam::123456789012:role/Admin'
    $hub = 'arn:aws:iam::111111111111:role/Hub'
    Set-RoleCredentials @jo -Region eu-west-1
    Set-RoleCredentials -StoreAs prod -RoleArn $admin -SourceProfile default
}

AfterAll {
    Exit-Role -All
    Exit-Sandbox
}

Describe 'Open-RoleConsole' {
    BeforeEach {
        Clear-RoleHistory
        Clear-Sandbox
    }
    AfterEach { Exit-Role -All }

    It 'returns the documented link for <What>' -ForEach @(
        @{ What = 'a role'; Parameters = @{ RoleArn = 'arn:aws:iam::123456789012:role/Admin' }; Link = 'https://signin.aws.amazon.com/switchrole?account=123456789012&roleName=Admin' }
        @{ What = 'a profile'; Parameters = @{ ProfileName = 'prod' }; Link = 'https://signin.aws.amazon.com/switchrole?account=123456789012&roleName=Admin' }
        @{ What = 'an alias and a path'; Parameters = @{ RoleName = 'ops/ci/Deployer'; AccountId = 'acme' }; Link = 'https://signin.aws.amazon.com/switchrole?account=acme&roleName=ops/ci/Deployer' }
        @{ What = 'GovCloud'; Parameters = @{ RoleArn = 'arn:aws-us-gov:iam::555555555555:role/Admin' }; Link = 'https://signin.amazonaws-us-gov.com/switchrole?account=555555555555&roleName=Admin' }
        @{ What = 'China'; Parameters = @{ RoleArn = 'arn:aws-cn:iam::444444444444:role/Admin' }; Link = 'https://signin.amazonaws.cn/switchrole?account=444444444444&roleName=Admin' }
    ) {
        Open-RoleConsole @Parameters -PassThru | Should -Be $Link
        Get-SandboxCall | Should -BeNullOrEmpty
    }

    It 'signs in with -SignIn' {
        $link = Open-RoleConsole $admin -SignIn -Destination ec2/home -PassThru
        $answer = Invoke-WebRequest $link -MaximumRedirection 0 -SkipHttpErrorCheck -ErrorAction Ignore
        $answer.StatusCode | Should -Be 302
        $answer.Headers.Location | Should -Be 'https://eu-west-1.console.aws.amazon.com/ec2/home'
    }

    It 'defaults to the entered role' {
        Enter-Role $hub
        Open-RoleConsole -PassThru | Should -Match 'account=111111111111&roleName=Hub$'
    }

    It 'does nothing with -WhatIf' {
        Open-RoleConsole $admin -SignIn -WhatIf | Should -BeNullOrEmpty
        Get-SandboxCall | Should -BeNullOrEmpty
    }

    It 'refuses <What>' -ForEach @(
        @{ What = 'a page outside the console'; Parameters = @{ SignIn = $true; Destination = 'https://example.com/' }; Id = 'DestinationInvalid' }
        @{ What = 'an invalid colour'; Parameters = @{ Color = 'pink' }; Id = 'ColorInvalid' }
        @{ What = 'a display name of 65 characters'; Parameters = @{ DisplayName = 'x' * 65 }; Id = 'DisplayNameInvalid' }
        @{ What = 'a duration without -SignIn'; Parameters = @{ DurationInSeconds = 900 }; Id = 'ParameterConflict' }
        @{ What = 'a duration of a day'; Parameters = @{ SignIn = $true; DurationInSeconds = 86400 }; Id = 'DurationInvalid' }
    ) {
        { Open-RoleConsole $admin @Parameters -ErrorAction Stop } | Should -Throw -ErrorId "$Id,RoleCredentials.OpenRoleConsoleCommand"
    }
}
