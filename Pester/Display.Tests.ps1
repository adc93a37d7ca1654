# The output on the terminal in every view and stream if files contain hostile names, in every culture and language mode.

BeforeDiscovery {
    $hostile = "pr`e[2J`u{202e}o`u{3164}`u{e0041}d"
    $commands = (Import-PowerShellDataFile (Join-Path $PSScriptRoot '..' 'module' 'RoleCredentials.psd1')).CmdletsToExport
    $shapes = 'default', 'Format-Table', 'Format-List', 'Format-List *', 'Format-Wide', 'Format-Custom', 'Format-Table *'
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Sandbox.psm1')
    Enter-Sandbox
    $jo = Get-SandboxKey jo
    $admin = 'arn:aws:iam::123456789012:role/Admin'
    $hostile = "pr`e[2J`u{202e}o`u{3164}`u{e0041}d"
    $escaped = 'pr\u001b[2J\u202eo\u3164\udb40\udc41d'
    Set-RoleCredentials @jo -Region eu-west-1
    $config = Join-Path (Get-SandboxHome) '.aws' 'config'
    Add-Content $config @"

[profile "$hostile"]
role_arn = $admin
source_profile = default

[profile "leaf $hostile"]
role_arn = arn:aws:iam::123456789012:role/NotThere
source_profile = $hostile

[profile staff]
sso_session = corp
sso_account_id = 222222222222
sso_role_name = Auditor

[profile console]
login_session = arn:aws:iam::333333333333:user/jo
"@

    function Get-Shown {
        # The full output of a command: its objects in a view, and all other streams.
        param([scriptblock] $Command, [string] $Shape = 'default')

        $PSDefaultParameterValues = @{ '*:Confirm' = $false } # Before PowerShell 7.6, -Debug prompts as -Confirm does.
        $all = @(try { & $Command *>&1 } catch { $_ })
        $text = foreach ($one in $all) {
            switch ($one) {
                { $_ -is [System.Management.Automation.ErrorRecord] } { "$_"; $_.Exception.Message; $_.ErrorDetails.Message; $_.ErrorDetails.RecommendedAction; "$($_.TargetObject)"; $_.FullyQualifiedErrorId }
                { $_ -is [System.Management.Automation.InformationalRecord] } { $_.Message }
            }
        }
        $output = $all.Where({ $_ -isnot [System.Management.Automation.ErrorRecord] -and $_ -isnot [System.Management.Automation.InformationalRecord] })
        $view = switch ($Shape) {
            'default' { $output | Out-String -Width 300 }
            'Format-List *' { $output | Format-List * | Out-String -Width 300 }
            'Format-Table *' { $output | Format-Table * -Wrap | Out-String -Width 300 }
            default { $output | & $_ | Out-String -Width 300 }
        }
        @($text) + @($view) -join "`n"
    }

    # Characters that are active or invisible on a terminal, except line breaks and the colors of PowerShell's own views.
    function Get-Active([string] $Text) {
        $Text = $Text -replace "`e\[[0-9;]*m"
        [regex]::Matches($Text, '[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u115f\u3164\ufe0f-[\r\n\t]]|\udb40[\udc00-\udfff]').ForEach({ 'U+{0:x4}' -f [int][char]$_.Value[0] })
    }
}

AfterAll { Exit-Sandbox }

Describe 'A hostile profile name' {
    AfterEach { Exit-Role -All }

    It 'is escaped in every view of every object (<_>)' -ForEach $shapes {
        Enter-Role -ProfileName $hostile
        $null = Use-Role -ProfileName $hostile
        foreach ($command in @(
                { Get-Role }
                { Get-Role -Verify }
                { Get-RoleHistory }
                { Get-RoleProfile }
                { Test-Role $hostile }
                { Test-Role "leaf $hostile" }
                { Use-Role -ProfileName $hostile }
                { Enter-Role -ProfileName $hostile -PassThru }
                { Get-RolePrompt }
                { Get-RolePrompt '{Name}' }
            )) {
            $shown = Get-Shown $command $_
            Get-Active $shown | Should -BeNullOrEmpty -Because "$command, $_"
        }
        Get-Shown { Get-Role } $_ | Should -Match ([regex]::Escape($escaped.Substring(0, 9)))
    }

    It 'is escaped in every stream of every cmdlet' {
        foreach ($command in @(
                { Use-Role -ProfileName $hostile -NoCache -Verbose -Debug }
                { Use-Role -ProfileName $hostile -ScriptBlock { 1 } -Verbose }
                { Enter-Role -ProfileName $hostile -Verbose -Debug }
                { Get-Role -Verify -Verbose -Debug }
                { Get-RoleHistory -Verbose -Debug }
                { Get-RoleProfile $hostile -Verbose -Debug }
                { Test-Role $hostile -NoCache -Verbose -Debug }
                { Exit-Role -Verbose -Debug }
                { Exit-Role -All -Verbose }
                { Open-RoleConsole -ProfileName $hostile -WhatIf -Verbose -Debug }
                { Open-RoleConsole -ProfileName $hostile -SignIn -WhatIf -Verbose -Debug }
                { Clear-RoleCache $hostile -Verbose -Debug }
                { Connect-IdentityCenter $hostile -WhatIf -Verbose -Debug }
                { Connect-IdentityCenter -ProfileName $hostile -WhatIf -Verbose -Debug }
                { Disconnect-IdentityCenter -StartUrl "https://x/$hostile" -SsoRegion $hostile -Verbose -Debug }
                { Connect-RoleConsole $hostile -WhatIf -Verbose -Debug }
                { Disconnect-RoleConsole $hostile -WhatIf -Verbose -Debug }
                { Disconnect-RoleConsole "no $hostile" }
                { Connect-IdentityCenter -SsoSession $hostile -NoBrowser -Verbose -Debug }
                { Disconnect-IdentityCenter -SsoSession $hostile -Verbose -Debug }
                { Get-IdentityCenterRole -SsoSession $hostile -Verbose -Debug }
                { Clear-RoleHistory -WhatIf -Verbose -Debug }
                { Set-RoleCredentials -ProfileName $hostile -StoreAs copy -WhatIf -Verbose -Debug }
                { Set-RoleCredentials -StoreAs $hostile -Region eu-west-1 -Verbose -Debug -ErrorAction Continue }
                { Remove-RoleProfile $hostile -WhatIf -Verbose -Debug }
                { Update-RoleKey $hostile, 'leaf' -WhatIf -Verbose -Debug }
                # And each error that contains the name.
                { Use-Role -ProfileName "no $hostile" }
                { Enter-Role -ProfileName "no $hostile" }
                { Test-Role "no $hostile" }
                { Get-RoleProfile "no $hostile" }
                { Remove-RoleProfile "no $hostile" -Force }
                { Update-RoleKey "no $hostile" -Force }
                { Update-RoleKey $hostile -Force }
                { Use-Role -ProfileName "leaf $hostile" -NoCache }
                { Use-Role -RoleArn "arn:$hostile" }
                { Use-Role -RoleArn $admin -Region $hostile }
                { Use-Role -RoleArn $admin -Tag $hostile }
                { Use-Role -RoleArn $admin -ProfileLocation "no:$hostile" }
            )) {
            $shown = Get-Shown $command
            Get-Active $shown | Should -BeNullOrEmpty -Because $command
        }
    }

    It 'runs every cmdlet in this suite' {
        $suite = Get-Content $PSCommandPath -Raw
        foreach ($name in (Get-Module RoleCredentials).ExportedCmdlets.Keys) { $suite | Should -Match "\{ $name\b" }
    }

    It 'is unescaped in objects, which bind and compare by the real name' {
        (Get-RoleProfile | Where-Object ProfileName -EQ $hostile).RoleArn | Should -Be $admin
        (Get-RoleProfile $hostile | Use-Role).RoleArn | Should -Be $admin
        "$((Get-RoleProfile $hostile).ProfileName)" | Should -BeExactly $hostile
        (Get-RoleProfile $hostile | ConvertTo-Json | ConvertFrom-Json).ProfileName | Should -BeExactly $hostile
        Clear-RoleHistory
        $null = Use-Role -ProfileName $hostile
        Get-RoleHistory -First 1 | Enter-Role
        (Get-Role).ProfileName | Should -BeExactly $hostile
    }

    It 'is escaped in the variables that other prompts read' {
        Enter-Role -ProfileName $hostile
        $env:AWSU_PROFILE | Should -BeExactly $escaped
    }
}

Describe 'Escaping' {
    It 'is the same in the cmdlets and in the core for every character' {
        $folder = Get-SandboxHome
        $root = Split-Path $PSScriptRoot
        # Every character except surrogates, and the core's result for each.
        Push-Location $root
        node --input-type=module -e @'
import { writeFileSync } from "node:fs";
import { buildSync } from "esbuild";
const [, folder] = process.argv;
const { outputFiles } = buildSync({ entryPoints: ["src/protocol/terminal.ts"], format: "esm", write: false });
const { escapeForTerminal } = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
let text = "";
for (let point = 0; point <= 0x10ffff; point++) if (point < 0xd800 || point > 0xdfff) text += `${String.fromCodePoint(point)}|`;
writeFileSync(`${folder}/all.txt`, text);
writeFileSync(`${folder}/escaped.txt`, escapeForTerminal(text));
'@ $folder
        Pop-Location
        $LASTEXITCODE | Should -Be 0
        $escape = [RoleCredentials.Terminal].GetMethod('Escape', [System.Reflection.BindingFlags]'Static, NonPublic')
        $all, $core = 'all', 'escaped' | ForEach-Object { [System.IO.File]::ReadAllText("$folder/$_.txt") }
        $cmdlets = $escape.Invoke($null, @($all))
        # Should -Be would print megabytes.
        $cmdlets.Length | Should -Be $core.Length
        $cmdlets -ceq $core | Should -BeTrue
    }

    It 'happens in RoleCmdlet and Terminal, and no other code writes to a stream' {
        $files = Get-ChildItem (Join-Path $PSScriptRoot '..' 'cmdlets') -Recurse -Include *.cs, *.ps1 |
            Where-Object FullName -NotMatch '[\\/]obj[\\/]|[\\/]Output[\\/]|RoleCmdlet\.cs$'
        # RoleCmdlet hides PowerShell's methods, so a cmdlet of another type could write without it.
        $code = 'PSCmdlet\b|\bbase\.(Write|Should)|WriteInformation\(|ShouldContinue\(|Host\.UI\.(Write(Line)?\(|Read|Prompt)'
        $script = '\bWrite-|\.Should\w*\(|\.UI\.|(?<!\[RoleCredentials\.Terminal\])(\.|::)Write\w*\('
        $others = foreach ($file in $files) { $file | Select-String ($file.Extension -eq '.cs' ? $code : $script) }
        $others | ForEach-Object { "$($_.Filename):$($_.LineNumber)" } | Should -BeNullOrEmpty
    }
}

Describe 'Secrets' {
    It 'are not shown by a session without the module, such as after Remove-Module' {
        $shell = [powershell]::Create([initialsessionstate]::CreateDefault2())
        $script = 'Import-Module $args[0]; $creds = Use-Role $args[1]; Remove-Module RoleCredentials; $creds | Out-String; $creds | Format-Table | Out-String'
        $shown = $shell.AddScript($script).AddArgument((Get-Module RoleCredentials).Path).AddArgument($admin).Invoke()
        $shell.Streams.Error | Should -BeNullOrEmpty
        $shown -join '' | Should -Match 'AccessKeyId'
        Find-SandboxSecret ($shown -join '') | Should -BeNullOrEmpty
        $shell.Runspace.Dispose()
    }

    It 'are in no stream if a parameter of <_> gets credentials by mistake' -ForEach $commands {
        $command = Get-Command $_
        $copy = Use-Role $admin | ConvertTo-Json | ConvertFrom-Json
        $known = [System.Management.Automation.Cmdlet]::CommonParameters + 'WhatIf', 'Confirm', 'Credential'
        foreach ($parameter in $command.Parameters.Values.Where({ $_.Name -notin $known -and $_.ParameterType -in [string], [string[]], [object[]] })) {
            $given = @{ $parameter.Name = $copy }
            if ($command.Parameters.ContainsKey('WhatIf')) { $given.WhatIf = $true }
            # -Region takes the Region of an object. ValidateSet writes PowerShell's own error.
            if ($parameter.Name -in 'ArgumentList', 'WebIdentityProvider', 'Region') { continue }
            Clear-Sandbox
            $shown = try { & $command @given -Debug -Verbose *>&1 | Out-String -Width 9999 } catch { $_ | Format-List * -Force | Out-String -Width 9999 }
            Find-SandboxSecret $shown | Should -BeNullOrEmpty -Because $parameter.Name
            Get-SandboxCall | Should -BeNullOrEmpty -Because $parameter.Name
        }
        (Get-RoleProfile default).AccessKey | Should -Be '****************0001'
        # In the pipeline too, where PowerShell converts an object that lacks the property. PowerShell's own error keeps an object that it cannot bind.
        if ($command.Name -notin 'Get-RoleProfile', 'Remove-RoleProfile', 'Update-RoleKey', 'Disconnect-RoleConsole', 'Test-Role') { return }
        $copy = [pscustomobject]@{ AccessKeyId = $copy.AccessKeyId; SecretAccessKey = $copy.SecretAccessKey; SessionToken = $copy.SessionToken }
        $shown = try { $copy | & $command -Debug -Verbose *>&1 | Out-String -Width 9999 } catch { $_ | Format-List * -Force | Out-String -Width 9999 }
        Find-SandboxSecret $shown | Should -BeNullOrEmpty
    }

    It 'are masked in every view of credentials' {
        $creds = Use-Role $admin
        $null = $creds | Export-Clixml (Join-Path (Get-SandboxHome) 'creds.xml')
        $copy = Import-Clixml (Join-Path (Get-SandboxHome) 'creds.xml')
        foreach ($object in $creds, $copy) {
            foreach ($view in @(
                    { $_ | Out-String -Width 5000 }
                    { $_ | Format-Table | Out-String -Width 5000 }
                    { $_ | Format-Table -AutoSize | Out-String -Width 5000 }
                    { $_ | Format-List | Out-String -Width 5000 }
                    { $_ | Format-Wide | Out-String -Width 5000 }
                    { $_ | Format-Custom | Out-String -Width 5000 }
                    { "$_" }
                )) {
                $shown = $object | ForEach-Object $view
                $shown | Should -Not -Match ([regex]::Escape($creds.SecretAccessKey)) -Because $view
                $shown | Should -Not -Match ([regex]::Escape($creds.SessionToken)) -Because $view
            }
            $object | Format-Custom | Out-String | Should -Match 'SecretAccessKey = \*+'
            # After an object of another type, PowerShell ignores the view.
            foreach ($first in [pscustomobject]@{ A = 1; B = 2; C = 3; D = 4; E = 5 }, [pscustomobject]@{ A = 1 }, (Get-Item $HOME), $PSVersionTable) {
                $shown = $first, $object, $object | Out-String -Width 5000
                $shown | Should -Not -Match ([regex]::Escape($creds.SecretAccessKey))
                $shown | Should -Not -Match ([regex]::Escape($creds.SessionToken))
            }
        }
    }
}

Describe 'A view' {
    AfterEach { Exit-Role -All }

    It 'shows times in the same way in every culture (<_>)' -ForEach 'th-TH', 'ar-SA', 'fa-IR', 'fi-FI', 'da-DK', 'en-US' {
        $before = [cultureinfo]::CurrentCulture
        try {
            [cultureinfo]::CurrentCulture = [cultureinfo]::GetCultureInfo($_)
            $creds = Use-Role -ProfileName $hostile
            Enter-Role -ProfileName $hostile
            $end = $creds.Expiration.ToString('yyyy-MM-dd HH:mm:ss', [cultureinfo]::InvariantCulture) + 'Z'
            foreach ($view in 'Format-List', 'Format-Table', 'Format-Custom') { $creds | & $view | Out-String -Width 200 | Should -Match $end -Because $view }
            Get-Role | Format-List | Out-String | Should -Match $end
            Test-Role $hostile | Out-String -Width 200 | Should -Match "until $end \(in \d+ min\)"
            Test-Role $hostile | Format-List | Out-String -Width 200 | Should -Match "$end \(in \d+ min\)"
            $used = (Get-RoleHistory)[0].LastUsed
            $day = $used.ToString('yyyy-MM-dd HH:mm', [cultureinfo]::InvariantCulture)
            Get-RoleHistory | Out-String -Width 200 | Should -Match "${day}Z"
            Get-RoleHistory | Format-List | Out-String | Should -Match "${day}:\d\dZ"
        } finally {
            [cultureinfo]::CurrentCulture = $before
        }
    }

    It 'gives names all available width, and one long name does not truncate the others' {
        $long = 'a-name-of-forty-characters-' + 'x' * 13
        Set-RoleCredentials -StoreAs $long -RoleArn $admin -SourceProfile default -Region eu-west-1
        Set-RoleCredentials -StoreAs ('y' * 200) -RoleArn $admin -SourceProfile default -Region eu-west-1
        Enter-Role -ProfileName $long
        Get-Role | Out-String -Width 160 | Should -Match $long
        foreach ($command in { Get-Role }, { Get-RoleProfile }, { Get-RoleHistory }) {
            $shown = & $command | Out-String -Width 100
            $shown | Should -Match '123456789012' -Because $command
            $shown | Should -Match 'Admin' -Because $command
            ($shown -split "`n").TrimEnd().Length | Measure-Object -Maximum | ForEach-Object Maximum | Should -BeLessOrEqual 100
        }
        Remove-RoleProfile $long, ('y' * 200) -Force
    }

    It 'shows the identity from STS, including a user' {
        Get-Role -Verify | Out-String -Width 160 | Should -Match 'arn:aws:iam::111111111111:user/jo'
        Enter-Role -ProfileName $hostile
        Get-Role -Verify | Out-String -Width 160 | Should -Match 'arn:aws:sts::123456789012:assumed-role/Admin/'
    }

    It 'shows account, role and session for profiles of IAM Identity Center and aws login' {
        Get-RoleProfile staff | Out-String -Width 160 | Should -Match '222222222222\s+staff\s+Auditor\s+IAM Identity Center corp'
        Get-RoleProfile console | Out-String -Width 160 | Should -Match '333333333333\s+console\s+aws login'
        (Get-RoleProfile console).LoginSession | Should -Be 'arn:aws:iam::333333333333:user/jo'
    }
}

Describe 'Language mode <Mode>' -ForEach @(
    @{ Mode = 'ConstrainedLanguage' }
    @{ Mode = 'NoLanguage' }
    @{ Mode = 'RestrictedLanguage' }
) {
    BeforeAll {
        # A runspace of this process that is restricted after the import of the module.
        $state = [System.Management.Automation.Runspaces.InitialSessionState]::CreateDefault2()
        $state.ImportPSModule((Join-Path $PSScriptRoot '..' 'module' 'RoleCredentials.psd1'))
        $runspace = [runspacefactory]::CreateRunspace($state)
        $runspace.Open()

        function Invoke-Restricted([scriptblock] $Build) {
            $runspace.SessionStateProxy.LanguageMode = $Mode
            $shell = [powershell]::Create($runspace)
            $null = & $Build $shell
            $output = $shell.Invoke()
            if ($shell.HadErrors) { throw $shell.Streams.Error[0] }
            $shell.Dispose()
            $output
        }
    }
    AfterAll { $runspace.Dispose() }
    AfterEach { Exit-Role -All }

    It 'shows every view' {
        $role = Invoke-Restricted { $args[0].AddCommand('Use-Role').AddParameter('RoleArn', $admin).AddCommand('Out-String') }
        $role | Should -Match 'Expiration +: \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ \(in \d+ min\)'
        Invoke-Restricted { $args[0].AddCommand('Test-Role').AddParameter('ProfileName', $hostile).AddCommand('Out-String') } |
            Should -Match '(?s)  1  ok: profile default.*  2  ok: role .*until \d{4}-'
        Invoke-Restricted { $args[0].AddCommand('Get-RoleProfile').AddCommand('Out-String') } | Should -Match 'Auditor'
        Invoke-Restricted { $args[0].AddCommand('Get-RoleHistory').AddCommand('Out-String') } | Should -Match '\d{4}-\d\d-\d\d \d\d:\d\dZ'
        foreach ($format in 'Format-Table', 'Format-Custom') {
            Invoke-Restricted { $args[0].AddCommand('Use-Role').AddParameter('RoleArn', $admin).AddCommand($format).AddCommand('Out-String') } |
                Should -Match '\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ' -Because $format
        }
    }

    It 'enters a role and leaves it' {
        Invoke-Restricted { $args[0].AddCommand('Enter-Role').AddParameter('RoleArn', $admin) }
        Invoke-Restricted { $args[0].AddCommand('Get-Role').AddCommand('Out-String') } | Should -Match 'Admin'
        Invoke-Restricted { $args[0].AddCommand('Exit-Role') }
        Get-Role | ForEach-Object Depth | Should -Be 0
    }

    It 'runs a script block as the role in the language mode of its author' {
        $block = [scriptblock]::Create('$env:AWS_ACCESS_KEY_ID')
        $id = Invoke-Restricted { $args[0].AddCommand('Use-Role').AddParameter('RoleArn', $admin).AddParameter('ScriptBlock', $block) }
        $id | Should -Match '^ASIA'
        if ($Mode -eq 'ConstrainedLanguage') {
            Invoke-Restricted { $args[0].AddScript("Use-Role $admin -ScriptBlock { `$env:AWS_ACCESS_KEY_ID; `$ExecutionContext.SessionState.LanguageMode }") } |
                Should -Be $id, 'ConstrainedLanguage'
            { Invoke-Restricted { $args[0].AddScript("Use-Role $admin -ScriptBlock { [System.IO.File]::Exists('x') }") } } | Should -Throw
        }
    }
}

Describe 'A JEA session' {
    It 'runs its visible cmdlets' {
        $path = Join-Path (Get-SandboxHome) 'jea.pssc'
        New-PSSessionConfigurationFile $path -SessionType RestrictedRemoteServer -ModulesToImport "$PSScriptRoot/../module/RoleCredentials.psd1" -VisibleCmdlets 'Use-Role', 'Enter-Role', 'Exit-Role', 'Get-Role', 'Test-Role'
        $state = [System.Management.Automation.Runspaces.InitialSessionState]::CreateFromSessionConfigurationFile($path)
        $runspace = [runspacefactory]::CreateRunspace($state)
        $runspace.Open()
        try {
            $runspace.SessionStateProxy.LanguageMode | Should -Be 'NoLanguage'
            # Such a session allows only commands and their parameters.
            foreach ($command in 'Enter-Role', 'Get-Role', 'Exit-Role', 'Test-Role', 'Use-Role') {
                $shell = [powershell]::Create($runspace).AddCommand($command)
                if ($command -in 'Enter-Role', 'Test-Role', 'Use-Role') { $null = $shell.AddParameter('RoleArn', $admin) }
                $output = $shell.Invoke()
                $shell.Streams.Error | Should -BeNullOrEmpty -Because $command
                if ($command -notlike 'E*') { $output | Out-String | Should -Match 'Admin' -Because $command }
            }
        } finally {
            $runspace.Dispose()
        }
    }
}

Describe 'An error in a PowerShell that does not show the recommended action' {
    It 'ends with the advice' {
        $text = [RoleCredentials.RoleCredentials].Assembly.GetType('RoleCredentials.CoreFailure').GetMethod('TextFor', [System.Reflection.BindingFlags]'Static, NonPublic')
        $text.Invoke($null, @([version]'7.4.13', 'It failed.', 'Do this.')) | Should -Be 'It failed. Do this.'
        $text.Invoke($null, @([version]'7.5.0', 'It failed.', 'Do this.')) | Should -Be 'It failed.'
    }
}
