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

    It 'stores a credential_process for a profile with -AsProcess, which AWS tools run' {
        Set-RoleCredentials @jo -Region eu-west-1
        Set-RoleCredentials -StoreAs prod -RoleArn $admin -SourceProfile default
        Set-RoleCredentials -ProfileName prod -StoreAs tool -AsProcess
        (Get-RoleProfile tool).Source | Should -Be 'credential process'
        Get-Stored config | Should -Match 'credential_process = .* credential-process --profile prod'
        (Use-Role tool).AccessKeyId | Should -BeLike 'ASIA*'
        Set-RoleCredentials -ProfileName prod -StoreAs tool -AsProcess -WhatIf -Verbose 4>&1 | Should -BeLike '*up to date*'
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
        @{ What = 'a credential_process without a profile'; Parameters = @{ AsProcess = $true; StoreAs = 'a' }; Id = 'ParameterConflict' }
        @{ What = 'a credential_process for another file'; Parameters = @{ AsProcess = $true; ProfileName = 'a'; ProfileLocation = 'other' }; Id = 'ParameterConflict' }
        @{ What = 'a credential_process for the profile itself'; Parameters = @{ AsProcess = $true; ProfileName = 'a'; StoreAs = 'a' }; Id = 'ProfileCycle' }
        @{ What = 'an unknown profile'; Parameters = @{ ProfileName = 'nobody' }; Id = 'ProfileNotFound' }
        @{ What = 'a missing secret without a terminal'; Parameters = @{ AccessKey = 'AKIA' }; Id = 'InputRequired' }
    ) {
        $failure = { Set-RoleCredentials @Parameters } | Should -Throw -ErrorId "$Id,RoleCredentials.SetRoleCredentialsCommand" -PassThru
        $failure.ErrorDetails.RecommendedAction | Should -Match '\w+ \w+'
        Get-Stored credentials | Should -BeNullOrEmpty
        Get-Stored config | Should -BeNullOrEmpty
    }
}
