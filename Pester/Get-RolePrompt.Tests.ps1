BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Sandbox.psm1')
    Enter-Sandbox
    $admin = 'arn:aws:iam::123456789012:role/Admin'
    Set-SandboxRole
}

AfterAll { Exit-Sandbox }

Describe 'Get-RolePrompt' {
    AfterEach { Exit-Role -All }

    It 'returns nothing without an entered role' {
        Get-RolePrompt | Should -BeNullOrEmpty
        "[$(Get-RolePrompt)]" | Should -Be '[]'
    }

    It 'returns the name and the minutes left' {
        Enter-Role -ProfileName prod
        Get-RolePrompt | Should -Match '^prod (5|6)\dm$'
    }

    It 'omits the minutes if the credentials do not expire' {
        Enter-Role -ProfileName default
        Get-RolePrompt | Should -Be 'default'
    }

    It 'fills a format' {
        Enter-Role -ProfileName prod -Region eu-west-1
        Get-RolePrompt '{Depth}:{Name}@{Account}/{Role} {Region}' | Should -Be '1:prod@123456789012/Admin eu-west-1'
        Get-RolePrompt 'no place' | Should -Be 'no place'
    }

    It 'escapes everything except the format itself' {
        Enter-Role -ProfileName prod
        [RoleCredentials.RoleStack]::Frames[0].Name = "a`e[31m`u{202e}b"
        Get-RolePrompt "`e[1m{Name}" | Should -BeExactly "`e[1ma\u001b[31m\u202eb"
    }

    It 'takes less than a millisecond' {
        Enter-Role $admin
        $null = Get-RolePrompt
        $times = 1..50 | ForEach-Object { (Measure-Command { $null = Get-RolePrompt }).TotalMilliseconds } | Sort-Object
        $times[25] | Should -BeLessThan 1
    }
}

Describe 'docs/prompt.md' {
    BeforeAll {
        $page = Get-Content (Join-Path $PSScriptRoot '..' 'docs' 'prompt.md') -Raw
        $snippets = [regex]::Matches($page, '(?ms)^```powershell\n(.*?)^```$').ForEach({ $_.Groups[1].Value })
        # Runs a snippet and what follows in a scope of its own, because it defines a prompt.
        function Invoke-Snippet([int] $Number, [string] $Then) { & ([scriptblock]::Create("$($snippets[$Number])`n$Then")) }
        $around = "{0}; Enter-Role -ProfileName prod -Region eu-west-1; {0}; Exit-Role; {0}"
    }
    AfterEach { Exit-Role -All }

    It 'has a prompt that starts with the role' {
        $before, $within, $after = Invoke-Snippet 0 ($around -f 'prompt')
        $before | Should -Match '^PS .+> $'
        $within | Should -Match '^\[prod [56]\dm\] PS .+> $'
        $after | Should -Be $before
    }

    It 'has a prompt with account, region and a separate color for production' {
        $before, $within, $null = Invoke-Snippet 1 ($around -f 'prompt')
        $before | Should -Be 'PS> '
        $within | Should -Match '^(\e\[\d+m)?prod 123456789012 eu-west-1 [56]\dm(\e\[0m)? PS> $'
    }

    It 'names the variables for Starship, which the module sets' {
        $rows = [regex]::Matches($page, '(?m)^\| `\$(\w+)` +\| `(\w+)` +\|$')
        $rows.ForEach({ $_.Groups[1].Value }) | Should -Be 'profile', 'region', 'duration'
        Enter-Role -ProfileName prod -Region eu-west-1
        $values = $rows.ForEach({ [System.Environment]::GetEnvironmentVariable($_.Groups[2].Value) })
        $values[0, 1] | Should -Be 'prod', 'eu-west-1'
        $values[2] | Should -Match '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$'
    }

    It 'passes the text to Oh My Posh' {
        $before, $within, $after = Invoke-Snippet 2 ($around -f 'Set-PoshContext; "<$env:ROLE_PROMPT>"')
        $before, $after | Should -Be '<>', '<>'
        $within | Should -Match '^<prod [56]\dm>$'
    }

    It 'describes renewal correctly' {
        Invoke-Snippet 3 | Should -BeTrue
    }
}
