BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Sandbox.psm1')
    Enter-Sandbox
    $jo = Get-SandboxKey jo
    $role = @{ RoleArn = 'arn:aws:iam::123456789012:role/Admin'; MfaSerial = 'arn:aws:iam::111111111111:mfa/jo' }
    Set-RoleCredentials @jo -Region eu-west-1
    Set-RoleCredentials -StoreAs prod -SourceProfile default -ExternalId ticket-42 @role
    Set-RoleCredentials -StoreAs Prod -SourceProfile default -MfaSession @role
    Set-RoleCredentials -StoreAs batch -RoleArn $role.RoleArn -CredentialSource Ec2InstanceMetadata
}

AfterAll { Exit-Sandbox }

Describe 'Get-RoleProfile' {
    It 'lists all profiles with the source of their credentials' {
        (Get-RoleProfile).ProfileName | Sort-Object -CaseSensitive | Should -BeExactly 'batch', 'default', 'prod', 'Prod'
        (Get-RoleProfile batch).Source | Should -Be 'Ec2InstanceMetadata'
        (Get-RoleProfile default).Source | Should -Be 'keys'
        (Get-RoleProfile prod).Source | Should -Be 'profile default'
    }

    It 'finds profiles by case-sensitive name, by pattern and from the pipeline' {
        (Get-RoleProfile Prod).ProfileName | Should -BeExactly 'Prod'
        (Get-RoleProfile 'b*').ProfileName | Should -Be 'batch'
        ('batch', 'prod' | Get-RoleProfile).ProfileName | Should -BeExactly 'batch', 'prod'
    }

    It 'has the properties that Set-RoleCredentials accepts, and those that distinguish profiles' {
        $names = (Get-RoleProfile prod).PSObject.Properties.Name.Where({ $_ -notin 'Source', 'Account', 'Role', 'SsoSession', 'LoginSession', 'KeyStore' })
        foreach ($name in $names) { (Get-Command Set-RoleCredentials).Parameters.Keys | Should -Contain $name }
    }

    It 'reports a missing name and continues' {
        $found = Get-RoleProfile nobody, prod -ErrorAction SilentlyContinue -ErrorVariable failures
        $found.ProfileName | Should -Be 'prod'
        $failures[0].FullyQualifiedErrorId | Should -Be 'ProfileNotFound,RoleCredentials.GetRoleProfileCommand'
        $failures[0].TargetObject | Should -Be 'nobody'
        Get-RoleProfile 'nobody*' | Should -BeNullOrEmpty
        Get-RoleProfile PROD -ErrorAction SilentlyContinue -ErrorVariable failures
        "$failures" | Should -Match "^There is no profile 'PROD'\. Line \d+ of .* is \[profile prod\], which "
    }

    It 'shows a table that fits <Width> columns without truncation' -ForEach @{ Width = 80 }, @{ Width = 120 } {
        $shown = Get-RoleProfile | Out-String -Width $Width
        $lines = $shown.Split("`n").TrimEnd() -ne ''
        $lines[0] -split ' +' | Should -Be 'Account', 'ProfileName', 'Role', 'Source', 'MFA', 'Region'
        $lines.ForEach({ $_.Length }) | Should -Not -BeGreaterThan $Width
        ($shown -replace '\s') | Should -Not -Match '…'
        ($lines -match ' prod ')[0] | Should -Match '^\d{12} prod +\w+ +default +code'
    }

    It 'shows only configured settings in a list' {
        $shown = Get-RoleProfile prod | Format-List | Out-String
        $shown | Should -Match 'ExternalId    : ticket-42'
        $shown | Should -Not -Match 'Region'
    }

    It 'shows no secret' {
        $all = Get-RoleProfile | Format-List * | Out-String -Width 500
        $all | Should -Not -Match ([regex]::Escape($jo.SecretKey))
        $all | Should -Not -Match $jo.AccessKey
        (Get-RoleProfile default).AccessKey | Should -Be '****************0001'
    }

    It 'fails with the line of a broken file' {
        $file = Join-Path $TestDrive 'broken'
        Set-Content $file "[default]`nregion"
        $failure = { Get-RoleProfile -ProfileLocation $file } | Should -Throw -ErrorId 'FileBroken,RoleCredentials.GetRoleProfileCommand' -PassThru
        $failure.Exception.Message | Should -Match '\bline 2\b'
        $failure.TargetObject | Should -Be $file
    }
}
