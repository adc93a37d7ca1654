BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Sandbox.psm1')
    Enter-Sandbox
    $jo = Get-SandboxKey jo
    $admin = 'arn:aws:iam::123456789012:role/Admin'
    Set-RoleCredentials @jo -Region eu-west-1
    Set-RoleCredentials -StoreAs prod -RoleArn $admin -SourceProfile default
}

AfterAll { Exit-Sandbox }

Describe 'Open-RoleConsole' {
    It 'gives the link to switch roles in <Partition>' -ForEach @(
        @{ Partition = 'aws'; Expected = 'https://signin.aws.amazon.com/switchrole?account=123456789012&roleName=Admin' }
        @{ Partition = 'aws-us-gov'; Expected = 'https://signin.amazonaws-us-gov.com/switchrole?account=123456789012&roleName=Admin' }
        @{ Partition = 'aws-cn'; Expected = 'https://signin.amazonaws.cn/switchrole?account=123456789012&roleName=Admin' }
    ) {
        Open-RoleConsole "arn:${Partition}:iam::123456789012:role/Admin" -PassThru | Should -BeLike "$Expected*"
    }

    It 'takes a profile, or a name with a path in an account' {
        Open-RoleConsole -ProfileName prod -PassThru | Should -BeLike '*account=123456789012&roleName=Admin*'
        Open-RoleConsole -RoleName ops/ci/Deployer -AccountId my-company -PassThru |
            Should -BeLike '*account=my-company&roleName=ops/ci/Deployer*'
    }

    It 'shows a name and a colour' {
        Open-RoleConsole $admin -DisplayName 'My Role' -Color red -PassThru | Should -Match 'displayName=My(%20|\+)Role&color=[0-9A-Fa-f]{6}$'
    }

    It 'opens nothing with -WhatIf' {
        { Open-RoleConsole $admin -WhatIf } | Should -Not -Throw
    }

    It 'ends with an error that helps when <What>' -ForEach @(
        @{ What = 'the ARN is none'; Parameters = @{ RoleArn = 'nonsense' }; Id = 'ArnInvalid' }
        @{ What = 'the profile is unknown'; Parameters = @{ ProfileName = 'nobody' }; Id = 'ProfileNotFound' }
        @{ What = 'the profile has no role'; Parameters = @{ ProfileName = 'default' }; Id = 'NoRoleNamed|ProfileIncomplete' }
        @{ What = 'the colour is none'; Parameters = @{ RoleName = 'Admin'; AccountId = '123456789012'; Color = 'nonsense' }; Id = 'ColorInvalid' }
    ) {
        $failure = { Open-RoleConsole @Parameters -PassThru } | Should -Throw -PassThru
        $failure.FullyQualifiedErrorId | Should -Match "^($Id),Open-RoleConsole$"
        $failure.ErrorDetails.RecommendedAction | Should -Match '\w+ \w+'
    }
}
