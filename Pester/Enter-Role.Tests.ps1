BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Sandbox.psm1')
    Enter-Sandbox
    $jo = Get-SandboxKey jo
    $admin = 'arn:aws:iam::123456789012:role/Admin'
    $hub = 'arn:aws:iam::111111111111:role/Hub'
    Set-SandboxRole
}

AfterAll { Exit-Sandbox }

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

    It 'removes <_>, which some tools prefer to the keys' -ForEach @(
        'AWS_PROFILE', 'AWS_DEFAULT_PROFILE', 'AWS_SECURITY_TOKEN', 'AWS_VAULT', 'AWS_ROLE_ARN', 'AWS_WEB_IDENTITY_TOKEN_FILE'
    ) {
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

    It 'enters existing credentials, which it cannot renew' {
        $creds = Use-Role $admin
        Enter-Role -Credential $creds
        $env:AWS_ACCESS_KEY_ID, (Get-Role).Renews | Should -Be $creds.AccessKeyId, $false
    }

    It 'respects variables that the user sets, and still restores the original ones' {
        Set-RoleCredentials @jo -StoreAs anywhere
        $env:AWS_REGION = 'eu-west-1'
        try {
            Enter-Role $admin -SourceProfile anywhere
            $env:AWS_REGION = 'eu-west-2'
            (Use-Role $admin -SourceProfile anywhere).Region | Should -Be 'eu-west-2'
            Exit-Role
            $env:AWS_REGION | Should -Be 'eu-west-1'
        } finally { $env:AWS_REGION = $null }
    }

    It 'sets the credentials of loaded AWS Tools, and restores the original object' {
        $tools = New-Module Fake.AWS.Tools {
            function Set-AWSCredential { [CmdletBinding()] param([object] $Credential, [string] $Scope) $PSCmdlet.SessionState.PSVariable.Set("$($Scope):StoredAWSCredentials", [pscustomobject]@{ Is = $Credential }) }
            function Clear-AWSCredential { [CmdletBinding()] param([string] $Scope) $PSCmdlet.SessionState.PSVariable.Set("$($Scope):StoredAWSCredentials", $null) }
            function Set-DefaultAWSRegion { [CmdletBinding()] param([string] $Region, [string] $Scope) $PSCmdlet.SessionState.PSVariable.Set("$($Scope):StoredAWSRegion", $Region) }
        } | Import-Module -PassThru -Global
        function Get-Tools { [string] $global:StoredAWSCredentials.Is; [string] $global:StoredAWSRegion }
        function Test-Variable([string] $Name) { $null -ne $ExecutionContext.SessionState.PSVariable.Get("global:$Name") }
        try {
            $global:StoredAWSCredentials = $mine = [pscustomobject]@{ Is = 'mine' }
            Enter-Role -ProfileName prod -Region eu-central-1
            Get-Tools | Should -Be "RoleCredentials $admin", 'eu-central-1'
            Use-Role $hub -ScriptBlock { Get-Tools } | Should -Be "RoleCredentials $hub", 'eu-west-1'
            Get-Tools | Should -Be "RoleCredentials $admin", 'eu-central-1'
            Exit-Role
            [object]::ReferenceEquals($mine, $global:StoredAWSCredentials), (Test-Variable StoredAWSRegion) | Should -Be $true, $false
            Remove-Variable StoredAWSCredentials -Scope Global
            Enter-Role $admin
            Exit-Role
            Test-Variable StoredAWSCredentials | Should -BeFalse
        } finally {
            Remove-Module $tools
            Remove-Variable StoredAWSCredentials, StoredAWSRegion -Scope Global -ErrorAction Ignore
        }
    }

    It 'fails without a role and without a terminal, and changes nothing: <_>' -ForEach 'Enter-Role', 'Enter-Role -Region eu-west-1' {
        { & ([scriptblock]::Create($_)) } | Should -Throw -ErrorId 'InputRequired,RoleCredentials.EnterRoleCommand'
        (Get-Role).Depth | Should -Be 0
    }

    It 'returns nothing, or the role with -PassThru' {
        Enter-Role $admin | Should -BeNullOrEmpty
        (Enter-Role -ProfileName prod -PassThru).Depth | Should -Be 2
    }

    It 'starts from the original identity' {
        Enter-Role $admin -NoCache
        Enter-Role $hub -NoCache
        (Get-SandboxCall AssumeRole).principal | Select-Object -Unique | Should -Be 'arn:aws:iam::111111111111:user/jo'
    }

    It 'starts from the entered role with -Chain' {
        Enter-Role $hub
        Enter-Role $admin -Chain -NoCache
        (Get-Role)[0].Chained | Should -BeTrue
        (Get-SandboxCall AssumeRole)[-1].principal | Should -Match 'assumed-role/Hub'
    }

    It 'changes nothing if the role is denied' {
        $before = Get-SandboxVariable
        { Enter-Role arn:aws:iam::123456789012:role/DeniedByTrust -ErrorAction Stop } | Should -Throw -ErrorId 'AccessDenied,RoleCredentials.EnterRoleCommand'
        Get-SandboxVariable | Should -Be $before
    }

    It 'logs the new identity with -Verbose, without secrets' {
        $said = Enter-Role $admin -Verbose 4>&1 | Out-String
        $said | Should -Match 'This session is now Admin'
        $said | Should -Not -Match ([regex]::Escape($env:AWS_SECRET_ACCESS_KEY))
    }
}

Describe 'An entered role' {
    BeforeAll {
        # The module's own subscriber renews the role.
        function Get-SubscriberCount { @(Get-EventSubscriber -Force).Count }
        function Set-Expiring {
            Clear-RoleCache -Confirm:$false
            $frame = [RoleCredentials.RoleStack]::Frames[-1]
            $frame.Obtained = [datetime]::UtcNow.AddMinutes(-50)
            $frame.Expiration = [datetime]::UtcNow.AddMinutes(5)
            $env:AWS_ACCESS_KEY_ID
        }
    }
    AfterEach { Exit-Role -All }

    It 'renews itself in the middle of a script' {
        $interval = [RoleCredentials.RoleStack]::RenewalInterval
        [RoleCredentials.RoleStack]::RenewalInterval = 100
        try {
            Enter-Role -ProfileName prod
            $before = Set-Expiring
            $until = [datetime]::UtcNow.AddSeconds(30)
            while ($env:AWS_ACCESS_KEY_ID -eq $before -and [datetime]::UtcNow -lt $until) { Start-Sleep -Milliseconds 10 }
        } finally { [RoleCredentials.RoleStack]::RenewalInterval = $interval }
        $env:AWS_ACCESS_KEY_ID | Should -Not -Be $before
        (Get-Role).MinutesLeft | Should -BeGreaterThan 50
        (Get-Role -Verify).VerifiedArn | Should -Match ':assumed-role/Admin/'
    }

    It 'renews itself when a cmdlet of the module runs' {
        Enter-Role -ProfileName prod
        $before = Set-Expiring
        $null = Get-Role
        $env:AWS_ACCESS_KEY_ID | Should -Not -Be $before
    }

    It 'is renewed below another role, and is current when that role is left' {
        Enter-Role -ProfileName prod
        $before = Set-Expiring
        Enter-Role $hub
        Exit-Role
        $env:AWS_ACCESS_KEY_ID | Should -Match '^ASIA'
        $env:AWS_ACCESS_KEY_ID | Should -Not -Be $before
    }

    It 'does not prompt for a code in the background, and reports that it cannot renew' {
        Set-RoleCredentials -StoreAs secure -RoleArn arn:aws:iam::123456789012:role/MfaRequired -SourceProfile default -MfaSerial arn:aws:iam::111111111111:mfa/jo
        Enter-Role -ProfileName secure -TokenCode (Get-SandboxMfaCode)
        (Get-Role).Name, (Get-Role).Renews | Should -Be 'secure', $false
        $null = Set-Expiring
        [RoleCredentials.RoleStack]::Frames[-1].Renewal = 'silent'
        $null = Get-Role -WarningVariable warnings -WarningAction SilentlyContinue
        "$warnings" | Should -Match 'secure could not be renewed'
        (Get-Role).Renews | Should -BeFalse
        (Get-Role).Problem | Should -Match 'MFA'
    }

    It 'leaves no subscriber behind' {
        $counts = @(Get-SubscriberCount; Enter-Role $admin; Get-SubscriberCount; Enter-Role $hub; Get-SubscriberCount; Exit-Role -All; Get-SubscriberCount)
        $counts | Should -Be $counts[0], ($counts[0] + 1), ($counts[0] + 1), $counts[0]
    }
}
