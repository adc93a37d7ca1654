# Every kind of copy of a credentials object works in every place that accepts credentials.

BeforeDiscovery {
    $copies = @(
        @{ Copy = 'the object itself'; Script = { param($object) $object } }
        @{ Copy = 'a copy of Select-Object *'; Script = { param($object) $object | Select-Object * } }
        @{ Copy = 'a copy through JSON'; Script = { param($object) $object | ConvertTo-Json | ConvertFrom-Json } }
        @{ Copy = 'a copy through JSON as a hashtable'; Script = { param($object) $object | ConvertTo-Json | ConvertFrom-Json -AsHashtable } }
        @{ Copy = 'a copy through CLIXML'; Script = {
                param($object)
                Export-Clixml -InputObject $object -Path (Join-Path $TestDrive 'copy.xml')
                Import-Clixml (Join-Path $TestDrive 'copy.xml')
            }
        }
        @{ Copy = 'a copy through CSV'; Script = { param($object) $object | ConvertTo-Csv | ConvertFrom-Csv } }
        @{ Copy = 'a copy from a job'; Script = { param($object) Start-Job { $using:object } | Receive-Job -Wait -AutoRemoveJob } }
        @{ Copy = 'a deserialized copy that no type file made whole'; Script = {
                param($object)
                # As in a session without the module, which lacks the type file.
                $bag = [pscustomobject]@{}
                foreach ($property in $object.PSObject.Properties) { $bag | Add-Member $property.Name $property.Value }
                $bag.PSTypeNames.Insert(0, 'Deserialized.RoleCredentials.RoleCredentials')
                $bag
            }
        }
    )
    $uses = @(
        @{ Use = 'Get-STSCallerIdentity, from the pipeline'; Act = { param($copy) ($copy | Get-STSCallerIdentity).Arn } }
        @{ Use = 'Get-STSCallerIdentity -Credential'; Act = { param($copy) (Get-STSCallerIdentity -Credential $copy).Arn } }
        @{ Use = 'Use-Role, from the pipeline'; Act = { param($copy) (Get-STSCallerIdentity -Credential ($copy | Use-Role)).Arn } }
        @{ Use = 'Use-Role -ScriptBlock'; Act = { param($copy) $copy | Use-Role -ScriptBlock { (Get-STSCallerIdentity).Arn } } }
        @{ Use = 'Use-Role -Credential'; Act = { param($copy) (Get-STSCallerIdentity -Credential (Use-Role -Credential $copy)).Arn } }
        @{ Use = 'Enter-Role, from the pipeline'; Act = {
                param($copy)
                $copy | Enter-Role
                try { (Get-STSCallerIdentity).Arn } finally { Exit-Role }
            }
        }
        @{ Use = 'Enter-Role -Credential'; Act = {
                param($copy)
                Enter-Role -Credential $copy
                try { (Get-STSCallerIdentity).Arn } finally { Exit-Role }
            }
        }
    )
    $cases = foreach ($copy in $copies) { foreach ($use in $uses) { $copy + $use } }
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Sandbox.psm1')
    Enter-Sandbox
    Import-SandboxAwsTools
    $admin = 'arn:aws:iam::123456789012:role/Admin'
    $jo = Get-SandboxKey jo
    Set-SandboxRole
    $role = Use-Role prod copied
    $asRole = 'arn:aws:sts::123456789012:assumed-role/Admin/copied'
    $made = @{}
    # Make each kind of copy once, because a job is slow.
    function Get-Copy([string] $Kind, [scriptblock] $Make) { $made[$Kind] ??= & $Make $role; $made[$Kind] }
}

AfterAll { Exit-Sandbox }

Describe 'Credentials' {
    BeforeEach { Clear-Sandbox }

    It '<Copy> acts as the role in <Use>' -ForEach $cases {
        & $Act (Get-Copy $Copy $Script) | Should -Be $asRole
        Get-SandboxCall AssumeRole | Should -BeNullOrEmpty -Because 'the object already has the credentials of the role'
    }

    It '<Copy> keeps the properties of the role' -ForEach $copies {
        $again = Get-Copy $Copy $Script | Use-Role
        foreach ($name in 'AccessKeyId', 'SecretAccessKey', 'SessionToken', 'RoleArn', 'ProfileName', 'AccountId', 'Region') {
            $again.$name | Should -Be $role.$name -Because $name
        }
        $again.AssumedRoleUser.Arn | Should -Be $asRole
        (Get-Copy $Copy $Script | Enter-Role -PassThru).RoleArn | Should -Be $admin
        Exit-Role
    }

    It '<Copy> opens the console as the role' -ForEach $copies {
        Get-Copy $Copy $Script | Open-RoleConsole -SignIn -PassThru | Should -Match 'SigninToken='
        (Get-SandboxCall).action | Should -Be 'getSigninToken'
    }

    It '<Copy> assumes the role on the command line' -ForEach $copies {
        $other = Get-Copy $Copy $Script | Use-Role 'arn:aws:iam::222222222222:role/ChainB' -ErrorAction SilentlyContinue -ErrorVariable failures
        @($other) + @($failures) | Should -Not -BeNullOrEmpty
        (Get-SandboxCall AssumeRole).principal | Should -Be $asRole
    }

    It 'are refused without <_>' -ForEach 'AccessKeyId', 'SecretAccessKey' {
        $half = $role | Select-Object * -ExcludeProperty $_, ($_ -eq 'AccessKeyId' ? 'AccessKey' : $_)
        { $half | Use-Role -ErrorAction Stop } | Should -Throw -ErrorId 'CredentialInvalid,RoleCredentials.UseRoleCommand'
        { $half | Enter-Role } | Should -Throw -ErrorId 'CredentialInvalid,RoleCredentials.EnterRoleCommand'
        { Use-Role -Credential $half } | Should -Throw -ErrorId 'CredentialInvalid,RoleCredentials.UseRoleCommand'
        { Get-STSCallerIdentity -Credential $half } | Should -Throw
        Get-SandboxCall | Should -BeNullOrEmpty
    }

    It 'are accepted from AWS tools as <What>, in the pipeline and as -Credential' -ForEach @(
        @{ What = 'the response'; Script = { $response } }
        @{ What = 'a deserialized response'; Script = { [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($response, 3)) } }
        @{ What = 'the response through JSON'; Script = { $response | ConvertTo-Json -Depth 4 | ConvertFrom-Json } }
        @{ What = 'the credentials of the response'; Script = { $response.Credentials } }
        @{ What = 'deserialized credentials of the response'; Script = { [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($response.Credentials, 2)) } }
        @{ What = 'session credentials'; Script = { [Amazon.Runtime.SessionAWSCredentials]::new($role.AccessKeyId, $role.SecretAccessKey, $role.SessionToken) } }
        @{ What = 'the output of the AWS CLI'; Script = { @{ Version = 1; AccessKeyId = $role.AccessKeyId; SecretAccessKey = $role.SecretAccessKey; SessionToken = $role.SessionToken; Expiration = '2099-01-01T00:00:00+00:00' } | ConvertTo-Json | ConvertFrom-Json } }
    ) {
        $response = [Amazon.SecurityToken.Model.AssumeRoleResponse]::new()
        $response.Credentials = [Amazon.SecurityToken.Model.Credentials]::new($role.AccessKeyId, $role.SecretAccessKey, $role.SessionToken, [datetime]::UtcNow.AddHours(1))
        $response.AssumedRoleUser = [Amazon.SecurityToken.Model.AssumedRoleUser]@{ Arn = $asRole; AssumedRoleId = 'AROA:copied' }
        $copy = & $Script
        (Get-STSCallerIdentity -Credential (Use-Role -Credential $copy)).Arn | Should -Be $asRole
        (Get-STSCallerIdentity -Credential ($copy | Use-Role)).Arn | Should -Be $asRole
        $copy | Use-Role -ScriptBlock { (Get-STSCallerIdentity).Arn } | Should -Be $asRole
        if ($copy.PSTypeNames[0] -ne 'Amazon.SecurityToken.Model.AssumeRoleResponse') { (Get-STSCallerIdentity -Credential $copy).Arn | Should -Be $asRole }
    }

    It 'are refused in a deserialized copy without keys' {
        $sdk = [Amazon.Runtime.SessionAWSCredentials]::new($role.AccessKeyId, $role.SecretAccessKey, $role.SessionToken)
        $empty = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($sdk))
        { Use-Role -Credential $empty } | Should -Throw -ErrorId 'CredentialInvalid,RoleCredentials.UseRoleCommand'
        { $empty | Use-Role -ErrorAction Stop } | Should -Throw
        { $empty | Enter-Role } | Should -Throw
        { Get-STSCallerIdentity -Credential $empty } | Should -Throw
    }

    It 'are accepted as long-term keys of AWS Tools, and refused if they are anonymous' {
        $keys = [Amazon.Runtime.BasicAWSCredentials]::new($jo.AccessKey, $jo.SecretKey)
        $null = Use-Role $admin -NoCache -Credential $keys
        (Get-SandboxCall AssumeRole).principal | Should -Be 'arn:aws:iam::111111111111:user/jo'
        Set-RoleCredentials -StoreAs basic -Credential $keys
        (Get-RoleProfile basic).Source | Should -Be 'keys'
        { Use-Role $admin -Credential ([Amazon.Runtime.AnonymousAWSCredentials]::new()) } | Should -Throw -ErrorId 'CredentialInvalid,RoleCredentials.UseRoleCommand'
    }

    It 'are stored as keys by Set-RoleCredentials' {
        $role | Select-Object * | Set-RoleCredentials -StoreAs kept
        # The SDK remembers the first home of this process.
        (Get-STSCallerIdentity -ProfileName kept -ProfileLocation (Join-Path (Get-SandboxHome) .aws credentials)).Arn | Should -Be $asRole
        (Get-RoleProfile kept).RoleArn | Should -BeNullOrEmpty
    }

    It 'are one flat object in JSON of any depth, with each secret once' {
        $texts = foreach ($depth in 0, 1, 2, 10, 100) { ConvertTo-Json $role -Depth $depth -WarningVariable warnings; $warnings | Should -BeNullOrEmpty }
        $texts | Select-Object -Unique | Should -HaveCount 1
        [regex]::Matches($texts[0], [regex]::Escape(($role.SecretAccessKey | ConvertTo-Json))).Count | Should -Be 1
        foreach ($property in ($texts[0] | ConvertFrom-Json).PSObject.Properties) { $property.Value -is [System.Management.Automation.PSCustomObject] | Should -BeFalse -Because $property.Name }
    }

    It 'have the members of the response of Use-STSRole' {
        $role.Credentials.AccessKeyId | Should -Be $role.AccessKeyId
        $role.Credentials.SecretAccessKey | Should -Be $role.SecretAccessKey
        $role.Credentials.SessionToken | Should -Be $role.SessionToken
        $role.Credentials.Expiration | Should -Be $role.Expiration
        $role.AssumedRoleUser.Arn | Should -Be $asRole
        $role.AssumedRoleUser.AssumedRoleId | Should -Match '^AROA.*:copied$'
        (Get-STSCallerIdentity -Credential $role.Credentials).Arn | Should -Be $asRole
    }
}
