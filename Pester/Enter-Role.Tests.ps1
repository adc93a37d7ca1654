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

Describe 'Enter-Role' {
    BeforeEach { Clear-Sandbox }
    AfterEach { Exit-Role -All }

    It 'has the parameters of Use-Role except those for many roles' {
        $own = 'ThrottleLimit', 'InOrder', 'ScriptBlock', 'ArgumentList', 'AutoRefresh', 'Force', 'Select', 'WhatIf', 'Confirm'
        $expected = (Get-Command Use-Role).Parameters.Keys.Where({ $_ -notin $own }) + 'PassThru'
        (Get-Command Enter-Role).Parameters.Keys | Sort-Object | Should -Be ($expected | Sort-Object)
    }

    It 'puts the role into the environment' {
        Enter-Role $admin
        $env:AWS_ACCESS_KEY_ID | Should -Match '^ASIA'
        $env:AWS_SESSION_TOKEN | Should -Not -BeNullOrEmpty
        $env:AWS_REGION | Should -Be 'eu-west-1'
        $env:AWS_DEFAULT_REGION | Should -Be 'eu-west-1'
        $env:AWS_ACCOUNT_ID | Should -Be '123456789012'
        $env:AWSU_PROFILE | Should -Be 'Admin'
        [datetime]$env:AWS_CREDENTIAL_EXPIRATION | Should -BeGreaterThan ([datetime]::UtcNow)
    }

    It 'removes <_>, which some tools prefer to the keys' -ForEach 'AWS_PROFILE', 'AWS_DEFAULT_PROFILE', 'AWS_SECURITY_TOKEN', 'AWS_VAULT' {
        Set-Item "Env:$_" 'default'
        try {
            Enter-Role $admin @jo
            Test-Path "Env:$_" | Should -BeFalse
            Exit-Role
            (Get-Item "Env:$_").Value | Should -Be 'default'
        } finally {
            Exit-Role -All
            Remove-Item "Env:$_"
        }
    }

    It 'returns nothing, or the role with -PassThru' {
        Enter-Role $admin | Should -BeNullOrEmpty
        (Enter-Role -ProfileName prod -PassThru).Depth | Should -Be 2
    }

    It 'starts from the original identity' {
        Enter-Role $admin
        Enter-Role $hub
        (Get-SandboxCall AssumeRole).principal | Select-Object -Unique | Should -Be 'arn:aws:iam::111111111111:user/jo'
    }

    It 'starts from the entered role with -Chain' {
        Enter-Role $hub
        Enter-Role $admin -Chain
        (Get-SandboxCall AssumeRole)[-1].principal | Should -Match 'assumed-role/Hub'
    }

    It 'changes nothing if the role is denied' {
        $before = Get-AwsVariable
        { Enter-Role arn:aws:iam::123456789012:role/DeniedByTrust -ErrorAction Stop } | Should -Throw -ErrorId 'AccessDenied,RoleCredentials.EnterRoleCommand'
        Get-AwsVariable | Should -Be $before
    }

    It 'accepts a role from the history' {
        $null = Use-Role -ProfileName prod
        Get-RoleHistory -First 1 | Enter-Role
        (Get-Role).ProfileName | Should -Be 'prod'
    }

    It 'logs the new identity with -Verbose, without secrets' {
        $said = Enter-Role $admin -Verbose 4>&1 | Out-String
        $said | Should -Match 'This session is Admin'
        $said | Should -Not -Match ([regex]::Escape($env:AWS_SECRET_ACCESS_KEY))
    }
}
