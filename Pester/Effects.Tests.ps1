# Every parameter has an effect or is refused. The suite runs each command with each of its parameters: the output, the calls to AWS,
# the files or the environment must differ from a run without the parameter.

BeforeDiscovery {
    $module = Import-Module (Join-Path $PSScriptRoot '..' 'module' 'RoleCredentials.psd1') -PassThru
    $common = [System.Management.Automation.PSCmdlet]::CommonParameters + 'Confirm'
    $cases = foreach ($command in $module.ExportedCmdlets.Values) {
        foreach ($name in $command.Parameters.Keys) {
            if ($name -notin $common) { @{ Name = $command.Name; ParameterName = $name } }
        }
    }
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Sandbox.psm1')
    Enter-Sandbox
    Set-SandboxBrowser allow
    $admin = 'arn:aws:iam::123456789012:role/Admin'
    $hub = 'arn:aws:iam::111111111111:role/Hub'
    $jo = Get-SandboxKey jo
    $ann = Get-SandboxKey ann
    $device = 'arn:aws:iam::111111111111:mfa/jo'
    Set-RoleCredentials @jo -Region eu-west-1
    Set-RoleCredentials @ann -StoreAs ann
    Set-RoleCredentials -StoreAs hub -RoleArn $hub -SourceProfile default -RoleSessionName hub
    Set-RoleCredentials -StoreAs prod -RoleArn $admin -SourceProfile default
    foreach ($session in 'corp', 'other') { Set-RoleCredentials -SsoSession $session -StartUrl https://sandbox.awsapps.com/start -SsoRegion eu-west-1 }
    $aws = Join-Path (Get-SandboxHome) '.aws'
    # The AWS CLI's file of a sign-in to the session 'corp': the SHA-1 of its name.
    $signIn = New-Item (Join-Path $aws 'sso' 'cache' 'ee0bfd2552fbd840c02cc48b6e823320543c450f.json') -Force
    $stored = @{}
    foreach ($file in Get-ChildItem $aws -File) { $stored[$file.Name] = Get-Content $file -Raw }

    # Each command without the parameter, and the arguments that replace or accompany it.
    $bases = @{
        'Clear-RoleCache' = @{}
        'Clear-RoleHistory' = @{ Confirm = $false }
        'Connect-IdentityCenter' = @{ SsoSession = 'corp' }
        'Disconnect-IdentityCenter' = @{ SsoSession = 'corp' }
        'Connect-RoleConsole' = @{ ProfileName = 'console' }
        'Disconnect-RoleConsole' = @{ ProfileName = 'console' }
        'Enter-Role' = @{ RoleArn = $admin }
        'Exit-Role' = @{}
        'Get-IdentityCenterRole' = @{ SsoSession = 'corp' }
        'Get-Role' = @{}
        'Get-RoleHistory' = @{}
        'Get-RoleProfile' = @{}
        'Get-RolePrompt' = @{}
        'Open-RoleConsole' = @{ RoleArn = $admin; PassThru = $true }
        'Remove-RoleProfile' = @{ ProfileName = 'ann'; Confirm = $false }
        'Set-RoleCredentials' = @{ StoreAs = 'prod'; RoleSessionName = 'stored' }
        'Test-Role' = @{ RoleArn = $admin }
        'Update-RoleKey' = @{ ProfileName = 'ann'; Force = $true }
        'Use-Role' = @{ RoleArn = $admin }
    }
    $values = @{
        AccessKey = $ann.AccessKey
        AccountId = '123456789012'
        AccountName = 'Staging*'
        All = $true
        ArgumentList = 'argument'
        AsProcess = $true
        Audience = 'sts.amazonaws.com'
        Browser = 'Chrome'
        BrowserProfile = 'Work'
        Chain = $true
        Color = 'red'
        Container = 'prod'
        ContainerColor = 'red'
        ContainerIcon = 'pet'
        Credential = [pscredential]::new($ann.AccessKey, (ConvertTo-SecureString $ann.SecretKey -AsPlainText))
        CredentialSource = 'Environment'
        Destination = 's3/home'
        DisplayName = 'Production'
        DurationInSeconds = 1000
        EndpointUrl = 'http://127.0.0.1:1'
        ExternalId = 'ticket-42'
        First = 1
        Force = $true
        Format = '{Depth}'
        MfaProcess = "printcode"
        MfaSerial = $device
        MfaSession = $true
        NoBrowser = $true
        NoCache = $true
        Output = 'yaml'
        PassThru = $true
        Policy = '{"Version":"2012-10-17","Statement":[]}'
        PolicyArn = 'arn:aws:iam::aws:policy/ReadOnlyAccess'
        PrincipalArn = 'arn:aws:iam::123456789012:saml-provider/Staff'
        Prune = $true
        ProfileLocation = Join-Path $TestDrive 'nowhere'
        ProfileName = 'hub'
        Quiet = $true
        Region = 'eu-central-1'
        Remote = $true
        RoleArn = $hub
        RoleName = 'Admin'
        RoleSessionName = 'session-name'
        SamlAssertion = 'PHNhbWw+'
        ScriptBlock = { 'block' }
        Serve = $true
        ServiceConnectionId = '1'
        SecretKey = $ann.SecretKey
        Select = 'AccountId'
        SessionToken = 'token'
        SignIn = $true
        SourceIdentity = 'jo@example.com'
        SourceProfile = 'hub'
        SsoRegion = 'eu-west-1'
        SsoSession = 'corp'
        StartUrl = 'https://sandbox.awsapps.com/start'
        StoreAs = 'other'
        Tag = @{ project = 'apollo' }
        TransitiveTagKey = 'project'
        TokenCode = '123456'
        UseDeviceCode = $true
        Vault = $true
        VaultName = 'Secrets'
        Verify = $true
        WebIdentityProvider = 'GitHubActions'
        WebIdentityToken = 'eyJhbGciOiJub25lIn0.e30.'
        WhatIf = $true
    }
    $beside = @{
        'Set-RoleCredentials.MfaProcess' = @{ MfaSerial = $device }
        'Use-Role.Serve' = @{ ScriptBlock = { $env:AWS_ACCESS_KEY_ID } }
        'Use-Role.ArgumentList' = @{ ScriptBlock = { "$args" } }
        'Enter-Role.RoleArn' = @{ ProfileName = 'hub' }
        'Set-RoleCredentials.AsProcess' = @{ ProfileName = 'hub'; StoreAs = 'other' }
        'Test-Role.RoleArn' = @{ ProfileName = 'hub' }
        'Use-Role.RoleArn' = @{ ProfileName = 'hub' }
        'Open-RoleConsole.RoleArn' = @{ ProfileName = 'prod' }
    }
    $without = @{
        'Enter-Role.RoleArn' = 'RoleArn'
        'Test-Role.RoleArn' = 'RoleArn'
        'Use-Role.RoleArn' = 'RoleArn'
        'Open-RoleConsole.RoleArn' = 'RoleArn'
        'Set-RoleCredentials.StoreAs' = 'StoreAs'
        'Set-RoleCredentials.AsProcess' = 'RoleSessionName'
        'Connect-IdentityCenter.SsoSession' = 'SsoSession'
        'Disconnect-IdentityCenter.SsoSession' = 'SsoSession'
        'Get-IdentityCenterRole.SsoSession' = 'SsoSession'
    }
    # Effects that no single run shows, and the tests that cover them.
    $elsewhere = @{
        'Use-Role.ThrottleLimit' = 'Pipeline.Tests.ps1: is output before the next input object with -ThrottleLimit 1'
        'Use-Role.InOrder' = 'Use-Role.Tests.ps1: assumes one role in many accounts'
        'Use-Role.Force' = 'Pipeline.Tests.ps1: supports -Confirm and -WhatIf'
        'Remove-RoleProfile.Force' = 'Remove-RoleProfile.Tests.ps1'
        'Use-Role.AutoRefresh' = 'AutoRefresh.Tests.ps1'
        'Connect-IdentityCenter.Force' = 'Connect-IdentityCenter.Tests.ps1: opens no page if there is a sign-in, unless it is forced'
        'Connect-IdentityCenter.NoBrowser' = 'Connect-IdentityCenter.Tests.ps1: shows the code and its address with -UseDeviceCode -NoBrowser'
        'Connect-IdentityCenter.UseDeviceCode' = 'Connect-IdentityCenter.Tests.ps1: signs in with a device code'
        'Get-IdentityCenterRole.AccountId' = 'Get-IdentityCenterRole.Tests.ps1: reports an account without roles'
        'Get-IdentityCenterRole.ThrottleLimit' = 'a limit changes the order of the calls only'
        'Connect-RoleConsole.NoBrowser' = 'test/module/connect-role-console.test.ts'
        'Remove-RoleProfile.ProfileName' = 'mandatory'
        'Open-RoleConsole.PassThru' = 'Open-RoleConsole.Tests.ps1'
        'Update-RoleKey.Force' = 'Update-RoleKey.Tests.ps1'
        'Set-RoleCredentials.RoleSessionName' = 'Set-RoleCredentials without it would prompt'
    }

    $effectOf = @{}
    function Get-Effect([string] $Command, [hashtable] $Parameters) {
        Exit-Role -All
        Clear-RoleCache
        Clear-RoleHistory -Confirm:$false
        foreach ($file in $stored.Keys) { Set-Content (Join-Path $aws $file) $stored[$file] -NoNewline }
        Get-ChildItem $aws -File -Filter 'config*' | Where-Object Name -NotIn $stored.Keys | Remove-Item
        Set-SandboxSignIn $signIn
        if ($Command -like '*connect-RoleConsole') { Disconnect-RoleConsole -All }
        if ($Command -eq 'Disconnect-RoleConsole') { $null = Connect-RoleConsole console -InformationAction Ignore }
        $null = Use-Role $hub first
        $null = Use-Role prod second
        if ($Command -in 'Get-RolePrompt', 'Get-Role', 'Exit-Role') { Enter-Role $hub entered }
        if ($Command -eq 'Exit-Role') { Enter-Role $admin inner }
        if ($Parameters.ContainsKey('Chain')) { Enter-Role $hub entered }
        Clear-Sandbox
        # Run it twice, because a cached result shows in the second run.
        $shown = foreach ($run in 1, 2) {
            if ($Command -eq 'Exit-Role' -and $run -eq 2) { break }
            try { & $Command @Parameters -ErrorAction Stop *>&1 | ForEach-Object { $_ -is [string] ? $_ : ($_ | Select-Object * -ExcludeProperty LastUsed, MinutesLeft, Expiration | ConvertTo-Json -Depth 3) } } catch { $_.FullyQualifiedErrorId; "$_" }
        }
        $effect = @{
            Shown = $shown
            Asked = Get-SandboxCall | ForEach-Object { $_.action; $_.principal; $_.parameters | ConvertTo-Json }
            Files = Get-ChildItem $aws -File | ForEach-Object { $_.Name; Get-Content $_ -Raw }
            History = (Get-RoleHistory).RoleArn
            Environment = Get-SandboxVariable
            Cached = Get-ChildItem $aws -Recurse -File -Filter '*.json' | Measure-Object | ForEach-Object Count
        } | ConvertTo-Json -Depth 5
        # Remove values that differ between runs.
        $effect -replace 'A(SIA|ROA)[A-Z0-9]{16,17}', 'ID' -replace '-session-\d+', '-session' -replace '(?<![\w/+])[A-Za-z0-9/+=]{40,}', 'SECRET' -replace '\d{4}-\d\d-\d\dT[\d:.]+Z?', 'TIME' -replace '(state=|challenge=|127\.0\.0\.1(:|%3A))[\w-]+', '$1' -replace 'SigninToken=[^&"\\]+', 'TOKEN'
    }
}

AfterAll { Exit-Sandbox }

Describe 'Parameter <ParameterName> of <Name>' -ForEach $cases {
    It 'has an effect or is refused' {
        $key = "$Name.$ParameterName"
        if ($elsewhere[$key]) { return }
        $bases.Keys | Should -Contain $Name -Because '$bases must list every command'
        $values.Keys | Should -Contain $ParameterName -Because '$values must list every parameter'
        $base = $bases[$Name].Clone()
        foreach ($other in @($without[$key])) { if ($other) { $base.Remove($other) } }
        if ($beside[$key]) { foreach ($other in $beside[$key].Keys) { $base[$other] = $beside[$key][$other] } }
        $given = $base.Clone()
        $given[$ParameterName] = $values[$ParameterName]
        # Many parameters share the same base.
        $run = "$Name $($base.Keys | Sort-Object)"
        $effectOf[$run] ??= Get-Effect $Name $base
        Get-Effect $Name $given | Should -Not -BeExactly $effectOf[$run]
    }
}
