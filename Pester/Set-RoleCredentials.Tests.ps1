BeforeAll { Import-Module (Join-Path $PSScriptRoot 'Sandbox.psm1') }

Describe 'Set-RoleCredentials' {
    BeforeEach {
        Enter-Sandbox
        $jo = Get-SandboxKey jo
        $folder = Join-Path (Get-SandboxHome) '.aws'
        $admin = 'arn:aws:iam::123456789012:role/Admin'
        $joSection = "[default]`naws_access_key_id = $($jo.AccessKey)`naws_secret_access_key = $($jo.SecretKey)`n"
        function Get-Stored([string] $Name) { Get-Content (Join-Path $folder $Name) -Raw -ErrorAction Ignore }
    }
    AfterEach { Exit-Sandbox }

    It 'has the alias Set-RoleCredential' {
        (Get-Alias Set-RoleCredential).Definition | Should -Be 'Set-RoleCredentials'
    }

    It 'stores keys given as <What>' -ForEach @(
        @{ What = 'text'; Script = { Set-RoleCredentials @jo } }
        @{ What = 'SecureString'; Script = {
                Set-RoleCredentials -AccessKey $jo.AccessKey -SecretKey (ConvertTo-SecureString $jo.SecretKey -AsPlainText)
            }
        }
        @{ What = 'PSCredential'; Script = {
                Set-RoleCredentials -Credential ([pscredential]::new($jo.AccessKey, (ConvertTo-SecureString $jo.SecretKey -AsPlainText)))
            }
        }
        @{ What = 'properties'; Script = { [pscustomobject]$jo | Set-RoleCredentials } }
    ) {
        & $Script | Should -BeNullOrEmpty
        Get-Stored credentials | Should -BeExactly $joSection
    }

    It 'stores a role, and an update keeps the other settings' {
        Set-RoleCredentials @jo
        Set-RoleCredentials -StoreAs prod -RoleArn $admin -SourceProfile default -Region eu-west-1 -Tag @{ project = 'apollo' }
        Set-RoleCredentials -StoreAs prod -DurationInSeconds 7200
        $stored = Get-RoleProfile prod
        $stored.RoleArn | Should -Be $admin
        $stored.Region | Should -Be 'eu-west-1'
        $stored.Tag['project'] | Should -Be 'apollo'
        $stored.DurationInSeconds | Should -Be 7200
    }

    It 'keeps comments, order and line endings' {
        $null = New-Item $folder -ItemType Directory
        $before = "# mine`r`n[profile prod]`r`nrole_arn = $admin`r`n; why`r`nsource_profile = default`r`nregion=eu-west-1"
        [System.IO.File]::WriteAllText((Join-Path $folder 'config'), $before)
        [System.IO.File]::WriteAllText((Join-Path $folder 'credentials'), $joSection)
        Set-RoleCredentials -StoreAs prod -Region eu-central-1
        Get-Stored config | Should -BeExactly ($before -replace 'region=eu-west-1', 'region=eu-central-1')
    }

    It 'makes a stored profile the default' {
        Set-RoleCredentials @jo -StoreAs base -Region eu-west-1
        Set-RoleCredentials -ProfileName base
        (Get-RoleProfile default).Region | Should -Be 'eu-west-1'
        (Use-Role $admin).RoleArn | Should -Be $admin
    }

    It 'stores in another file with -ProfileLocation' {
        Set-RoleCredentials @jo -ProfileLocation (Join-Path $TestDrive 'profiles')
        Get-Content (Join-Path $TestDrive 'profiles') -Raw | Should -BeExactly $joSection
        $folder | Should -Not -Exist
    }

    It 'changes nothing with -WhatIf' {
        Set-RoleCredentials @jo -WhatIf
        Get-Stored credentials | Should -BeNullOrEmpty
    }

    It 'writes files that others cannot read' -Skip:$IsWindows {
        Set-RoleCredentials @jo -Region eu-west-1
        foreach ($name in 'credentials', 'config') { (Get-Item (Join-Path $folder $name)).UnixMode | Should -Be '-rw-------' }
        (Get-Item $folder -Force).UnixMode | Should -Be 'drwx------'
    }

    It 'refuses <What>, and stores nothing' -ForEach @(
        @{ What = 'a secret with a line break'; Parameters = @{ AccessKey = 'AKIA'; SecretKey = "a`nb" }; Id = 'ValueRefused' }
        @{ What = 'a name with a bracket'; Parameters = @{ AccessKey = 'AKIA'; SecretKey = 'x'; StoreAs = 'a]b' }; Id = 'ProfileNameInvalid' }
        @{ What = 'a role without a source'; Parameters = @{ RoleArn = 'arn:aws:iam::123456789012:role/Admin' }; Id = 'SourceMissing' }
        @{ What = 'both sources'; Parameters = @{ RoleArn = 'arn:aws:iam::123456789012:role/Admin'; SourceProfile = 'a'; CredentialSource = 'Environment' }; Id = 'SourceConflict' }
        @{ What = 'a malformed ARN'; Parameters = @{ RoleArn = 'nonsense'; CredentialSource = 'Environment' }; Id = 'ArnInvalid' }
        @{ What = 'an invalid region'; Parameters = @{ Region = 'eu west' }; Id = 'RegionInvalid' }
        @{ What = 'an unknown profile'; Parameters = @{ ProfileName = 'nobody' }; Id = 'ProfileNotFound' }
        @{ What = 'a missing secret without a terminal'; Parameters = @{ AccessKey = 'AKIA' }; Id = 'InputRequired' }
    ) {
        $failure = { Set-RoleCredentials @Parameters } | Should -Throw -ErrorId "$Id,RoleCredentials.SetRoleCredentialsCommand" -PassThru
        $failure.ErrorDetails.RecommendedAction | Should -Match '\w+ \w+'
        Get-Stored credentials | Should -BeNullOrEmpty
        Get-Stored config | Should -BeNullOrEmpty
    }
}

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Sandbox.psm1')
    $problem = Get-SandboxKeychainProblem
}

Describe "Set-RoleCredentials -Vault$($problem ? " [skipped: $problem]" : '')" -Skip:([bool]$problem) {
    BeforeEach {
        Enter-Sandbox
        Enter-SandboxKeychain
        $jo = Get-SandboxKey
        $folder = Join-Path (Get-SandboxHome) '.aws'
        $admin = 'arn:aws:iam::123456789012:role/Admin'
        $joSection = "[default]`naws_access_key_id = $($jo.AccessKey)`naws_secret_access_key = $($jo.SecretKey)`n"
        function Get-Stored([string] $Name) { Get-Content (Join-Path $folder $Name) -Raw -ErrorAction Ignore }
    }
    AfterEach {
        Exit-SandboxKeychain
        Exit-Sandbox
    }

    It 'moves the keys of a profile from the file to the keychain' {
        Set-RoleCredentials @jo -StoreAs old -Region eu-west-1
        Set-RoleCredentials -ProfileName old -Vault
        Get-Stored credentials | Should -Not -Match 'aws_'
        $stored = Get-RoleProfile old
        $stored.Source, $stored.KeyStore, $stored.Region | Should -Be 'keychain', 'keychain', 'eu-west-1'
        (Use-Role $admin -SourceProfile old).RoleArn | Should -Be $admin
    }

    It 'keeps given keys out of the file' {
        Set-RoleCredentials @jo -Vault
        Get-Stored credentials | Should -BeNullOrEmpty
        Get-Stored config | Should -Not -Match ([regex]::Escape($jo.SecretKey))
        (Use-Role default).SecretAccessKey | Should -Be $jo.SecretKey
    }

    It 'moves the keys of every profile in the pipeline' {
        Set-RoleCredentials @jo -StoreAs one
        Set-RoleCredentials @jo -StoreAs two
        Get-RoleProfile | Set-RoleCredentials -Vault
        (Get-RoleProfile).KeyStore | Should -Be 'keychain', 'keychain'
    }

    It 'moves nothing with -WhatIf' {
        Set-RoleCredentials @jo
        Set-RoleCredentials -ProfileName default -Vault -WhatIf
        Get-Stored credentials | Should -BeExactly $joSection
    }

    It 'refuses <What>, and stores nothing' -ForEach @(
        @{ What = 'a copy'; Parameters = @{ ProfileName = 'default'; StoreAs = 'new' }; Id = 'ParameterConflict' }
        @{ What = 'a role'; Parameters = @{ RoleArn = 'arn:aws:iam::123456789012:role/Admin'; CredentialSource = 'Environment' }; Id = 'SourceConflict' }
        @{ What = 'a profile without keys'; Parameters = @{ ProfileName = 'nobody' }; Id = 'ProfileIncomplete' }
    ) {
        { Set-RoleCredentials @Parameters -Vault } | Should -Throw -ErrorId "$Id,RoleCredentials.SetRoleCredentialsCommand"
        Get-Stored credentials | Should -BeNullOrEmpty
        Get-Stored config | Should -BeNullOrEmpty
    }
}
