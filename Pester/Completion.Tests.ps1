# Tab after the parameters of every command.

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Sandbox.psm1')
    Enter-Sandbox
    $admin = 'arn:aws:iam::123456789012:role/Admin'
    $hub = 'arn:aws:iam::111111111111:role/Hub'
    $jo = Get-SandboxKey jo
    Set-RoleCredentials @jo
    $config = @"
[profile prod]
role_arn = $admin
source_profile = default
mfa_serial = arn:aws:iam::111111111111:mfa/jo

[profile "my profile"]
region = eu-west-1

[profile @splat]
region = eu-west-1

[sso-session corp]
sso_region = eu-west-1

[profile zero]
role_arn = arn:aws:iam::012345678901:role/Zero
source_profile = default

"@
    Set-SandboxFile -Config $config
    function Get-Completion([string] $Line) { (TabExpansion2 $Line $Line.Length).CompletionMatches }
}

AfterAll { Exit-Sandbox }

Describe 'Tab' {
    BeforeEach { Clear-Sandbox }

    It 'completes <Line> to <Text>' -ForEach @(
        @{ Line = 'Use-Role -ProfileName prod'; Text = 'prod' }
        @{ Line = 'Use-Role -SourceProfile prod'; Text = 'prod' }
        @{ Line = 'Set-RoleCredentials -StoreAs prod'; Text = 'prod' }
        @{ Line = 'Set-RoleCredential -StoreAs prod'; Text = 'prod' }
        @{ Line = 'Get-RoleProfile prod'; Text = 'prod' }
        @{ Line = 'Connect-RoleConsole prod'; Text = 'prod' }
        @{ Line = 'Disconnect-RoleConsole prod'; Text = 'prod' }
        @{ Line = 'Connect-IdentityCenter -SsoSession '; Text = 'corp' }
        @{ Line = 'Use-Role -SsoSession c'; Text = 'corp' }
        @{ Line = 'Enter-Role -RoleArn admin'; Text = 'arn:aws:iam::123456789012:role/Admin' }
        @{ Line = 'Use-Role adm'; Text = 'arn:aws:iam::123456789012:role/Admin' }
        @{ Line = 'Open-RoleConsole -RoleName Ad'; Text = 'Admin' }
        @{ Line = 'Use-Role -RoleName Admin -AccountId '; Text = '123456789012' }
        @{ Line = 'Use-Role -Region eu-west-2'; Text = 'eu-west-2' }
        @{ Line = 'Enter-Role -MfaSerial arn'; Text = 'arn:aws:iam::111111111111:mfa/jo' }
        @{ Line = 'Use-Role -PolicyArn PowerUser'; Text = 'arn:aws:iam::aws:policy/PowerUserAccess' }
        @{ Line = 'Set-RoleCredentials -CredentialSource Ec'; Text = 'Ec2InstanceMetadata', 'EcsContainer' }
        @{ Line = 'Open-RoleConsole -Color gr'; Text = 'green' }
        @{ Line = 'Open-RoleConsole -Destination lamb'; Text = 'lambda' }
        @{ Line = 'Open-RoleConsole -ContainerColor tur'; Text = 'turquoise' }
        @{ Line = 'Open-RoleConsole -ContainerIcon brief'; Text = 'briefcase' }
        @{ Line = 'Use-Role -ProfileName *fil'; Text = "'my profile'" }
        @{ Line = 'Use-Role "m?*fil'; Text = "'my profile'" }
        @{ Line = 'Use-Role -Select Credentials'; Text = 'Credentials' }
        @{ Line = 'Use-Role -Select AssumedRoleUser.Ar'; Text = 'AssumedRoleUser.Arn' }
        @{ Line = 'Use-Role -Select ^RoleA'; Text = '^RoleArn' }
        # And quotes it if needed.
        @{ Line = 'Use-Role -ProfileName my'; Text = "'my profile'" }
        @{ Line = "Use-Role -ProfileName 'my"; Text = "'my profile'" }
        @{ Line = 'Use-Role -ProfileName "my'; Text = "'my profile'" }
        @{ Line = 'Use-Role -ProfileName spl'; Text = "'@splat'" }
        @{ Line = 'Use-Role -RoleName Zero -AccountId 0'; Text = "'012345678901'" }
    ) {
        (Get-Completion $Line).CompletionText | Should -Be $Text
    }

    It 'describes each completion without secrets, without a call and without an error' {
        $Error.Clear()
        $found = Get-Completion 'Use-Role -ProfileName '
        $found.Where({ $_.ListItemText -eq 'prod' }).ToolTip | Should -Be "Role $admin from default, with MFA"
        $found.Where({ $_.ListItemText -eq 'default' }).ToolTip | Should -Be 'Keys'
        Find-SandboxSecret ($found | ConvertTo-Json) | Should -BeNullOrEmpty
        $null = Get-Completion 'Use-Role -RoleArn '
        $Error.Count | Should -Be 0
        Get-SandboxCall | Should -BeNullOrEmpty
    }

    It 'offers recently used roles before those of profiles' {
        $null = Use-Role $hub
        (Get-Completion 'Use-Role -RoleArn arn')[0].CompletionText | Should -Be $hub
    }

    It 'ignores a broken file silently' {
        Set-SandboxFile -Config "[profile broken`nx"
        try { Get-Completion 'Use-Role -MfaSerial arn' | Should -BeNullOrEmpty } finally { Set-SandboxFile -Config $config }
    }
}
