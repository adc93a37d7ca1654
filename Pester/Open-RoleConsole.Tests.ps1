BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Sandbox.psm1')
    Enter-Sandbox
    $jo = Get-SandboxKey jo
    $admin = 'arn:aws:iam::123456789012:role/Admin'
    $hub = 'arn:aws:iam::111111111111:role/Hub'
    Set-RoleCredentials @jo -Region eu-west-1
    Set-RoleCredentials -StoreAs prod -RoleArn $admin -SourceProfile default

    # Where a sign-in link leads.
    function Get-Redirection([string] $Link) {
        $answer = Invoke-WebRequest $Link -MaximumRedirection 0 -SkipHttpErrorCheck -ErrorAction Ignore
        $answer.StatusCode | Should -Be 302
        $answer.Headers.Location
    }
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
        @{ What = 'a display name and a colour'; Parameters = @{ RoleArn = 'arn:aws:iam::123456789012:role/Admin'; DisplayName = 'Prod & Co'; Color = '#f2b0a9' }; Link = 'https://signin.aws.amazon.com/switchrole?account=123456789012&roleName=Admin&displayName=Prod%20%26%20Co&color=F2B0A9' }
        @{ What = 'GovCloud'; Parameters = @{ RoleArn = 'arn:aws-us-gov:iam::555555555555:role/Admin' }; Link = 'https://signin.amazonaws-us-gov.com/switchrole?account=555555555555&roleName=Admin' }
        @{ What = 'China'; Parameters = @{ RoleArn = 'arn:aws-cn:iam::444444444444:role/Admin' }; Link = 'https://signin.amazonaws.cn/switchrole?account=444444444444&roleName=Admin' }
    ) {
        Open-RoleConsole @Parameters -PassThru | Should -Be $Link
        Get-SandboxCall | Should -BeNullOrEmpty
    }

    It 'reuses the display name and the colour of a role' {
        $null = Open-RoleConsole $admin -DisplayName Prod -Color red -PassThru
        Open-RoleConsole $admin -PassThru | Should -Match '&displayName=Prod&color=F2B0A9$'
    }

    It 'signs in with -SignIn' {
        $link = Open-RoleConsole $admin -SignIn -Destination ec2/home -DurationInSeconds 43200 -PassThru
        Get-Redirection $link | Should -Be 'https://eu-west-1.console.aws.amazon.com/ec2/home'
    }

    It 'signs in as the entered identity, without another role' {
        Enter-Role $hub
        Enter-Role $admin -Chain
        Clear-Sandbox
        Get-Redirection (Open-RoleConsole -SignIn -Region eu-central-1 -PassThru) | Should -Be 'https://eu-central-1.console.aws.amazon.com/console/home?region=eu-central-1'
        (Get-SandboxCall)[0].action | Should -Be 'getSigninToken'
        { Open-RoleConsole -SignIn -DurationInSeconds 7200 -PassThru } | Should -Throw -ErrorId 'DurationInvalid,RoleCredentials.OpenRoleConsoleCommand'
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
        @{ What = 'no role'; Arguments = ''; Id = 'NoRoleNamed' }
        @{ What = 'no role without a terminal, although the history has one'; Arguments = '-PassThru'; Id = 'InputRequired'; Used = $true }
        @{ What = 'a page outside the console'; Arguments = '$admin -SignIn -Destination https://example.com/'; Id = 'DestinationInvalid' }
        @{ What = 'an invalid colour'; Arguments = '$admin -Color pink'; Id = 'ColorInvalid' }
        @{ What = 'a display name of 65 characters'; Arguments = '$admin -DisplayName ("x" * 65)'; Id = 'DisplayNameInvalid' }
        @{ What = 'a duration without -SignIn'; Arguments = '$admin -DurationInSeconds 900'; Id = 'ParameterConflict' }
        @{ What = 'a page without -SignIn'; Arguments = '$admin -Destination s3'; Id = 'ParameterConflict' }
        @{ What = 'a colour with -SignIn'; Arguments = '$admin -SignIn -Color red'; Id = 'ParameterConflict' }
        @{ What = 'a duration of a day'; Arguments = '$admin -SignIn -DurationInSeconds 86400'; Id = 'DurationInvalid' }
        @{ What = 'an invalid account'; Arguments = '-RoleName Admin -AccountId 1'; Id = 'AccountIdInvalid' }
        @{ What = 'a missing profile'; Arguments = '-ProfileName nobody'; Id = 'ProfileNotFound' }
        @{ What = 'a profile without a role'; Arguments = '-ProfileName default'; Id = 'ProfileIncomplete' }
        @{ What = 'long-term keys'; Arguments = '-ProfileName default -SignIn'; Id = 'SigninNeedsRole' }
        @{ What = 'a role that cannot be assumed'; Arguments = 'arn:aws:iam::123456789012:role/DeniedByTrust -SignIn'; Id = 'AccessDenied' }
    ) {
        if ($Used) { $null = Use-Role $admin }
        { & ([scriptblock]::Create("Open-RoleConsole $Arguments -ErrorAction Stop")) } | Should -Throw -ErrorId "$Id,RoleCredentials.OpenRoleConsoleCommand"
    }
}

# A shell script is the browser.
Describe 'The browser' -Skip:$IsWindows {
    BeforeAll {
        $link = 'https://signin.aws.amazon.com/switchrole?account=123456789012&roleName=Admin'
        $browser = Join-Path (Get-SandboxHome) 'a browser'
        $visit = Join-Path (Get-SandboxHome) 'visit'
        Set-Content $browser @"
#!/bin/sh
env > '$visit.env'
case `$1 in file:*) file="`${1#file://}"; ls -ld "`$(dirname "`$file")" "`$file"; cat "`$file"; esac > '$visit.page'
printf '%s\n' "`$@" > '$visit.tmp'
mv '$visit.tmp' '$visit'
"@
        [System.IO.File]::SetUnixFileMode($browser, 'UserRead, UserWrite, UserExecute')
        # The browser's arguments, as soon as it has run.
        function Get-Visit {
            $until = [datetime]::UtcNow.AddSeconds(30)
            while (-not (Test-Path $visit) -and [datetime]::UtcNow -lt $until) { Start-Sleep -Milliseconds 20 }
            Get-Content $visit
        }
        $path = $env:PATH
    }
    BeforeEach {
        $env:BROWSER = $browser
        Remove-Item "$visit*"
        Clear-Sandbox
    }
    AfterEach {
        $env:PATH = $path
        $env:BROWSER = $null
        Exit-Role -All
    }

    It 'is the one in BROWSER' {
        Open-RoleConsole $admin | Should -BeNullOrEmpty
        Get-Visit | Should -Be $link
    }

    It 'is the first installed one in the list, with the link in place of %s' {
        $env:BROWSER = "no-such-browser %s:`"$browser`" --new-tab `"--url=%s`""
        Open-RoleConsole $admin
        Get-Visit | Should -Be '--new-tab', "--url=$link"
    }

    It 'gets the sign-in link through a private page, which is then deleted, and no keys' {
        $seconds = [RoleCredentials.RoleCore].Assembly.GetType('RoleCredentials.SignInPage').GetProperty('Seconds', [System.Reflection.BindingFlags]'NonPublic, Static')
        $before = $seconds.GetValue($null)
        $seconds.SetValue($null, 2)
        try {
            Enter-Role $admin
            $said = Open-RoleConsole -SignIn -Verbose *>&1 | Out-String
            $address = Get-Visit
        } finally { $seconds.SetValue($null, $before) }
        $address | Should -Match '^file:///[^?]*\.html$'
        $page = Get-Content "$visit.page" -Raw
        $page | Should -Match '^drwx------[^\n]*\n-rw-------'
        $url = [System.Net.WebUtility]::HtmlDecode([regex]::Match($page, 'href="([^"]*)"').Groups[1].Value)
        Get-Redirection $url | Should -Match '/console/home'
        $token = [regex]::Match($url, 'SigninToken=([^&]+)').Groups[1].Value
        $token.Length | Should -BeGreaterThan 20
        $said | Should -Not -Match ([regex]::Escape($token))
        $said | Should -Match 'getSigninToken'
        Get-Content "$visit.env" -Raw | Should -Not -Match 'AWS_(SECRET_ACCESS_KEY|SESSION_TOKEN|ACCESS_KEY_ID)'
        $folder = Split-Path ([uri]$address).LocalPath
        $until = [datetime]::UtcNow.AddSeconds(30)
        while ((Test-Path $folder) -and [datetime]::UtcNow -lt $until) { Start-Sleep -Milliseconds 50 }
        $folder | Should -Not -Exist
    }

    It 'causes its own error if it is missing, and leaves no page behind' -Skip:$IsMacOS {
        $pages = { (Get-ChildItem ([System.IO.Path]::GetTempPath()) -Filter 'role-credentials-sign-in-*').Name }
        $before = & $pages
        $env:BROWSER = $null
        $env:PATH = '/nowhere'
        { Open-RoleConsole $admin } | Should -Throw -ErrorId 'BrowserNotFound,RoleCredentials.OpenRoleConsoleCommand'
        { Open-RoleConsole $admin -SignIn } | Should -Throw
        (& $pages).Where({ $_ -notin $before }) | Should -BeNullOrEmpty
    }

    It 'does not open with -WhatIf' {
        Open-RoleConsole $admin -WhatIf
        Open-RoleConsole -ProfileName prod -SignIn -WhatIf
        $visit | Should -Not -Exist
        Get-SandboxCall | Should -BeNullOrEmpty
    }
}
