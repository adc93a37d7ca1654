BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Sandbox.psm1')
    Enter-Sandbox
    $admin = 'arn:aws:iam::123456789012:role/Admin'
    $hub = 'arn:aws:iam::111111111111:role/Hub'
    Set-SandboxRole

    # Where a sign-in link leads.
    function Get-Redirection([string] $Link) {
        $answer = Invoke-WebRequest $Link -MaximumRedirection 0 -SkipHttpErrorCheck -ErrorAction Ignore
        $answer.StatusCode | Should -Be 302
        $answer.Headers.Location
    }
}

AfterAll { Exit-Sandbox }

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
        @{ What = 'a display name and a color'; Parameters = @{ RoleArn = 'arn:aws:iam::123456789012:role/Admin'; DisplayName = 'Prod & Co'; Color = '#f2b0a9' }; Link = 'https://signin.aws.amazon.com/switchrole?account=123456789012&roleName=Admin&displayName=Prod%20%26%20Co&color=F2B0A9' }
    ) {
        Open-RoleConsole @Parameters -PassThru | Should -Be $Link
        Get-SandboxCall | Should -BeNullOrEmpty
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

    It 'returns the link that opens a container' {
        Open-RoleConsole $admin -Container 'Prod & Co' -ContainerColor red -ContainerIcon pet -PassThru |
            Should -Be ('ext+granted-containers:name=Prod%20%26%20Co&url=' + [uri]::EscapeDataString('https://signin.aws.amazon.com/switchrole?account=123456789012&roleName=Admin') + '&color=red&icon=pet')
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
        @{ What = 'a duration without -SignIn'; Arguments = '$admin -DurationInSeconds 900'; Id = 'ParameterConflict' }
        @{ What = 'a page without -SignIn'; Arguments = '$admin -Destination s3'; Id = 'ParameterConflict' }
        @{ What = 'a color with -SignIn'; Arguments = '$admin -SignIn -Color red'; Id = 'ParameterConflict' }
        @{ What = 'a missing profile'; Arguments = '-ProfileName nobody'; Id = 'ProfileNotFound' }
        @{ What = 'a role that cannot be assumed'; Arguments = 'arn:aws:iam::123456789012:role/DeniedByTrust -SignIn'; Id = 'AccessDenied' }
        @{ What = 'a browser with -PassThru'; Arguments = '$admin -Browser Chrome -PassThru'; Id = 'ParameterConflict' }
        @{ What = 'a browser profile without its browser'; Arguments = '$admin -BrowserProfile Work'; Id = 'ParameterConflict' }
        @{ What = 'a container color without a container'; Arguments = '$admin -ContainerColor red'; Id = 'ParameterConflict' }
        @{ What = 'a container in a browser that has none'; Arguments = '$admin -Browser (Get-Process -Id $PID).Path -Container prod'; Id = 'ParameterConflict' }
        @{ What = 'a profile of an unknown browser'; Arguments = '$admin -Browser (Get-Process -Id $PID).Path -BrowserProfile prod'; Id = 'ParameterConflict' }
        @{ What = 'a browser that is not installed'; Arguments = '$admin -Browser Netscape -SignIn'; Id = 'BrowserNotFound' }
        @{ What = 'a browser that is not at the path'; Arguments = '$admin -Browser ./no/such/firefox'; Id = 'BrowserNotFound' }
    ) {
        if ($Used) { $null = Use-Role $admin }
        { & ([scriptblock]::Create("Open-RoleConsole $Arguments -ErrorAction Stop")) } | Should -Throw -ErrorId "$Id,RoleCredentials.OpenRoleConsoleCommand"
    }
}

# Fake browsers that record their arguments, their environment and the page that they open, in place of the installed ones.
Describe 'A browser' -Skip:$IsWindows {
    BeforeAll {
        $outside = @{ PATH = $env:PATH; BROWSER = $env:BROWSER; XDG_CONFIG_HOME = $env:XDG_CONFIG_HOME }
        $bin = New-Item (Join-Path (Get-SandboxHome) 'bin') -ItemType Directory
        $visits = New-Item (Join-Path (Get-SandboxHome) 'visits') -ItemType Directory
        $program = Join-Path $bin 'record'
        Set-Content $program -NoNewline @"
#!/bin/sh
PATH=/usr/bin:/bin
visit='$visits'/`$`$
printf '%s\n' "`${0##*/}" "`$@" > "`$visit.tmp"
for word; do case `$word in file:*) page="`${word#file://}"; { ls -ld "`$(dirname "`$page")" "`$page"; cat "`$page"; } > "`$visit.page";; esac; done
env > "`$visit.env"
mv "`$visit.tmp" "`$visit.txt"
"@
        foreach ($name in 'google-chrome', 'microsoft-edge', 'firefox', 'other-browser', 'a browser') { Copy-Item $program (Join-Path $bin $name) }
        Get-ChildItem $bin | ForEach-Object { [System.IO.File]::SetUnixFileMode($_, 'UserRead, UserWrite, UserExecute') }
        $env:XDG_CONFIG_HOME = $null

        $support = Join-Path (Get-SandboxHome) 'Library' 'Application Support'
        $chrome = $IsMacOS ? (Join-Path $support 'Google' 'Chrome') : (Join-Path (Get-SandboxHome) '.config' 'google-chrome')
        $firefox = $IsMacOS ? (Join-Path $support 'Firefox') : (Join-Path (Get-SandboxHome) '.mozilla' 'firefox')
        $null = New-Item $chrome, $firefox -ItemType Directory
        Set-Content (Join-Path $chrome 'Local State') (@{
                profile = @{
                    info_cache = [ordered] @{
                        Default = @{ name = 'Private' }
                        'Profile 1' = @{ name = 'AWS prod' }
                        'Profile 2' = @{ name = 'Twin' }
                        'Profile 3' = @{ name = 'Twin' }
                    }
                }
            } | ConvertTo-Json -Depth 5)
        Set-Content (Join-Path $firefox 'profiles.ini') "[General]`nVersion=2`n`n[Profile0]`nName=default-release`nIsRelative=1`nPath=a.b`n`n[Install4F]`nDefault=a.b`n`n[Profile1]`nName=work`nPath=c.d"

        $switchRole = 'https://signin.aws.amazon.com/switchrole?account=123456789012&roleName=Admin'

        # What the browsers were started with, once there are so many of them.
        function Get-Visit([int] $Count = 1) {
            foreach ($try in 1..600) {
                $files = @(Get-ChildItem $visits -Filter *.txt)
                if ($files.Count -ge $Count) { break }
                Start-Sleep -Milliseconds 50
            }
            foreach ($file in $files) {
                $page = [System.IO.Path]::ChangeExtension($file, 'page')
                @{
                    Words = @(Get-Content $file)
                    Environment = Get-Content ([System.IO.Path]::ChangeExtension($file, 'env')) -Raw
                    Page = (Test-Path $page) ? (Get-Content $page -Raw) : $null
                }
            }
        }

        # A real macOS starts applications, which these programs are not.
        function Get-Browser([string] $Name) { $IsMacOS ? (Join-Path $bin $Name) : $Name }
    }

    AfterAll {
        foreach ($name in $outside.Keys) { Set-Item "Env:$name" $outside[$name] }
    }

    BeforeEach {
        $env:PATH = $bin
        $env:BROWSER = Join-Path $bin 'record'
        Exit-Role -All
        Clear-Sandbox
        Get-ChildItem $visits | Remove-Item
    }

    It 'in BROWSER is the first installed one in the list, with the link in place of %s' {
        $env:BROWSER = "no-such-browser %s:`"$(Join-Path $bin 'a browser')`" --new-tab `"--url=%s`""
        Open-RoleConsole $admin
        (Get-Visit).Words | Should -Be 'a browser', '--new-tab', "--url=$switchRole"
    }

    It 'gets the sign-in link through a private page, which is then deleted, and no keys' {
        $seconds = [RoleCredentials.RoleCore].Assembly.GetType('RoleCredentials.SignInPage').GetProperty('Seconds', [System.Reflection.BindingFlags]'NonPublic, Static')
        $before = $seconds.GetValue($null)
        $seconds.SetValue($null, 2)
        try {
            Enter-Role $admin
            $said = Open-RoleConsole -SignIn -Verbose *>&1 | Out-String
            $visit = Get-Visit
        } finally { $seconds.SetValue($null, $before) }
        $visit.Words[1] | Should -Match '^file:///[^?]*\.html$'
        $visit.Page | Should -Match '^drwx------[^\n]*\n-rw-------'
        $url = [System.Net.WebUtility]::HtmlDecode([regex]::Match($visit.Page, 'href="([^"]*)"').Groups[1].Value)
        Get-Redirection $url | Should -Match '/console/home'
        $token = [regex]::Match($url, 'SigninToken=([^&]+)').Groups[1].Value
        $token.Length | Should -BeGreaterThan 20
        $said | Should -Not -Match ([regex]::Escape($token))
        $said | Should -Match 'getSigninToken'
        $visit.Environment | Should -Not -Match 'AWS_(SECRET_ACCESS_KEY|SESSION_TOKEN|ACCESS_KEY_ID)'
        $folder = Split-Path ([uri]$visit.Words[1]).LocalPath
        $until = [datetime]::UtcNow.AddSeconds(30)
        while ((Test-Path $folder) -and [datetime]::UtcNow -lt $until) { Start-Sleep -Milliseconds 50 }
        $folder | Should -Not -Exist
    }

    It 'that is missing causes its own error, and leaves no page behind' -Skip:$IsMacOS {
        # Other tests leave their pages in the system's folder.
        $temporary = $env:TMPDIR
        $env:TMPDIR = New-Item (Join-Path $TestDrive 'pages') -ItemType Directory
        $env:BROWSER = $null
        $env:PATH = '/nowhere'
        try {
            { Open-RoleConsole $admin } | Should -Throw -ErrorId 'BrowserNotFound,RoleCredentials.OpenRoleConsoleCommand'
            { Open-RoleConsole $admin -SignIn } | Should -Throw -ErrorId 'BrowserNotFound,RoleCredentials.OpenRoleConsoleCommand'
            Get-ChildItem $env:TMPDIR | Should -BeNullOrEmpty
        } finally {
            $env:TMPDIR = $temporary
        }
    }

    It 'does not open with -WhatIf, which shows the link' {
        # Only the host shows it, so it can only be read from a transcript.
        $transcript = Join-Path $TestDrive 'transcript.txt'
        $null = Start-Transcript $transcript -UseMinimalHeader
        try {
            Open-RoleConsole $admin -WhatIf
            Open-RoleConsole -ProfileName prod -SignIn -WhatIf
        } finally { $null = Stop-Transcript }
        Get-Content $transcript -Raw | Should -Match ([regex]::Escape($switchRole))
        Get-ChildItem $visits | Should -BeNullOrEmpty
        Get-SandboxCall | Should -BeNullOrEmpty
    }

    It 'opens the link in <Browser>, profile <BrowserProfile>' -ForEach @(
        @{ Browser = 'google-chrome'; BrowserProfile = ''; Words = @('google-chrome') }
        @{ Browser = 'google-chrome'; BrowserProfile = 'AWS prod'; Words = 'google-chrome', '--profile-directory=Profile 1' }
        @{ Browser = 'google-chrome'; BrowserProfile = 'aws PROD'; Words = 'google-chrome', '--profile-directory=Profile 1' }
        @{ Browser = 'google-chrome'; BrowserProfile = 'Profile 3'; Words = 'google-chrome', '--profile-directory=Profile 3' }
        @{ Browser = 'firefox'; BrowserProfile = 'work'; Words = 'firefox', '-P', 'work' }
        @{ Browser = 'other-browser'; BrowserProfile = ''; Words = @('other-browser') }
    ) {
        Open-RoleConsole $admin -Browser (Join-Path $bin $Browser) -BrowserProfile $BrowserProfile
        (Get-Visit).Words | Should -Be @($Words + $switchRole)
    }

    It 'finds <_> on PATH' -Skip:$IsMacOS -ForEach 'Chrome', 'edge', 'Firefox', 'google-chrome' {
        Open-RoleConsole $admin -Browser $_
        (Get-Visit).Words | Should -Be ((@{ Chrome = 'google-chrome'; edge = 'microsoft-edge'; Firefox = 'firefox' }[$_] ?? $_), $switchRole)
    }

    It 'keeps the sign-in link of <_> out of its arguments, and the keys out of its environment' -ForEach 'google-chrome', 'firefox', 'other-browser' {
        Enter-Role $hub
        Open-RoleConsole $admin -SignIn -Browser (Join-Path $bin $_)
        $visit = Get-Visit
        $visit.Words | Should -HaveCount 2
        $visit.Words[1] | Should -Match '^file:///[^?]*\.html$'
        $visit.Page | Should -Match 'SigninToken='
        $visit.Environment | Should -Not -Match '(?m)^AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|PROFILE)='
    }

    It 'opens a container' {
        Open-RoleConsole $admin -Container prod -Browser (Get-Browser firefox)
        (Get-Visit).Words | Should -Be ('firefox', "ext+granted-containers:name=prod&url=$([uri]::EscapeDataString($switchRole))")
    }

    It 'keeps the sign-in link of a container out of the arguments' {
        Open-RoleConsole $admin -SignIn -Container prod -Browser (Get-Browser firefox)
        $visit = Get-Visit
        $visit.Words[1] | Should -Match '^file:///[^?]*\.html$'
        $visit.Page | Should -Match 'href="ext\+granted-containers:name=prod&amp;url=https?%3A[^"]*SigninToken%3D'
    }

    It 'opens several accounts side by side' {
        'prod', $hub | Open-RoleConsole -SignIn -Browser (Get-Browser firefox) -Container { "$_" }
        $pages = (Get-Visit -Count 2).Page
        $pages | Should -HaveCount 2
        @($pages) -match 'name=prod&amp;' | Should -HaveCount 1
        @($pages) -match 'name=arn%3Aaws%3Aiam%3A%3A111111111111%3Arole%2FHub&amp;' | Should -HaveCount 1
    }

    It 'opens the other accounts if one fails' {
        'nobody', 'prod' | Open-RoleConsole -SignIn -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.FullyQualifiedErrorId | Should -Be 'ProfileNotFound,RoleCredentials.OpenRoleConsoleCommand'
        (Get-Visit).Page | Should -Match 'SigninToken='
    }

    It 'refuses the profile <_>, and makes no call' -ForEach 'nobody', 'Twin' {
        $name = $_
        $refused = { Open-RoleConsole $admin -SignIn -Browser (Join-Path $bin google-chrome) -BrowserProfile $name } |
            Should -Throw -ErrorId 'BrowserProfileNotFound,RoleCredentials.OpenRoleConsoleCommand' -PassThru
        $refused.ErrorDetails.RecommendedAction | Should -BeLike ($name -eq 'Twin' ? '*Profile 2, Profile 3*' : '*AWS prod*')
        Get-SandboxCall | Should -BeNullOrEmpty
    }

    It 'completes the installed browsers' -Skip:$IsMacOS {
        (TabExpansion2 'Open-RoleConsole -Browser ').CompletionMatches.CompletionText | Should -Be 'Chrome', 'Edge', 'Firefox'
    }

    It 'completes the profiles of <Browser>' -ForEach @(
        @{ Browser = 'Chrome'; Names = "'AWS prod'", 'Private', 'Twin', 'Twin' }
        @{ Browser = 'Firefox'; Names = 'default-release', 'work' }
    ) {
        (TabExpansion2 "Open-RoleConsole -Browser $Browser -BrowserProfile ").CompletionMatches.CompletionText | Sort-Object | Should -Be $Names
    }
}

Describe 'The command that opens a link' {
    BeforeAll {
        $assembly = (Get-Command Open-RoleConsole).ImplementingType.Assembly
        $flags = [System.Reflection.BindingFlags]'Instance, NonPublic'
        $kinds = $assembly.GetType('RoleCredentials.BrowserKind')

        function Get-Word([string] $Kind, [string] $Program, [string] $BrowserProfile, [bool] $IsMac) {
            $id = $BrowserProfile ? [Activator]::CreateInstance($assembly.GetType('RoleCredentials.BrowserProfile'), @($BrowserProfile, 'Shown')) : $null
            $choice = [Activator]::CreateInstance($assembly.GetType('RoleCredentials.BrowserChoice'), @('Name', [enum]::Parse($kinds, $Kind), $Program, $id))
            $choice.GetType().GetMethod('CommandFor', $flags, [type[]]([string], [bool])).Invoke($choice, @('https://a.example/', $IsMac))
        }
    }

    It 'runs <Program> with the arguments that <Kind> needs: <Words>' -ForEach @(
        @{ Kind = 'Chromium'; Program = '/opt/chrome'; Name = 'Profile 1'; IsMac = $false; Words = '/opt/chrome', '--profile-directory=Profile 1', 'https://a.example/' }
        @{ Kind = 'Firefox'; Program = 'C:\firefox.exe'; Name = 'work'; IsMac = $false; Words = 'C:\firefox.exe', '-P', 'work', 'https://a.example/' }
        @{ Kind = 'Chromium'; Program = '/Applications/Google Chrome.app'; Name = 'Default'; IsMac = $true; Words = '/usr/bin/open', '-n', '-a', '/Applications/Google Chrome.app', '--args', '--profile-directory=Default', 'https://a.example/' }
        @{ Kind = 'Firefox'; Program = '/Applications/Firefox.app'; Name = ''; IsMac = $true; Words = '/usr/bin/open', '-n', '-a', '/Applications/Firefox.app', '--args', 'https://a.example/' }
        @{ Kind = 'Other'; Program = '/Applications/Safari.app'; Name = ''; IsMac = $true; Words = '/usr/bin/open', '-a', '/Applications/Safari.app', 'https://a.example/' }
        @{ Kind = 'Chromium'; Program = '/opt/chromium'; Name = ''; IsMac = $true; Words = '/opt/chromium', 'https://a.example/' }
    ) {
        Get-Word $Kind $Program $Name $IsMac | Should -Be $Words
    }
}
