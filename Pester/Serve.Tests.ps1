# -Serve: programs get a role's credentials from an endpoint on loopback.

BeforeDiscovery {
    $noCli = -not (Get-Command aws -ErrorAction Ignore)
    if ($noCli) { Write-Warning "Skipped: the AWS CLI ('aws') is not installed." }
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Sandbox.psm1')
    Enter-Sandbox
    $admin = 'arn:aws:iam::123456789012:role/Admin'
    $hub = 'arn:aws:iam::111111111111:role/Hub'
    $jo = Get-SandboxKey jo
    # The default profile has keys, which programs prefer to an endpoint.
    Set-RoleCredentials @jo -Region eu-west-1 -Output text
    Set-RoleCredentials -StoreAs prod -RoleArn $admin -SourceProfile default
    $core = Join-Path $PSScriptRoot '..' 'module' 'core' 'role-credentials.cjs'
    $keys = 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_SECURITY_TOKEN', 'AWS_PROFILE', 'AWS_DEFAULT_PROFILE'

    function Get-Endpoint {
        @{ Uri = $env:AWS_CONTAINER_CREDENTIALS_FULL_URI; Headers = @{ Authorization = $env:AWS_CONTAINER_AUTHORIZATION_TOKEN }; SkipHeaderValidation = $true }
    }

    function Test-Endpoint([hashtable] $Endpoint) {
        try {
            $null = Invoke-RestMethod @Endpoint -NoProxy
            $true
        } catch [System.Net.Http.HttpRequestException] {
            $false
        }
    }

    # The core closes an endpoint without an answer to wait for.
    function Wait-Closed([hashtable] $Endpoint) {
        foreach ($try in 1..200) {
            if (-not (Test-Endpoint $Endpoint)) { return $true }
            Start-Sleep -Milliseconds 50
        }
        $false
    }
}

AfterAll { Exit-Sandbox }

Describe 'Use-Role -Serve' {
    BeforeEach { Clear-Sandbox }

    It 'serves the role to programs for as long as the block runs' {
        $before = Get-SandboxVariable
        $seen = Use-Role prod -Serve -ScriptBlock {
            $endpoint = Get-Endpoint
            @{
                Endpoint = $endpoint
                Served = Invoke-RestMethod @endpoint -NoProxy
                Credentials = $_
                Keys = Get-ChildItem Env: | Where-Object Name -In $keys
                Files = $env:AWS_CONFIG_FILE, $env:AWS_SHARED_CREDENTIALS_FILE
                Region = $env:AWS_REGION
                Output = $env:AWS_DEFAULT_OUTPUT
                Role = Get-Role
            }
        }
        $seen.Endpoint.Uri | Should -Match '^http://127\.0\.0\.1:\d+/credentials$'
        $seen.Served.AccessKeyId | Should -Be $seen.Credentials.AccessKeyId
        $seen.Served.Token | Should -Be $seen.Credentials.SessionToken
        $seen.Keys | Should -BeNullOrEmpty
        # The AWS SDK for .NET reads the usual files if these do not exist.
        foreach ($file in $seen.Files) { [System.IO.File]::Exists($file), [System.IO.File]::ReadAllText($file) | Should -Be $true, '' }
        $seen.Region, $seen.Output | Should -Be 'eu-west-1', 'text'
        $seen.Role.Served | Should -BeTrue
        $seen.Role.RoleArn | Should -Be $admin
        Get-SandboxVariable | Should -Be $before
        Wait-Closed $seen.Endpoint | Should -BeTrue
    }

    It 'serves the AWS CLI, although the default profile has keys' -Skip:$noCli {
        Use-Role prod -Serve -ScriptBlock { aws sts get-caller-identity --query Arn } | Should -BeLike '*assumed-role/Admin/*'
    }

    It 'serves the role-credentials command' {
        $exported = Use-Role prod -Serve -ScriptBlock { node $core export --format json } | Out-String | ConvertFrom-Json
        (Use-Role prod).AccessKeyId | Should -Be $exported.AccessKeyId
    }

    It 'serves the AWS SDK for .NET in another PowerShell' {
        Import-SandboxAwsTools
        $tools = (Get-Command Get-STSCallerIdentity).Module.Path
        $pwsh = (Get-Process -Id $PID).Path
        $arn = Use-Role prod -Serve -ScriptBlock { & $pwsh -NoProfile -NonInteractive -Command "Import-Module '$tools'; (Get-STSCallerIdentity).Arn" }
        $arn | Should -BeLike '*assumed-role/Admin/*'
    }

    It 'restores the environment and closes the endpoint if the block fails' {
        $before = Get-SandboxVariable
        $seen = @{}
        { Use-Role prod -Serve -ScriptBlock { $seen.Endpoint = Get-Endpoint; throw 'stop' } } | Should -Throw 'stop'
        Get-SandboxVariable | Should -Be $before
        Wait-Closed $seen.Endpoint | Should -BeTrue
    }

    It 'serves each of many roles in turn' {
        $arns = $admin, $hub | Use-Role -Serve -InOrder -ScriptBlock { $endpoint = Get-Endpoint; "$($_.AccessKeyId) $((Invoke-RestMethod @endpoint -NoProxy).AccessKeyId) $($endpoint.Uri)" }
        $arns.Count | Should -Be 2
        foreach ($line in $arns) { $line | Should -Match '^(\w+) \1 ' }
        $arns[0].Split(' ')[2] | Should -Not -Be $arns[1].Split(' ')[2]
    }

    It 'starts a chain from the served role' {
        $chained = Use-Role $hub -Serve -ScriptBlock { Use-Role 'arn:aws:iam::123456789012:role/OneHour' -Chain }
        $chained.RoleArn | Should -Be 'arn:aws:iam::123456789012:role/OneHour'
        (Get-SandboxCall AssumeRole)[-1].principal | Should -BeLike '*assumed-role/Hub/*'
    }

    It 'does not hide the files from the cmdlets of this module' {
        Use-Role prod -Serve -ScriptBlock { (Get-RoleProfile).ProfileName } | Should -Be 'default', 'prod'
    }

    It 'serves given credentials' {
        $given = Use-Role prod
        $served = $given | Use-Role -Serve -ScriptBlock { $endpoint = Get-Endpoint; Invoke-RestMethod @endpoint -NoProxy }
        $served.AccessKeyId | Should -Be $given.AccessKeyId
    }

    It 'is refused for <What>' -ForEach @(
        @{ What = 'keys that do not expire'; Parameters = @{ ProfileName = 'default'; Serve = $true; ScriptBlock = { 'ran' } }; Id = 'ServeNotPossible' }
        @{ What = 'no block'; Parameters = @{ ProfileName = 'prod'; Serve = $true }; Id = 'ParameterConflict' }
    ) {
        $before = Get-SandboxVariable
        { Use-Role @Parameters } | Should -Throw -ErrorId "$Id,RoleCredentials.UseRoleCommand"
        Get-SandboxVariable | Should -Be $before
    }

    It 'shows no token and no key in a stream' {
        $seen = @{}
        $text = Use-Role prod -Serve -Verbose -Debug -Confirm:$false -ScriptBlock { $seen.Token = $env:AWS_CONTAINER_AUTHORIZATION_TOKEN; $seen.Secret = $_.SecretAccessKey } *>&1 | Out-String -Width 100000
        $text | Should -BeLike '*endpoint/open*'
        $text.Contains($seen.Token) | Should -BeFalse
        $text.Contains($seen.Secret) | Should -BeFalse
    }
}

Describe 'Enter-Role -Serve' {
    AfterEach { Exit-Role -All }

    It 'serves the role until Exit-Role' {
        $before = Get-SandboxVariable
        Enter-Role prod -Serve
        $endpoint = Get-Endpoint
        (Invoke-RestMethod @endpoint -NoProxy).AccessKeyId | Should -Be (Use-Role prod).AccessKeyId
        (Get-Role -Verify).VerifiedArn | Should -BeLike '*assumed-role/Admin/*'
        Get-Role | Format-List | Out-String | Should -Match 'Served +: True'
        $env:AWS_ACCESS_KEY_ID | Should -BeNullOrEmpty
        Exit-Role
        Get-SandboxVariable | Should -Be $before
        Wait-Closed $endpoint | Should -BeTrue
    }

    It 'leaves the variables to a role that is entered later, and sets them again after Exit-Role' {
        Enter-Role prod -Serve
        $endpoint = Get-Endpoint
        Enter-Role $hub
        $env:AWS_ACCESS_KEY_ID | Should -Be (Use-Role $hub).AccessKeyId
        (Get-Role -Verify)[0].VerifiedArn | Should -BeLike '*assumed-role/Hub/*'
        Exit-Role
        $env:AWS_ACCESS_KEY_ID | Should -BeNullOrEmpty
        Test-Endpoint $endpoint | Should -BeTrue
    }

    It 'finds the profiles of a role that starts from the served role' {
        Set-RoleCredentials -StoreAs audit -RoleArn $hub -SourceProfile default
        Enter-Role arn:aws:iam::111111111111:role/ChainA -Serve
        try {
            # The default profile has keys, which must not assume the next role.
            Use-Role arn:aws:iam::222222222222:role/ChainB -Chain -NoCache | Should -Not -BeNullOrEmpty
            @(Get-SandboxCall AssumeRole)[-1].principal | Should -BeLike '*assumed-role/ChainA/*'
            (Use-Role audit -Chain).RoleArn | Should -Be $hub
            Enter-Role audit -Chain -Serve
            (Get-Role -Verify)[0].VerifiedArn | Should -BeLike '*assumed-role/Hub/*'
            (Use-Role prod -Chain).RoleArn | Should -Be $admin
            Get-Content $env:AWS_CONFIG_FILE | Should -BeNullOrEmpty
        } finally {
            Exit-Role -All
            Remove-RoleProfile audit -Confirm:$false
        }
    }

    It 'shows programs the files again in a role that is entered later without -Serve, with -Chain: <Chain>' -ForEach @(
        @{ Chain = $false }
        @{ Chain = $true }
    ) {
        $env:AWS_SHARED_CREDENTIALS_FILE = Join-Path (Get-SandboxHome) '.aws' 'credentials'
        try {
            Enter-Role prod -Serve
            $served = Get-SandboxVariable
            Enter-Role $hub -SourceProfile default -Chain:$Chain
            $env:AWS_ACCESS_KEY_ID | Should -Not -BeNullOrEmpty
            $env:AWS_CONFIG_FILE, $env:AWS_CONTAINER_CREDENTIALS_FULL_URI, $env:AWS_CONTAINER_AUTHORIZATION_TOKEN | Should -Be $null, $null, $null
            $env:AWS_SHARED_CREDENTIALS_FILE | Should -BeLike '*credentials'
            (Use-Role prod -Chain).RoleArn | Should -Be $admin
            Exit-Role
            Get-SandboxVariable | Should -Be $served
        } finally {
            Exit-Role -All
            $env:AWS_SHARED_CREDENTIALS_FILE = $null
        }
    }

    It 'replaces the endpoint of a container' {
        $env:AWS_CONTAINER_CREDENTIALS_RELATIVE_URI = '/other'
        $env:AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE = '/other'
        try {
            Enter-Role prod -Serve
            $env:AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, $env:AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE | Should -Be $null, $null
            Exit-Role
            $env:AWS_CONTAINER_CREDENTIALS_RELATIVE_URI | Should -Be '/other'
        } finally {
            $env:AWS_CONTAINER_CREDENTIALS_RELATIVE_URI = $env:AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE = $null
        }
    }

    It 'closes the endpoint when the PowerShell that entered the role ends' {
        $manifest = Join-Path $PSScriptRoot '..' 'module' 'RoleCredentials.psd1'
        $pwsh = (Get-Process -Id $PID).Path
        $uri, $token = & $pwsh -NoProfile -NonInteractive -Command "Import-Module '$manifest'; Enter-Role prod -Serve; `$env:AWS_CONTAINER_CREDENTIALS_FULL_URI; `$env:AWS_CONTAINER_AUTHORIZATION_TOKEN"
        $uri | Should -BeLike 'http://127.0.0.1:*'
        Wait-Closed @{ Uri = $uri; Headers = @{ Authorization = $token }; SkipHeaderValidation = $true } | Should -BeTrue
    }
}
