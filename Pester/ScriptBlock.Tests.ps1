# Use-Role -ScriptBlock: the block runs as the role, and nothing else does.

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Sandbox.psm1')
    Enter-Sandbox
    Import-SandboxAwsTools
    $manifest = Join-Path $PSScriptRoot '..' 'module' 'RoleCredentials.psd1'
    $role = 'arn:aws:iam::123456789012:role'
    $admin = "$role/Admin"
    $oneHour = "$role/OneHour"
    $hub = 'arn:aws:iam::111111111111:role/Hub'
    $asAdmin = 'arn:aws:sts::123456789012:assumed-role/Admin'
    $asOneHour = 'arn:aws:sts::123456789012:assumed-role/OneHour'
    $asHub = 'arn:aws:sts::111111111111:assumed-role/Hub'
    $jo = Get-SandboxKey jo
    Set-RoleCredentials @jo -Region eu-west-1
    # The identity of the environment's keys, according to STS.
    function Get-Identity {
        if (-not $env:AWS_ACCESS_KEY_ID) { return 'none' }
        $keys = @{ AccessKey = $env:AWS_ACCESS_KEY_ID; SecretKey = $env:AWS_SECRET_ACCESS_KEY; SessionToken = $env:AWS_SESSION_TOKEN }
        (Get-STSCallerIdentity @keys).Arn -replace '/RoleCredentials-session-.*'
    }
    $untouched = Get-SandboxVariable
}

AfterAll { Exit-Sandbox }

Describe 'Use-Role -ScriptBlock' {
    BeforeEach { Clear-Sandbox }
    AfterEach {
        Get-SandboxVariable | Should -Be $untouched
        (Get-Role).Depth | Should -Be 0
    }

    It 'runs only the block as the role' {
        (Use-Role $admin -ScriptBlock { Get-Identity }), (Get-Identity) | Should -Be $asAdmin, 'none'
    }

    It 'passes the block its arguments, and the credentials as $_' {
        Use-Role $admin -ScriptBlock { param($a) $a; "$args"; $_.RoleArn } -ArgumentList 1, 2, 3 | Should -Be 1, '2 3', $admin
    }

    It 'runs the block in its own scope with access to the caller''s variables' {
        $x = 'outer'
        (Use-Role $admin -ScriptBlock { $x; $x = 'inner' }), $x | Should -Be 'outer', 'outer'
    }

    It 'keeps the caller''s $_' {
        'a', 'b' | ForEach-Object { $null = Use-Role $admin -ScriptBlock { $_ }; $_ } | Should -Be 'a', 'b'
    }

    It 'restores everything after <What>' -ForEach @(
        @{ What = 'an error that ends it'; Block = { throw 'boom' }; Output = 'boom' }
        @{ What = 'return'; Block = { 1; return; 2 }; Output = 1 }
        @{ What = 'break, which ends the block'; Block = { 1; break; 2 }; Output = 1 }
        @{ What = 'variables that the block sets'; Block = { $env:AWS_PROFILE = 'x'; $env:AWS_ACCESS_KEY_ID = 'y'; 'done' }; Output = 'done' }
    ) {
        $(try { Use-Role $admin -ScriptBlock $Block } catch { "$_" }) | Should -Be $Output
    }

    # Under wine, pwsh often hangs at such an error, with or without this module.
    It 'continues after a statement-terminating error, as any script block does' -Skip:(Test-Path HKCU:\Software\Wine) {
        # Not in a try, which would turn the error into one that ends the block.
        $shell = [powershell]::Create().AddScript("Import-Module '$manifest'; Use-Role $admin -ScriptBlock { [int] 'x'; `$env:AWS_ACCOUNT_ID }")
        $shell.Invoke() | Should -Be '123456789012'
        $shell.Streams.Error.FullyQualifiedErrorId | Should -Be 'InvalidCastFromStringToInteger'
        $shell.Dispose()
    }

    It 'passes on the block''s errors and its other output' {
        $ErrorActionPreference = 'Continue'
        $seen = Use-Role $admin -ScriptBlock { Get-RoleProfile nobody; 'after' } 2>&1
        $seen[0].FullyQualifiedErrorId, $seen[1] | Should -Be 'ProfileNotFound,RoleCredentials.GetRoleProfileCommand', 'after'
    }

    It 'streams output to consumers that do not run as the role' {
        Use-Role $admin -ScriptBlock { "block $env:AWS_ACCOUNT_ID"; "block $env:AWS_ACCOUNT_ID" } | ForEach-Object { $_; "after $env:AWS_ACCOUNT_ID" } |
            Should -Be 'block 123456789012', 'after ', 'block 123456789012', 'after '
    }

    It 'nests from the original identity, or with -Chain from the enclosing role' {
        $seen = Use-Role $admin -ScriptBlock {
            Get-Identity
            Use-Role $hub -ScriptBlock {
                Get-Identity
                Use-Role $oneHour -Chain -ScriptBlock { Get-Identity; @(Get-Role).Count }
                Get-Identity
            }
            Get-Identity
        }
        $seen | Should -Be $asAdmin, $asHub, $asOneHour, 3, $asHub, $asAdmin
    }

    It 'leaves roles entered in the block when it ends, and Exit-Role does not leave the block' {
        $seen = Use-Role $admin -ScriptBlock {
            Enter-Role $oneHour; Get-Identity; Exit-Role; Get-Identity
            try { Exit-Role -ErrorAction Stop } catch { $_.FullyQualifiedErrorId }
            Exit-Role -All; Get-Identity
            Enter-Role $hub
        }
        $seen | Should -Be $asOneHour, $asAdmin, 'NoRoleEntered,RoleCredentials.ExitRoleCommand', $asAdmin
    }

    It 'returns to the entered role' {
        Enter-Role $hub
        (Use-Role $admin -ScriptBlock { Get-Identity }), (Get-Identity) | Should -Be $asAdmin, $asHub
        Exit-Role
    }

    It 'runs once for each of many roles, and continues after a failed one' {
        $seen = "$role/DeniedByTrust", $admin, $oneHour |
            Use-Role -InOrder -ScriptBlock { Get-Identity } -ErrorVariable failures -ErrorAction SilentlyContinue
        $seen | Should -Be $asAdmin, $asOneHour
        $failures.Where({ $_ -is [System.Management.Automation.ErrorRecord] }).FullyQualifiedErrorId | Should -Be 'AccessDenied,RoleCredentials.UseRoleCommand'
    }

    It 'does not run the block if the only role cannot be assumed' {
        { Use-Role "$role/DeniedByTrust" -ScriptBlock { throw 'ran' } } | Should -Throw -ErrorId 'AccessDenied,RoleCredentials.UseRoleCommand'
    }
}

Describe 'Parallel blocks' {
    BeforeEach { Clear-Sandbox }
    AfterEach { Get-SandboxVariable | Should -Be $untouched }

    It 'see only their own identities' {
        $seen = 1..12 | ForEach-Object -ThrottleLimit 6 -Parallel {
            Import-Module $using:manifest
            $account = [string](100000000000 + $_)
            $looks = foreach ($round in 1..3) {
                Use-Role -RoleName Audit -AccountId $account -ScriptBlock { foreach ($look in 1..50) { $env:AWS_ACCOUNT_ID } }
            }
            "$account saw $($looks | Select-Object -Unique) $($looks.Count) times"
        }
        $seen | Sort-Object | Should -Be (1..12).ForEach({ "{0} saw {0} 150 times" -f (100000000000 + $_) })
    }

    It 'do not affect plain Use-Role in another runspace' {
        $roles = 1..6 | ForEach-Object -ThrottleLimit 6 -Parallel {
            Import-Module $using:manifest
            $account = [string](100000000100 + $_)
            if ($_ % 2) { Use-Role -RoleName Audit -AccountId $account -ScriptBlock { [System.Threading.Thread]::Sleep(100) } }
            else { (Use-Role -RoleName Audit -AccountId $account).RoleArn }
        }
        $roles | Should -HaveCount 3
        (Get-SandboxCall AssumeRole).principal | Select-Object -Unique | Should -Be 'arn:aws:iam::111111111111:user/jo'
    }

    It 'of a block get an error instead of waiting for it forever' {
        $seen = Use-Role $admin -ScriptBlock {
            1..2 | ForEach-Object -Parallel {
                Import-Module $using:manifest
                try { Use-Role $using:hub -ScriptBlock { 'ran' } -ErrorAction Stop } catch { $_.FullyQualifiedErrorId }
                try { Enter-Role $using:hub -ErrorAction Stop } catch { $_.FullyQualifiedErrorId }
                (Get-Role).Name
                (Use-Role $using:hub).RoleArn
            }
        }
        $each = 'Admin', $hub, 'RoleBusy,RoleCredentials.EnterRoleCommand', 'RoleBusy,RoleCredentials.UseRoleCommand'
        $seen | Sort-Object | Should -Be (@($each + $each) | Sort-Object)
    }

    It 'end when their PowerShell is stopped, as Ctrl+C does, and restore everything' {
        $entered = [System.Threading.ManualResetEventSlim]::new()
        $other = [powershell]::Create().AddScript('Import-Module $args[0]; Use-Role $args[1] -ScriptBlock { $args[0].Set(); while ($true) { [System.Threading.Thread]::Sleep(10) } } -ArgumentList $args[2]')
        $null = $other.AddArgument($manifest).AddArgument($admin).AddArgument($entered).BeginInvoke()
        $entered.Wait([timespan]::FromSeconds(30)) | Should -BeTrue
        $env:AWS_ACCOUNT_ID | Should -Be '123456789012'
        $other.Stop()
        $other.Dispose()
        Use-Role $oneHour -ScriptBlock { 'the next has its turn' } | Should -Be 'the next has its turn'
    }
}
