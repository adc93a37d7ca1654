# Rules for every command. The commands are found by reflection, so a new one is covered automatically.

BeforeDiscovery {
    $module = Import-Module (Join-Path $PSScriptRoot '..' 'module' 'RoleCredentials.psd1') -PassThru
    $commands = foreach ($cmdlet in $module.ExportedCmdlets.Values) { @{ Name = $cmdlet.Name; Command = $cmdlet } }
    $common = [System.Management.Automation.PSCmdlet]::CommonParameters + [System.Management.Automation.PSCmdlet]::OptionalCommonParameters
    $parameters = foreach ($command in $module.ExportedCmdlets.Values) {
        foreach ($parameter in $command.Parameters.Values) {
            if ($parameter.Name -notin $common) { @{ Name = $command.Name; ParameterName = $parameter.Name; Parameter = $parameter } }
        }
    }
    $files = foreach ($file in Get-ChildItem (Join-Path $PSScriptRoot '..' 'cmdlets') -Recurse -Include *.ps1) {
        @{ RelativePath = $file.Name; Path = $file.FullName }
    }
}

BeforeAll {
    $module = Import-Module (Join-Path $PSScriptRoot '..' 'module' 'RoleCredentials.psd1') -PassThru
    $words = Import-PowerShellDataFile (Join-Path $PSScriptRoot 'Parameters.psd1')

    function Get-Ast([string] $Path, [ref] $Token) {
        $errors = $null
        $tokens = $null
        $ast = [System.Management.Automation.Language.Parser]::ParseFile($Path, [ref] $tokens, [ref] $errors)
        if ($errors) { throw $errors[0].Message }
        if ($Token) { $Token.Value = $tokens }
        $ast
    }

    function Get-Text($Paragraph) {
        (@($Paragraph) | ForEach-Object { $_.Text }) -join "`n"
    }
}

Describe 'Help of <Name>' -ForEach $commands {
    BeforeAll { $help = Get-Help $Name -Full }

    It 'has a synopsis of one sentence, and a description' {
        $help.Synopsis.Trim() | Should -Match '^[A-Z][^.]*\.$'
        (Get-Text $help.description).Length | Should -BeGreaterThan 200
    }

    It 'names inputs and outputs' {
        $help.inputTypes.inputType.type.name | Should -Not -BeNullOrEmpty
        $help.returnValues.returnValue.type.name | Should -Not -BeNullOrEmpty
    }

    It 'names the ids of its errors' {
        Get-Text $help.alertSet.alert | Should -Match "Error ids: none|(?s)Error ids.*,$($Command.ImplementingType.FullName)\b"
    }

    It 'links to its own page first, which Get-Help -Online opens, and to others' {
        $links = @($help.relatedLinks.navigationLink)
        $links.Count | Should -BeGreaterThan 1
        $homepage = (Get-Content (Join-Path $PSScriptRoot '..' 'package.json') -Raw | ConvertFrom-Json).homepage
        $links[0].uri | Should -Be "$homepage/blob/main/docs/reference/$Name.md"
        $page = Join-Path $PSScriptRoot '..' 'docs' 'reference' "$Name.md"
        Get-Content $page -Raw | Should -Match "(?s)^<!--[^>]*-->\s+# $Name\b.*## Parameters.*## Examples"
    }

    It 'is in the table of the README and on the about page' {
        Get-Content (Join-Path $PSScriptRoot '..' 'README.md') -Raw | Should -Match "(?m)^\|.*``$Name``.*\|.*\|$"
        Get-Help about_RoleCredentials | Out-String | Should -Match "(?m)^\s+$Name\b"
    }

    It 'has three examples or more, each with its output' {
        $examples = @($help.examples.example)
        $examples.Count | Should -BeGreaterOrEqual 3
        foreach ($example in $examples) {
            $example.code | Should -Not -BeNullOrEmpty
            (Get-Text $example.remarks).Trim() | Should -Match '\S+ \S+'
        }
    }

    It 'has examples whose parameters exist' {
        foreach ($example in $help.examples.example) {
            # The text after a prompt is input; the rest is output.
            $first, $rest = $example.code, (Get-Text $example.remarks) -join "`n" -split "`n"
            $typed = @($first) + $rest.Where({ $_ -match '^PS[^>]*> ' }).ForEach({ $_ -replace '^PS[^>]*> ' })
            foreach ($line in $typed) {
                $ast = [System.Management.Automation.Language.Parser]::ParseInput($line, [ref] $null, [ref] $null)
                foreach ($call in $ast.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true)) {
                    $known = $module.ExportedCmdlets[[string]$call.GetCommandName()]
                    if (-not $known) { continue }
                    foreach ($used in $call.CommandElements.Where({ $_ -is [System.Management.Automation.Language.CommandParameterAst] })) {
                        $name = $used.ParameterName
                        { $known.ResolveParameter($name) } | Should -Not -Throw -Because "-$name occurs in: $line"
                    }
                }
            }
        }
    }

    It 'contains no realistic secret' {
        (Get-Help $Name -Full | Out-String) -replace 'https://\S+' | Should -Not -Match '(?<![A-Za-z0-9/+=])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])'
    }
}

Describe 'Help of <Name> -<ParameterName>' -ForEach $parameters {
    It 'describes the parameter' {
        $help = Get-Help $Name -Parameter $ParameterName
        (Get-Text $help.description).Trim() | Should -Match '^[A-Z0-9]' -Because 'each parameter is explained'
        (Get-Text $help.description).Length | Should -BeGreaterThan 15
    }
}

Describe 'Command <Name>' -ForEach $commands {
    It 'has an approved verb and its own noun' {
        $verb, $noun = $Name.Split('-', 2)
        $verb | Should -BeIn (Get-Verb).Verb
        $noun | Should -Match '^(Role|IdentityCenter)([A-Z]\w*)?$'
    }

    It 'declares its output type' {
        $Command.OutputType | Should -Not -BeNullOrEmpty
    }

    It 'supports -WhatIf if it writes' {
        if ($Command.Verb -in 'Set', 'Remove', 'Clear', 'Update', 'Connect', 'Disconnect') { $Command.Parameters.Keys | Should -Contain 'WhatIf' }
    }

    It 'is alone in a file of its name, with error ids that end in the name of its class' {
        $class = $Name.Replace('-', '') + 'Command'
        $file = Join-Path $PSScriptRoot '..' 'cmdlets' 'Commands' "$class.cs"
        [regex]::Matches((Get-Content $file -Raw), '(?m)^public .*class (\w+)').ForEach({ $_.Groups[1].Value }) | Should -Be $class
        $Command.ImplementingType.FullName | Should -Be "RoleCredentials.$class"
    }

    It 'has a suite' {
        Join-Path $PSScriptRoot "$Name.Tests.ps1" | Should -Exist
    }
}

Describe 'Parameter <ParameterName> of <Name>' -ForEach $parameters {
    It 'has the same type and aliases everywhere' {
        $word = $words[$ParameterName]
        $word | Should -Not -BeNullOrEmpty -Because 'Parameters.psd1 must list every parameter name'
        $type = $Parameter.ParameterType
        if ($type.IsArray) { $type = $type.GetElementType() }
        $type = [System.Nullable]::GetUnderlyingType($type) ?? $type
        $type.Name | Should -Be $word.Type
        $unknown = @($Parameter.Aliases).Where({ $_ -notin $word.Aliases })
        $unknown | Should -BeNullOrEmpty
    }
}

Describe 'File <RelativePath>' -ForEach $files {
    BeforeAll {
        $tokens = $null
        $ast = Get-Ast $Path ([ref] $tokens)
        $own = foreach ($file in Get-ChildItem (Join-Path $PSScriptRoot '..' 'cmdlets') -Recurse -Include *.ps1) {
            (Get-Ast $file.FullName).FindAll({ $args[0] -is [System.Management.Automation.Language.FunctionDefinitionAst] }, $true).Name
        }
        # A caller's function cannot replace a command with a module-qualified name.
        $engine = (Get-Command -Module Microsoft.PowerShell.Core -CommandType Cmdlet).ForEach({ "Microsoft.PowerShell.Core\$($_.Name)" })
    }

    It 'calls only itself and the engine, by module-qualified names' {
        $calls = $ast.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true)
        $foreign = foreach ($call in $calls) {
            $called = $call.GetCommandName()
            if ($called -and $called -notin $own -and $called -notin $engine) { "$called in line $($call.Extent.StartLineNumber)" }
        }
        $foreign | Should -BeNullOrEmpty
    }

    It 'has no line continued with a backtick' {
        $tokens.Where({ $_.Kind -eq 'LineContinuation' }).ForEach({ "line $($_.Extent.StartLineNumber)" }) | Should -BeNullOrEmpty
    }
}

Describe 'The module' {
    It 'exports the commands in its manifest, each with one class in Commands' {
        $listed = (Import-PowerShellDataFile (Join-Path $module.ModuleBase 'RoleCredentials.psd1')).CmdletsToExport | Sort-Object
        $module.ExportedCmdlets.Keys | Sort-Object | Should -Be $listed
        $module.ExportedFunctions.Keys | Should -BeNullOrEmpty
        (Get-ChildItem (Join-Path $PSScriptRoot '..' 'cmdlets' 'Commands')).BaseName | Sort-Object | Should -Be $listed.ForEach({ $_.Replace('-', '') + 'Command' })
        $module.ExportedVariables.Keys | Should -BeNullOrEmpty
    }

    It 'has its own help page' {
        Get-Help about_RoleCredentials | Out-String | Should -Match 'QUICK START'
    }
}
