BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Sandbox.psm1')
    Enter-Sandbox
    $portal = 'https://sandbox.awsapps.com/start'
    Set-SandboxFile -Config "[sso-session corp]`nsso_start_url = $portal`nsso_region = eu-west-1`nsso_registration_scopes = sso:account:access`n[profile staff]`nsso_session = corp`nsso_account_id = 123456789012`nsso_role_name = ReadOnly`n"

    # Runs a command beside this one, so that the test can be its user. Returns it with its output and its lines for the user.
    function Start-Command([string] $Script) {
        $shell = [powershell]::Create()
        $null = $shell.AddScript("Import-Module '$((Get-Module RoleCredentials).Path -replace "'", "''")'; $Script")
        $output = [System.Management.Automation.PSDataCollection[psobject]]::new()
        @{ Shell = $shell; Output = $output; Handle = $shell.BeginInvoke([System.Management.Automation.PSDataCollection[psobject]]::new(), $output) }
    }

    function Wait-Line($Command, [string] $Pattern) {
        foreach ($try in 1..600) {
            $lines = @($Command.Shell.Streams.Information).ForEach({ "$($_.MessageData)" })
            if ($found = $lines -match $Pattern) { return $found[0] }
            Start-Sleep -Milliseconds 50
        }
        throw "No line matches $Pattern. $lines $($Command.Shell.Streams.Error)"
    }
}

AfterAll { Exit-Sandbox }

Describe 'Connect-IdentityCenter' {
    BeforeEach {
        Clear-SandboxSignIn
        Set-SandboxBrowser allow
        Clear-Sandbox
    }

    It 'signs in with the browser, and returns the sign-in without its token' {
        $signIn = Connect-IdentityCenter -SsoSession corp -InformationVariable lines 6>$null
        $signIn.SsoSession | Should -Be corp
        $signIn.StartUrl | Should -Be $portal
        $signIn.Expiration | Should -BeGreaterThan ([datetime]::UtcNow)
        $signIn.IsRenewable | Should -BeTrue
        "$lines" | Should -Match '/authorize\?response_type=code'
        $stored = Get-SandboxSignIn
        $stored.startUrl | Should -Be $portal
        ($signIn | Format-List * | Out-String) + ($signIn | Out-String) | Should -Not -Match ([regex]::Escape($stored.accessToken))
        $signIn | Out-String | Should -Match 'Expiration *: \d{4}-.*\(in \d+ min\)'
    }

    It 'signs in <What>' -ForEach @(
        @{ What = 'to the session of a profile'; Parameters = @{ ProfileName = 'staff' } }
        @{ What = 'to a start URL'; Parameters = @{ StartUrl = 'https://sandbox.awsapps.com/start'; SsoRegion = 'eu-west-1' } }
        @{ What = 'to the only session'; Parameters = @{ } }
        @{ What = 'with a device code'; Parameters = @{ SsoSession = 'corp'; UseDeviceCode = $true } }
    ) {
        (Connect-IdentityCenter @Parameters 6>$null).StartUrl | Should -Be $portal
        Get-SandboxSignIn | Should -HaveCount 1
    }

    It 'lets Use-Role use the sign-in' {
        { Use-Role staff } | Should -Throw -ErrorId 'SsoLoginRequired,RoleCredentials.UseRoleCommand'
        $null = Connect-IdentityCenter corp 6>$null
        (Use-Role staff).AccountId | Should -Be 123456789012
    }

    It 'opens no page if there is a sign-in, unless it is forced' {
        $null = Connect-IdentityCenter corp 6>$null
        $first = (Get-SandboxSignIn).accessToken
        Clear-Sandbox
        $null = Connect-IdentityCenter corp
        Get-SandboxCall | Should -BeNullOrEmpty
        $null = Connect-IdentityCenter corp -Force 6>$null
        (Get-SandboxSignIn).accessToken | Should -Not -Be $first
    }

    It 'names the session and does nothing with -WhatIf' {
        Connect-IdentityCenter -ProfileName staff -WhatIf | Should -BeNullOrEmpty
        { Connect-IdentityCenter gone -WhatIf } | Should -Throw -ErrorId 'SsoSessionNotFound,*'
        Get-SandboxSignIn | Should -BeNullOrEmpty
        Get-SandboxCall | Should -BeNullOrEmpty
    }

    It 'takes no other session if AWS_PROFILE names a profile that does not exist' {
        $env:AWS_PROFILE = 'gone'
        try {
            { Connect-IdentityCenter } | Should -Throw -ErrorId 'ProfileNotFound,RoleCredentials.ConnectIdentityCenterCommand'
            { Get-IdentityCenterRole } | Should -Throw -ErrorId 'ProfileNotFound,RoleCredentials.GetIdentityCenterRoleCommand'
        } finally {
            $env:AWS_PROFILE = $null
        }
        Get-SandboxCall | Should -BeNullOrEmpty
    }

    It 'shows the code and its address with -UseDeviceCode -NoBrowser, and opens no browser' {
        $command = Start-Command 'Connect-IdentityCenter corp -UseDeviceCode -NoBrowser'
        (Wait-Line $command 'the code [A-Z]{4}-[A-Z]{4}\.') -match '[A-Z]{4}-[A-Z]{4}' | Should -BeTrue
        $code = $Matches[0]
        $page = Wait-Line $command '^http'
        $page | Should -Match "user_code=$code$"
        Open-SandboxPage $page
        $command.Shell.EndInvoke($command.Handle)
        $command.Output.SsoSession | Should -Be corp
        $command.Shell.Dispose()
    }

    It 'shows the address if no browser starts' -Skip:$IsWindows {
        $env:BROWSER = '/no/such/browser'
        $path, $env:PATH = $env:PATH, ''
        $command = Start-Command 'Connect-IdentityCenter corp'
        try {
            $page = Wait-Line $command '^http'
            "$($command.Shell.Streams.Warning)" | Should -Match 'No browser was found'
        } finally {
            $env:PATH = $path
        }
        Open-SandboxPage $page
        $command.Shell.EndInvoke($command.Handle)
        $command.Output.SsoSession | Should -Be corp
        $command.Shell.Dispose()
    }

    It 'ends at once on Ctrl+C, and signs in the next time' {
        $command = Start-Command 'Connect-IdentityCenter corp -NoBrowser'
        $null = Wait-Line $command '^http'
        $command.Shell.Stop()
        $command.Shell.Dispose()
        (Connect-IdentityCenter corp 6>$null).SsoSession | Should -Be corp
    }

    It 'opens one page for several sessions' {
        $commands = 1..3 | ForEach-Object { Start-Command 'Connect-IdentityCenter corp -NoBrowser' }
        $pages = foreach ($try in 1..600) {
            $shown = @($commands).ForEach({ @($_.Shell.Streams.Information).ForEach({ "$($_.MessageData)" }) -match '^http' })
            if ($shown) { $shown; break }
            Start-Sleep -Milliseconds 50
        }
        Open-SandboxPage @($pages)[0]
        foreach ($command in $commands) {
            $command.Shell.EndInvoke($command.Handle)
            $command.Output.SsoSession | Should -Be corp
            $command.Shell.Dispose()
        }
        Get-SandboxCall Authorize | Where-Object method -EQ GET | Should -HaveCount 1
    }

    It 'reports <What>' -ForEach @(
        @{ What = 'a denial'; User = 'deny'; Parameters = @{ SsoSession = 'corp' }; Id = 'SignInDenied'; Action = '*-SsoSession corp -Force' }
        @{ What = 'the denial of a device code'; User = 'deny'; Parameters = @{ SsoSession = 'corp'; UseDeviceCode = $true }; Id = 'SignInDenied'; Action = '*Allow*' }
        @{ What = 'an unknown session'; User = 'none'; Parameters = @{ SsoSession = 'gone' }; Id = 'SsoSessionNotFound'; Action = '*Set-RoleCredentials -SsoSession gone*' }
        @{ What = 'an unknown profile'; User = 'none'; Parameters = @{ ProfileName = 'gone' }; Id = 'ProfileNotFound'; Action = '*' }
    ) {
        Set-SandboxBrowser $User
        $failed = { Connect-IdentityCenter @Parameters 6>$null } |
            Should -Throw -ErrorId "$Id,RoleCredentials.ConnectIdentityCenterCommand" -PassThru
        $failed.ErrorDetails.RecommendedAction | Should -BeLike $Action
        Get-SandboxSignIn | Should -BeNullOrEmpty
    }
}
