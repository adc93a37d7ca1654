BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Sandbox.psm1')
    Enter-Sandbox
    $jo = Get-SandboxKey jo
    $admin = 'arn:aws:iam::123456789012:role/Admin'
    Set-RoleCredentials @jo -Region eu-west-1
    Set-RoleCredentials -StoreAs prod -RoleArn $admin -SourceProfile default
}

AfterAll { Exit-Sandbox }

Describe 'Get-RoleHistory' {
    BeforeAll {
        $null = Use-Role -ProfileName prod
        $null = Use-Role arn:aws:iam::123456789012:role/OneHour
    }

    It 'lists the roles used lately, the last one first' {
        $used = Get-RoleHistory
        $used.RoleArn | Should -Be 'arn:aws:iam::123456789012:role/OneHour', $admin
        $used[1].ProfileName | Should -Be 'prod'
        $used[0].LastUsed.Kind | Should -Be 'Utc'
    }

    It 'gives as many as are asked for' {
        (Get-RoleHistory -First 1).RoleArn | Should -Be 'arn:aws:iam::123456789012:role/OneHour'
    }

    It 'completes -RoleArn' {
        $line = 'Use-Role -RoleArn '
        $found = [System.Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null).CompletionMatches
        $found.CompletionText | Should -Contain $admin
    }

    It 'keeps no key' {
        $file = Get-ChildItem (Join-Path (Get-SandboxHome) '.aws' 'role-credentials') -Filter settings.ini
        Get-Content $file -Raw | Should -Not -Match 'AKIA|ASIA'
    }
}
