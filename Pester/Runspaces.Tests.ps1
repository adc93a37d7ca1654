# All runspaces of a process share one core.

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Sandbox.psm1')
    Enter-Sandbox
    $module = (Get-Module RoleCredentials).Path
    Set-SandboxRole
}

AfterAll { Exit-Sandbox }

Describe 'Runspaces' {
    It 'share one call to STS' {
        Clear-Sandbox
        $keys = 1..10 | ForEach-Object -ThrottleLimit 10 -Parallel {
            Import-Module $using:module
            1..5 | ForEach-Object { (Use-Role -ProfileName prod).AccessKeyId }
        }
        $keys | Should -HaveCount 50
        $keys | Select-Object -Unique | Should -HaveCount 1
        Get-SandboxCall AssumeRole | Should -HaveCount 1
    }

    It 'are served after the one that started the core has ended' {
        $keys = foreach ($round in 1..3) {
            $other = [powershell]::Create([initialsessionstate]::CreateDefault2())
            $other.AddScript('Import-Module $args[0]; (Use-Role -ProfileName prod).AccessKeyId').AddArgument($module).Invoke()
            $other.Runspace.Dispose()
            (Use-Role -ProfileName prod).AccessKeyId
        }
        $keys | Should -HaveCount 6
    }

    It 'without a host that can prompt get one error, which suggests -TokenCode' {
        Set-RoleCredentials -StoreAs secure -RoleArn arn:aws:iam::123456789012:role/MfaRequired -SourceProfile default -MfaSerial arn:aws:iam::111111111111:mfa/jo
        $other = [powershell]::Create([initialsessionstate]::CreateDefault2())
        $said = $other.AddScript('Import-Module $args[0]; try { Use-Role -ProfileName secure } catch { $_.ErrorDetails.RecommendedAction }; $Error | ForEach-Object FullyQualifiedErrorId').AddArgument($module).Invoke()
        $other.Runspace.Dispose()
        $said | Should -HaveCount 2
        $said[0] | Should -Match '-TokenCode'
        $said[1] | Should -Be 'MfaRequired,RoleCredentials.UseRoleCommand'
    }
}
