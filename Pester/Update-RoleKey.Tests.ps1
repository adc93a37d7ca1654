BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Sandbox.psm1')
    $problem = Get-SandboxKeychainProblem
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Sandbox.psm1')
    Enter-Sandbox
    $jo = Get-SandboxKey
    $class = 'RoleCredentials.UpdateRoleKeyCommand'
    Set-RoleCredentials @jo -Region eu-west-1
    Set-RoleCredentials @jo -StoreAs twin
    $ann = Get-SandboxKey ann
    Set-RoleCredentials @ann -StoreAs ann
    Set-RoleCredentials -StoreAs prod -RoleArn arn:aws:iam::123456789012:role/Admin -SourceProfile default
}

AfterAll {
    Restore-SandboxKey
    Exit-Sandbox
}

Describe 'Update-RoleKey' {
    BeforeEach { Clear-Sandbox }

    It 'replaces the key in every profile that has it' {
        $before = (Use-Role default).AccessKeyId
        $rotated = Update-RoleKey default -Force
        $rotated.ProfileName | Should -Be 'default', 'twin'
        $rotated.UserArn | Should -Be 'arn:aws:iam::111111111111:user/jo'
        $rotated.OldAccessKey | Should -Be ('*' * 16 + $before.Substring($before.Length - 4))
        $rotated.KeyStore | Should -Be 'file'
        $rotated.Resumed | Should -BeFalse
        $new = Use-Role twin
        $new.AccessKeyId | Should -Not -Be $before
        $rotated.AccessKey | Should -Be (Get-RoleProfile default).AccessKey
        (Use-Role prod).RoleArn | Should -Match 'Admin'
        (Get-SandboxCall).action | Should -Contain 'DeleteAccessKey'
    }

    It 'rotates a key once when two profiles in the pipeline have it' {
        @(Get-RoleProfile default, twin | Update-RoleKey -Force).Count | Should -Be 1
        @(Get-SandboxCall CreateAccessKey).Count | Should -Be 1
    }

    It 'makes no call with -WhatIf' {
        $before = (Get-RoleProfile default).AccessKey
        Update-RoleKey default -WhatIf | Should -BeNullOrEmpty
        Get-SandboxCall | Should -BeNullOrEmpty
        (Get-RoleProfile default).AccessKey | Should -Be $before
    }

    It 'warns when the old key cannot be deleted, and deletes it the next time' {
        Add-SandboxFault @{ action = 'DeleteAccessKey'; code = 'AccessDenied'; status = 403 }
        $first = Update-RoleKey default -Force -WarningVariable warnings -WarningAction SilentlyContinue
        "$warnings" | Should -Match 'still works'
        $second = Update-RoleKey default -Force
        $second.Resumed | Should -BeTrue
        $second.OldAccessKey | Should -Be $first.OldAccessKey
    }

    It 'reports <What>, and continues with the next profile' -ForEach @(
        @{ What = 'a role'; ProfileName = 'prod'; Id = 'KeyNotRotatable' }
        @{ What = 'a missing permission'; ProfileName = 'ann'; Id = 'AccessDenied' }
        @{ What = 'an unknown profile'; ProfileName = 'nobody'; Id = 'ProfileNotFound' }
    ) {
        $rotated = Update-RoleKey $ProfileName, default -Force -ErrorAction SilentlyContinue -ErrorVariable failures
        $failures[0].FullyQualifiedErrorId | Should -Be "$Id,$class"
        $failures[0].ErrorDetails.RecommendedAction | Should -Match '\w+ \w+'
        $rotated.ProfileName | Should -Contain 'default'
    }

    It 'shows no secret' {
        $shown = Update-RoleKey default -Force -Verbose 4>&1 | Out-String
        $shown | Should -Match 'OldAccessKey'
        $shown | Should -Not -Match ([regex]::Escape((Use-Role default).SecretAccessKey))
        $shown | Should -Not -Match 'AKIA'
    }
}

Describe "Update-RoleKey of a key in the keychain$($problem ? " [skipped: $problem]" : '')" -Skip:([bool]$problem) {
    BeforeAll { Enter-SandboxKeychain }
    AfterAll { Exit-SandboxKeychain }

    It 'keeps the key of the profile in the keychain' {
        Set-RoleCredentials -ProfileName default -Vault
        $rotated = Update-RoleKey default -Force
        $rotated.KeyStore | Should -Be 'file' -Because 'another profile has the key in the file'
        (Get-RoleProfile default).KeyStore | Should -Be 'keychain'
        (Use-Role prod).RoleArn | Should -Match 'Admin'
        Get-Content (Join-Path (Get-SandboxHome) '.aws' 'config') -Raw | Should -Not -Match 'aws_secret_access_key'
    }
}
