# What only Windows does. On Linux 'npm run test:windows' runs it under wine; elsewhere it has no tests.
if (-not $IsWindows) { return }

BeforeDiscovery {
    # These change what the user's own Windows has one of: its default browser and its Internet Options.
    $wine = Test-Path HKCU:\Software\Wine
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Sandbox.psm1')
    Enter-Sandbox
    $jo = Get-SandboxKey jo
    $ann = Get-SandboxKey ann
    $admin = 'arn:aws:iam::123456789012:role/Admin'
    Set-RoleCredentials @jo -Region eu-west-1
    Set-RoleCredentials @ann -StoreAs ann
    Set-RoleCredentials -StoreAs prod -RoleArn $admin -SourceProfile default
    $aws = Join-Path (Get-SandboxHome) '.aws'
    $path = $env:PATH
    $find = [RoleCredentials.CoreFolder].Assembly.GetType('RoleCredentials.NodeProgram').GetMethod('Find', [System.Reflection.BindingFlags]'Static, NonPublic')
    $node = $find.Invoke($null, @())

    function New-Folder([string] $Name) { New-Item (Join-Path (Get-SandboxHome) $Name) -ItemType Directory -Force | ForEach-Object FullName }
    function Get-AccessList([System.IO.FileInfo] $File) {
        [System.IO.FileSystemAclExtensions]::GetAccessControl($File, 'Access').GetSecurityDescriptorSddlForm('Access')
    }
    # Opens a file as another program does that closes it in a moment.
    function Open-Briefly([string] $File, [string] $Share) {
        $open = [System.IO.File]::Open($File, 'Open', 'Read', $Share)
        $null = [powershell]::Create().AddScript({ param($Stream) Start-Sleep -Milliseconds 300; $Stream.Dispose() }).AddArgument($open).BeginInvoke()
    }
    function Wait-For([scriptblock] $Condition) {
        foreach ($try in 1..300) {
            if (& $Condition) { return $true }
            Start-Sleep -Milliseconds 100
        }
        $false
    }
}

AfterAll { Exit-Sandbox }

Describe 'Names of environment variables, in any case,' {
    AfterEach {
        Exit-Role -All
        Get-ChildItem Env:AWS_* | Where-Object Name -NotLike 'AWS_E*' | Remove-Item
    }

    It 'select the profile' {
        $env:aws_profile = 'prod'
        (Use-Role).AccountId | Should -Be '123456789012'
    }

    It 'give the keys, which a role that was entered does not replace for the next request' {
        $env:aws_access_key_id = $ann.AccessKey
        $env:aws_secret_access_key = $ann.SecretKey
        (Get-Role -Verify).VerifiedArn | Should -BeLike '*user/ann'
        Enter-Role -ProfileName prod
        (Get-Role -Verify).VerifiedArn | Should -BeLike '*assumed-role/Admin/*'
        # Windows keeps a variable's first spelling when its value changes. wine keeps the last one, so restore the first.
        foreach ($name in 'access_key_id', 'secret_access_key', 'session_token') { Set-Item "Env:aws_$name" (Get-Item "Env:AWS_$name").Value }
        (Use-Role).AccessKeyId | Should -Be $ann.AccessKey
        Exit-Role
        $env:AWS_ACCESS_KEY_ID | Should -Be $ann.AccessKey
    }
}

Describe 'The browser of Windows' {
    It 'is not a batch file, which would get only the start of a link' {
        $batch = Join-Path (New-Folder 'browser') 'open.cmd'
        Set-Content $batch '@echo %1'
        $programs = [RoleCredentials.CoreFolder].Assembly.GetType('RoleCredentials.Programs')
        $search = $programs.GetMethod('Find', [System.Reflection.BindingFlags] 'Static, NonPublic', [type[]] [string])
        $search.Invoke($null, @([string] $batch)) | Should -BeNullOrEmpty
        $search.Invoke($null, @([string] $node)) | Should -Be $node
    }

    It 'gets no keys of the session' -Skip:(-not $wine) {
        $seen = Join-Path (Get-SandboxHome) 'browser.txt'
        $command = 'HKLM:\Software\Classes\https\shell\open\command'
        $null = New-Item $command -Force -Value "cmd.exe /c set > ""$seen"""
        try {
            $env:BROWSER = $null
            Enter-Role -ProfileName prod
            Open-RoleConsole -ProfileName prod
            # The names are sorted, and this one is among the last.
            Wait-For { (Get-Content $seen -Raw -ErrorAction Ignore) -match '(?m)^windir=' } | Should -BeTrue
            $variables = Get-Content $seen -Raw
            $variables | Should -Not -Match '(?m)^AWS_(ACCESS|SECRET|SESSION)'
            $variables | Should -Match '(?m)^SystemRoot='
        } finally {
            Exit-Role -All
            Remove-Item HKLM:\Software\Classes\https -Recurse
        }
    }
}

Describe 'A file that another program has open' {
    BeforeEach {
        $file = Join-Path $aws 'config'
        $before = [System.IO.File]::ReadAllText($file)
    }

    It 'is replaced once the program closes it' {
        Open-Briefly $file Read
        Set-RoleCredentials -StoreAs prod -Region eu-central-1
        [System.IO.File]::ReadAllText($file) | Should -Match 'eu-central-1'
    }

    It 'stays as it is when the program keeps it open, and the error says why' {
        $open = [System.IO.File]::Open($file, 'Open', 'Read', 'Read')
        try {
            $failure = { Set-RoleCredentials -StoreAs prod -Region eu-west-3 } |
                Should -Throw -ErrorId 'FileUnwritable,RoleCredentials.SetRoleCredentialsCommand' -PassThru
            "$failure" | Should -Match 'another program is using it'
        } finally {
            $open.Dispose()
        }
        [System.IO.File]::ReadAllText($file) | Should -BeExactly $before
        Get-ChildItem $aws -Force -Filter *.staged | Should -BeNullOrEmpty
    }

    It 'is a sign-in, whose renewal is stored once the program closes it' {
        Add-Content $file "`n[sso-session corp]`nsso_start_url = https://sandbox.awsapps.com/start`nsso_region = eu-west-1`nsso_registration_scopes = sso:account:access"
        $browser = $env:BROWSER
        try {
            Set-SandboxBrowser allow
            $null = Connect-IdentityCenter corp 6>$null
        } finally {
            $env:BROWSER = $browser
        }
        $first = (Get-SandboxSignIn).accessToken
        $token = Get-ChildItem (Join-Path $aws 'sso' 'cache') -Filter *.json | Where-Object { (Get-Content $_ -Raw) -match 'accessToken' }
        Set-Content $token ((Get-Content $token -Raw) -replace '("expiresAt": ?")[^"]*', "`${1}$([datetime]::UtcNow.AddMinutes(1).ToString('yyyy-MM-ddTHH:mm:ssZ'))")
        Open-Briefly $token Read
        Get-IdentityCenterRole -SsoSession corp | Should -Not -BeNullOrEmpty
        (Get-SandboxSignIn).accessToken | Should -Not -Be $first
        Clear-SandboxSignIn
    }

    It 'is read once the program unlocks it' {
        Add-Content $file '[profile later]'
        Open-Briefly $file None
        (Get-RoleProfile).ProfileName | Should -Contain later
    }

    It 'cannot be read while the program locks it, and the error says why' {
        Add-Content $file '[profile never]'
        $open = [System.IO.File]::Open($file, 'Open', 'Read', 'None')
        try {
            $failure = { Get-RoleProfile -ErrorAction Stop } | Should -Throw -PassThru
            $failure.FullyQualifiedErrorId | Should -BeLike 'FileUnreadable,*'
            "$failure" | Should -Match 'another program is using it'
        } finally {
            $open.Dispose()
        }
    }
}

Describe 'A file that is replaced' {
    It 'stays hidden' {
        $file = Get-Item (Join-Path $aws 'config')
        $file.Attributes = $file.Attributes -bor [System.IO.FileAttributes]::Hidden
        Set-RoleCredentials -StoreAs prod -Region us-east-1
        $now = Get-Item $file.FullName -Force
        Get-Content $now | Should -Contain 'region = us-east-1'
        $now.Attributes.HasFlag([System.IO.FileAttributes]::Hidden) | Should -BeTrue
        $now.Attributes = $now.Attributes -band -bnot [System.IO.FileAttributes]::Hidden
    }

    It 'keeps its own access list' {
        $file = [System.IO.FileInfo] (Join-Path $aws 'config')
        $text = [System.IO.File]::ReadAllText($file)
        $mine = [System.Security.AccessControl.FileSecurity]::new()
        $mine.SetAccessRuleProtection($true, $false)
        $me = [System.Security.Principal.WindowsIdentity]::GetCurrent().User
        $mine.AddAccessRule([System.Security.AccessControl.FileSystemAccessRule]::new($me, 'FullControl', 'Allow'))
        # wine takes over a list only when it creates the file.
        $file.Delete()
        [System.IO.FileSystemAclExtensions]::Create($file, 'CreateNew', 'Write', 'None', 1, 'None', $mine).Dispose()
        [System.IO.File]::WriteAllText($file, $text)
        $list = Get-AccessList $file
        $list | Should -Not -Be (Get-AccessList (Join-Path $aws 'credentials'))
        Set-RoleCredentials -StoreAs prod -Region us-east-2
        Get-Content $file | Should -Contain 'region = us-east-2'
        Get-AccessList $file | Should -BeExactly $list
    }
}

Describe 'A path of the files' {
    It 'is accepted with more than 260 characters and <What>' -ForEach @(
        @{ What = 'spaces, brackets, an apostrophe and letters of other languages'; Name = "it's [a] f$([char] 0xfc)r $([char] 0x65e5) & b" }
        @{ What = 'the prefix of Windows'' own paths'; Name = 'plain'; Prefix = '\\?\' }
        @{ What = 'forward slashes'; Name = 'plain'; Slash = '/' }
    ) {
        $folder = Join-Path (New-Folder $Name) ('x' * 120) ('y' * 120)
        $file = "$Prefix$(Join-Path $folder 'config')"
        $env:AWS_CONFIG_FILE = $Slash ? $file.Replace('\', $Slash) : $file
        try {
            Set-RoleCredentials -StoreAs far -RoleArn $admin -SourceProfile default
            Set-RoleCredentials -StoreAs far -Region eu-central-1
            (Use-Role -ProfileName far).AccountId | Should -Be '123456789012'
            [System.IO.File]::ReadAllText($file) | Should -Match 'eu-central-1'
        } finally {
            $env:AWS_CONFIG_FILE = $null
            # wine's Remove-Item does not find the files of such a folder.
            if ([System.IO.Directory]::Exists($folder)) { [System.IO.Directory]::Delete($folder, $true) }
        }
    }

    It 'begins in the folder of its drive: <Path>' -ForEach @(@{ Path = 'C:files\config' }, @{ Path = '\config' }, @{ Path = 'files/config' }) {
        Push-Location (Get-SandboxHome)
        $env:AWS_CONFIG_FILE = $Path
        $file = [System.IO.Path]::GetFullPath(($Path -replace '^C:'), (Get-Location).Path)
        try {
            $null = [System.IO.Directory]::CreateDirectory((Split-Path $file))
            Set-Content -LiteralPath $file '[profile near]'
            (Get-RoleProfile).ProfileName | Should -Contain near
        } finally {
            $env:AWS_CONFIG_FILE = $null
            Remove-Item -LiteralPath $file
            Pop-Location
        }
    }
}

Describe 'The search for Node' {
    AfterEach { $env:PATH = $path }

    It 'skips a script that has no extension, and finds the program after it' {
        $shims = New-Folder 'shims'
        Set-Content (Join-Path $shims 'node') '#!/bin/sh'
        $env:PATH = "$shims;$path"
        $found = $find.Invoke($null, @())
        $found | Should -BeLike '*\node.exe'
        $found | Should -Not -BeLike "$shims*"
    }

    It 'does not run node.cmd, and says what to do' {
        $shims = New-Folder 'cmd-shims'
        Set-Content (Join-Path $shims 'node.cmd') '@exit /b 1'
        $env:PATH = $shims
        $expected = "*Node.js is a batch file, which the module does not run: $shims\node.cmd*"
        { $find.Invoke($null, @()) } | Should -Throw -ExpectedMessage $expected
        $env:PATH = $path
        $env:ROLE_CREDENTIALS_NODE = Join-Path $shims 'node.cmd'
        try { { $find.Invoke($null, @()) } | Should -Throw -ExpectedMessage $expected }
        finally { $env:ROLE_CREDENTIALS_NODE = $null }
    }
}

Describe 'A credential_process that is a batch file' {
    BeforeAll {
        $script = Join-Path (New-Folder 'with blank') 'creds.cmd'
        Set-Content $script "@echo {""Version"":1,""AccessKeyId"":""$($ann.AccessKey)"",""SecretAccessKey"":""$($ann.SecretKey)""}"
        $config = Join-Path $aws 'config'
    }

    It 'is refused, and the error says that cmd /c works' {
        Add-Content $config "`n[profile batch]`ncredential_process = ""$script""`n"
        $failure = { Use-Role -ProfileName batch } | Should -Throw -PassThru
        $failure.FullyQualifiedErrorId | Should -BeLike 'CredentialProcess*'
        $failure.ErrorDetails.RecommendedAction | Should -Match 'cmd /c'
    }

    It 'runs with cmd /c' {
        Add-Content $config "`n[profile shell]`ncredential_process = cmd /c ""$script""`n"
        (Use-Role -ProfileName shell).AccessKeyId | Should -Be $ann.AccessKey
    }
}

Describe 'A file in another encoding' {
    It 'is named, with the command that converts it, and never garbled: <Encoding>' -ForEach @(
        @{ Encoding = 'the code page'; Codec = [System.Text.Encoding]::Latin1; Message = 'config is not UTF-8: line 1' }
        @{ Encoding = 'UTF-16, as Windows PowerShell redirects text'; Codec = [System.Text.Encoding]::Unicode; Message = 'config is written in UTF-16' }
    ) {
        $config = Join-Path $aws 'config'
        $before = [System.IO.File]::ReadAllBytes($config)
        try {
            [System.IO.File]::WriteAllText($config, "[profile B$([char] 0xfc)ro]`r`nregion = eu-west-1`r`n", $Codec)
            $failure = { Get-RoleProfile -ErrorAction Stop } | Should -Throw -PassThru
            "$failure" | Should -Match $Message
            Invoke-Expression ($failure.ErrorDetails.RecommendedAction -replace '^[^:]*: ' -replace '\.$')
            (Get-RoleProfile | Where-Object Region -EQ 'eu-west-1').ProfileName | Should -Contain "B$([char] 0xfc)ro"
        } finally {
            [System.IO.File]::WriteAllBytes($config, $before)
        }
    }
}

Describe 'HOME' {
    It 'is read before USERPROFILE, and Test-Role says so when a profile is missing' {
        $env:USERPROFILE = New-Folder 'other'
        try {
            (Use-Role -ProfileName ann).AccessKeyId | Should -Be $ann.AccessKey
            $failure = { Test-Role -ProfileName missing -ErrorAction Stop } | Should -Throw -PassThru
            "$failure" | Should -Match 'read from HOME .* reads those of USERPROFILE'
        } finally {
            $env:USERPROFILE = Get-SandboxHome
        }
    }
}

Describe 'The system''s proxy' {
    BeforeEach {
        $urls = $env:ROLE_CREDENTIALS_SANDBOX | ConvertFrom-Json
        $endpoint = $env:AWS_ENDPOINT_URL_STS
        $env:AWS_ENDPOINT_URL_STS = 'http://sts.eu-west-1.amazonaws.com'
        Clear-Sandbox
    }
    AfterEach { $env:AWS_ENDPOINT_URL_STS = $endpoint }

    It 'is the one of .NET, for each destination' {
        $before = [System.Net.Http.HttpClient]::DefaultProxy
        try {
            [System.Net.Http.HttpClient]::DefaultProxy = [System.Net.WebProxy]::new($urls.proxy)
            (Use-Role $admin -NoCache).AccountId | Should -Be '123456789012'
        } finally {
            [System.Net.Http.HttpClient]::DefaultProxy = $before
        }
        (Get-SandboxCall | Where-Object service -EQ proxy).parameters.target | Should -Be 'sts.eu-west-1.amazonaws.com'
    }

    It 'is the one of the Internet Options, by <How>' -Skip:(-not $wine) -ForEach @(
        @{ How = 'its address'; Flags = 3 }
        @{ How = 'a configuration script'; Flags = 5 }
    ) {
        $proxy = ([uri] $urls.proxy).Authority
        $pac = "function FindProxyForURL(url, host) { return host.indexOf('sts.') == 0 ? 'PROXY $proxy' : 'DIRECT'; }"
        $serve = 'require("http").createServer((q, s) => s.end(process.argv[1])).listen(0, "127.0.0.1", function () { console.log(this.address().port); });'
        $start = [System.Diagnostics.ProcessStartInfo]::new($node, [string[]] @('-e', $serve, $pac))
        $start.RedirectStandardOutput = $true
        $server = [System.Diagnostics.Process]::Start($start)
        # The form in which Windows keeps its dialog's choices: a counter, flags, and three texts after their lengths.
        $options = 'HKCU:\Software\Microsoft\Windows\CurrentVersion\Internet Settings\Connections'
        $texts = $proxy, '', "http://127.0.0.1:$($server.StandardOutput.ReadLine())/proxy.pac"
        $choices = foreach ($part in 0x46, 1, $Flags + $texts) {
            if ($part -is [int]) { [BitConverter]::GetBytes($part) } else { [BitConverter]::GetBytes($part.Length); [System.Text.Encoding]::ASCII.GetBytes($part) }
        }
        $null = New-Item $options -Force
        Set-ItemProperty $options DefaultConnectionSettings ([byte[]] $choices + [byte[]]::new(32)) -Type Binary
        try {
            $script = Join-Path (Get-SandboxHome) 'use-role.ps1'
            Set-Content $script "param(`$Module) Import-Module `$Module; (Use-Role $admin -NoCache).AccountId"
            & (Get-Process -Id $PID).Path -NoProfile -NonInteractive -File $script (Join-Path $PSScriptRoot '..' 'module' 'RoleCredentials.psd1') |
                Should -Be '123456789012'
        } finally {
            Remove-ItemProperty $options DefaultConnectionSettings
            $server.Kill()
        }
        (Get-SandboxCall | Where-Object service -EQ proxy).parameters.target | Should -Be 'sts.eu-west-1.amazonaws.com'
    }
}

Describe 'Remove-Module' {
    It 'ends the core, which locks nothing of the module' {
        $copy = Join-Path (Get-SandboxHome) 'RoleCredentials'
        Copy-Item (Join-Path $PSScriptRoot '..' 'module') $copy -Recurse
        $script = Join-Path (Get-SandboxHome) 'remove.ps1'
        Set-Content $script {
            param($Module)
            Import-Module $Module
            $core = Get-Process -Id ([RoleCredentials.RoleCore]::GetProcessId([RoleCredentials.CoreFolder]::Own))
            $null = Get-RoleProfile
            Remove-Module RoleCredentials
            "ended: $($core.WaitForExit(20000))"
            $folder = Join-Path (Split-Path $Module) core
            # The assembly stays loaded, so Windows lets it be renamed, but not deleted.
            Rename-Item (Join-Path $folder RoleCredentials.dll) old.dll
            Set-Content (Join-Path $folder RoleCredentials.dll) new
            Remove-Item (Join-Path $folder *.cjs)
            "left: $((Get-ChildItem $folder -Filter *.cjs).Count)"
        }
        $output = & (Get-Process -Id $PID).Path -NoProfile -NonInteractive -File $script (Join-Path $copy 'RoleCredentials.psd1')
        $output | Should -Be 'ended: True', 'left: 0'
    }
}
