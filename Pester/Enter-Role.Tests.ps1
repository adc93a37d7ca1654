BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Sandbox.psm1')
    Enter-Sandbox
    $jo = Get-SandboxKey jo
    $admin = 'arn:aws:iam::123456789012:role/Admin'
    Set-RoleCredentials @jo -Region eu-west-1
    Set-RoleCredentials -StoreAs prod -RoleArn $admin -SourceProfile default
}

AfterAll { Exit-Sandbox }

Describe 'Enter-Role' {
    AfterEach { Exit-Role -All }

    It 'puts the role into the environment, for every tool' {
        Enter-Role -ProfileName prod -Region eu-central-1 | Should -BeNullOrEmpty
        $env:AWS_ACCESS_KEY_ID | Should -Match '^ASIA'
        $env:AWS_SESSION_TOKEN | Should -Not -BeNullOrEmpty
        $env:AWS_REGION | Should -Be 'eu-central-1'
        [datetime]::Parse($env:AWS_CREDENTIAL_EXPIRATION).ToUniversalTime() | Should -BeGreaterThan ([datetime]::UtcNow.AddMinutes(50))
    }

    It 'takes away what some tools would prefer' {
        $env:AWS_PROFILE = 'default'
        try {
            Enter-Role $admin
            $env:AWS_PROFILE | Should -BeNullOrEmpty
            Exit-Role
            $env:AWS_PROFILE | Should -Be 'default'
        } finally {
            Remove-Item Env:AWS_PROFILE -ErrorAction Ignore
        }
    }

    It 'takes <What>' -ForEach @(
        @{ What = 'an ARN by position'; Script = { Enter-Role $admin } }
        @{ What = 'a name and an account'; Script = { Enter-Role -RoleName Admin -AccountId 123456789012 } }
        @{ What = 'the pipeline'; Script = { $admin | Enter-Role } }
        @{ What = 'a stored profile''s object'; Script = { Get-RoleProfile prod | Enter-Role } }
    ) {
        & $Script
        (Get-Role)[0].RoleArn | Should -Be $admin
    }

    It 'returns with -PassThru what Get-Role shows' {
        (Enter-Role $admin -PassThru).RoleArn | Should -Be $admin
    }

    It 'leaves the session as it was when the role cannot be had' {
        { Enter-Role arn:aws:iam::123456789012:role/DeniedByTrust } | Should -Throw -ErrorId 'AccessDenied,Enter-Role'
        $env:AWS_ACCESS_KEY_ID | Should -BeNullOrEmpty
        (Get-Role)[0].Depth | Should -Be 0
    }
}
