# Roles that a SAML assertion or a web identity token assumes.

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Sandbox.psm1')
    Enter-Sandbox
    $saml = 'arn:aws:iam::123456789012:role/Saml'
    $staff = 'arn:aws:iam::123456789012:saml-provider/Staff'
    $web = 'arn:aws:iam::123456789012:role/WebIdentity'
    $jo = Get-SandboxKey jo
    Set-RoleCredentials @jo -Region eu-west-1
    $prefix = 'https://aws.amazon.com/SAML/Attributes/'

    function ConvertTo-Base64([string] $Text) {
        [Convert]::ToBase64String([System.Text.Encoding]::UTF8.GetBytes($Text))
    }

    function Get-AssertionXml([string] $Inner, [string] $Head = '') {
        ConvertTo-Base64 "$Head<Response><Assertion xmlns=`"urn:oasis:names:tc:SAML:2.0:assertion`"><AttributeStatement>$Inner</AttributeStatement></Assertion></Response>"
    }

    function Get-Failure([scriptblock] $Block) {
        try { $null = & $Block } catch { return $_ }
        throw 'There was no error.'
    }
}

AfterAll { Exit-Sandbox }

Describe 'A SAML assertion' {
    BeforeEach { Clear-Sandbox }

    It 'assumes the role that it offers, with the pair of ARNs in either order' -ForEach @(
        @{ Pair = 'arn:aws:iam::123456789012:role/Saml,arn:aws:iam::123456789012:saml-provider/Staff' }
        @{ Pair = 'arn:aws:iam::123456789012:saml-provider/Staff , arn:aws:iam::123456789012:role/Saml' }
    ) {
        $role = Use-Role -SamlAssertion (New-SandboxAssertion @{ roles = @($Pair) })
        $role.RoleArn | Should -Be $saml
        "$($role.AssumedRoleUser)" | Should -Be 'arn:aws:sts::123456789012:assumed-role/Saml/jo@sandbox.example'
        $call = @(Get-SandboxCall)
        $call.action | Should -Be 'AssumeRoleWithSAML'
        $call.parameters.PrincipalArn | Should -Be $staff
        $call.accessKeyId | Should -BeNullOrEmpty
    }

    It 'is accepted as <What>' -ForEach @(
        @{ What = 'text with line breaks'; Make = { (New-SandboxAssertion) -replace '.{76}', "`$0`r`n" } }
        @{ What = 'a SecureString'; Make = { ConvertTo-SecureString (New-SandboxAssertion) -AsPlainText } }
        @{ What = 'XML'; Make = { [System.Text.Encoding]::UTF8.GetString([Convert]::FromBase64String((New-SandboxAssertion))) } }
        @{ What = 'the path of a file'; Make = { $file = Join-Path $TestDrive 'saml.txt'; Set-Content $file (New-SandboxAssertion); $file } }
        @{ What = 'a file'; Make = { $file = Join-Path $TestDrive 'saml.txt'; Set-Content $file (New-SandboxAssertion); Get-Item $file } }
    ) {
        (Use-Role -SamlAssertion (& $Make)).RoleArn | Should -Be $saml
    }

    It 'comes from a property of a pipeline object' {
        $rows = @([pscustomobject]@{ RoleArn = $saml; SamlAssertion = New-SandboxAssertion }, [pscustomobject]@{ RoleArn = $saml; SamlAssertion = ''; ProfileName = 'nobody' })
        ($rows | Use-Role -ErrorAction SilentlyContinue -ErrorVariable failures).RoleArn | Should -Be $saml
        $failures.FullyQualifiedErrorId | Should -Match 'NotFound'
    }

    It 'is not replaced by the default credentials if the property <Name> is <What>' -ForEach @(
        @{ Name = 'SamlAssertion'; What = 'empty'; Value = '' }
        @{ Name = 'SamlAssertion'; What = 'null'; Value = $null }
        @{ Name = 'WebIdentityToken'; What = 'empty'; Value = '' }
        @{ Name = 'WebIdentityProvider'; What = 'empty'; Value = '' }
        @{ Name = 'PrincipalArn'; What = 'given alone'; Value = 'arn:aws:iam::123456789012:saml-provider/Staff' }
    ) {
        $row = [pscustomobject]@{ RoleArn = 'arn:aws:iam::123456789012:role/Admin'; $Name = $Value }
        $row | Use-Role -ErrorAction SilentlyContinue -ErrorVariable failures | Should -BeNullOrEmpty
        "$($failures[0])" | Should -Match $Name
        { $row | Enter-Role -ErrorAction Stop } | Should -Throw
        $env:AWS_ACCESS_KEY_ID | Should -BeNullOrEmpty
        Get-SandboxCall | Should -BeNullOrEmpty
    }

    It 'comes from the pipeline as <What>' -ForEach @(
        @{ What = 'text'; Make = { New-SandboxAssertion }; Parameters = @{} }
        @{ What = 'text, with a role'; Make = { New-SandboxAssertion }; Parameters = @{ RoleArn = 'arn:aws:iam::123456789012:role/Saml' } }
        @{ What = 'a SecureString'; Make = { ConvertTo-SecureString (New-SandboxAssertion) -AsPlainText }; Parameters = @{ PrincipalArn = 'arn:aws:iam::123456789012:saml-provider/Staff' } }
        @{ What = 'a file'; Make = { $file = Join-Path $TestDrive 'saml.txt'; Set-Content $file (New-SandboxAssertion); Get-Item $file }; Parameters = @{ PrincipalArn = 'arn:aws:iam::123456789012:saml-provider/Staff' } }
    ) {
        (& $Make | Use-Role @Parameters).RoleArn | Should -Be $saml
    }

    It 'decides the duration, unless the command does' {
        $options = @{ attributes = @{ "${prefix}SessionDuration" = @('7200') } }
        $null = Use-Role -SamlAssertion (New-SandboxAssertion $options)
        $null = Use-Role -SamlAssertion (New-SandboxAssertion $options) -DurationInSeconds 900
        $null = Use-Role -SamlAssertion (New-SandboxAssertion @{ attributes = @{ "${prefix}SessionDuration" = @('1e9') } })
        (Get-SandboxCall).parameters.DurationSeconds | Should -Be '7200', '900', $null
    }

    It 'takes the role from -RoleName and -AccountId' {
        $pairs = @("$saml,$staff", "arn:aws:iam::222222222222:role/Saml,arn:aws:iam::222222222222:saml-provider/Staff")
        $role = Use-Role -SamlAssertion (New-SandboxAssertion @{ roles = $pairs }) -RoleName Saml -AccountId 123456789012
        $role.RoleArn | Should -Be $saml
    }

    It 'lists its roles if none is named and there is no terminal' {
        $pairs = @("$saml,$staff", "arn:aws:iam::222222222222:role/Other,arn:aws:iam::222222222222:saml-provider/Staff")
        $failure = Get-Failure { Use-Role -SamlAssertion (New-SandboxAssertion @{ roles = $pairs }) }
        $failure.FullyQualifiedErrorId | Should -BeLike 'InputRequired,*'
        $failure.ErrorDetails.RecommendedAction | Should -BeLike "*$saml, arn:aws:iam::222222222222:role/Other*"
        @(Get-SandboxCall) | Should -BeNullOrEmpty
    }

    It 'lists its roles if it does not offer <What>' -ForEach @(
        @{ What = 'the role'; Parameters = @{ RoleArn = 'arn:aws:iam::123456789012:role/Admin' } }
        @{ What = 'the provider'; Parameters = @{ PrincipalArn = 'arn:aws:iam::123456789012:saml-provider/Other' } }
        @{ What = 'the account'; Parameters = @{ RoleName = 'Saml'; AccountId = '222222222222' } }
    ) {
        $failure = Get-Failure { Use-Role -SamlAssertion (New-SandboxAssertion) @Parameters }
        $failure.FullyQualifiedErrorId | Should -BeLike 'SamlRoleNotOffered,*'
        $failure.ErrorDetails.RecommendedAction | Should -BeLike "*$saml*"
        @(Get-SandboxCall) | Should -BeNullOrEmpty
    }

    It 'is refused if it <What>' -ForEach @(
        @{ What = 'is not Base64'; Make = { 'not base64!' * 100 } }
        @{ What = 'names no file'; Make = { './no-such-file' } }
        @{ What = 'is not XML'; Make = { ConvertTo-Base64 'secret-text ' } }
        @{ What = 'is cut off'; Make = { ConvertTo-Base64 '<Response><secret-text>' } }
        @{ What = 'offers no role'; Make = { Get-AssertionXml '<Attribute Name="x"><AttributeValue>secret-text</AttributeValue></Attribute>' } }
        @{ What = 'offers roles of another namespace'; Make = { ConvertTo-Base64 '<Attribute Name="https://aws.amazon.com/SAML/Attributes/Role"><AttributeValue>arn:aws:iam::123456789012:role/Saml,arn:aws:iam::123456789012:saml-provider/Staff</AttributeValue></Attribute>' } }
        @{ What = 'offers a text without ARNs'; Make = { Get-AssertionXml '<Attribute Name="https://aws.amazon.com/SAML/Attributes/Role"><AttributeValue>role/Saml,saml-provider/Staff</AttributeValue></Attribute>' } }
        @{ What = 'refers to a file'; Make = { Get-AssertionXml '<Attribute Name="https://aws.amazon.com/SAML/Attributes/Role"><AttributeValue>&file;</AttributeValue></Attribute>' '<!DOCTYPE x [<!ENTITY file SYSTEM "file:///etc/hostname">]>' } }
        @{ What = 'expands entities'; Make = { Get-AssertionXml '<Attribute Name="https://aws.amazon.com/SAML/Attributes/Role"><AttributeValue>&b;</AttributeValue></Attribute>' '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>' } }
        @{ What = 'nests too deep to be read recursively, and offers nothing'; Make = { ConvertTo-Base64 ('<a>' * 10000 + '</a>' * 10000) } }
        @{ What = 'is huge'; Make = { 'PHNhbWw+' * 20000 } }
        @{ What = 'is a huge file'; Make = { $file = Join-Path $TestDrive 'huge.txt'; Set-Content $file ('PHNhbWw+' * 50000); $file } }
    ) {
        $failure = Get-Failure { Use-Role -SamlAssertion (& $Make) }
        $failure.FullyQualifiedErrorId | Should -BeLike 'SamlAssertionInvalid,*'
        "$failure $($failure.ErrorDetails.RecommendedAction) $($failure.TargetObject)" | Should -Not -Match 'secret-text|PHNhbWw|role/Saml'
        @(Get-SandboxCall) | Should -BeNullOrEmpty
    }

    It 'is refused by AWS if it is expired' {
        $failure = Get-Failure { Use-Role -SamlAssertion (New-SandboxAssertion @{ expiresInSeconds = -1 }) }
        $failure.FullyQualifiedErrorId | Should -BeLike 'SamlAssertionRejected,*'
        $failure.ErrorDetails.RecommendedAction | Should -BeLike 'Sign in again*'
    }

    It 'is not used beside <What>' -ForEach @(
        @{ What = '-Credential'; Parameters = @{ Credential = [pscredential]::new('AKIAX', (ConvertTo-SecureString 'x' -AsPlainText)) } }
        @{ What = '-ProfileName'; Parameters = @{ ProfileName = 'default' } }
        @{ What = '-SourceProfile'; Parameters = @{ SourceProfile = 'default' } }
        @{ What = '-RoleSessionName'; Parameters = @{ RoleSessionName = 'mine' } }
        @{ What = '-ExternalId'; Parameters = @{ ExternalId = 'ticket-42' } }
        @{ What = '-Chain'; Parameters = @{ Chain = $true } }
        @{ What = '-WebIdentityToken'; Parameters = @{ WebIdentityToken = 'eyJhbGciOiJub25lIn0.e30.' } }
        @{ What = '-Audience'; Parameters = @{ Audience = 'x' } }
        @{ What = '-AutoRefresh'; Parameters = @{ AutoRefresh = $true }; Id = 'RefreshNotPossible' }
    ) {
        $failure = Get-Failure { Use-Role -SamlAssertion (New-SandboxAssertion) -RoleArn $saml @Parameters }
        $failure.FullyQualifiedErrorId | Should -BeLike "$($Id ?? 'ParameterConflict'),*"
        @(Get-SandboxCall) | Should -BeNullOrEmpty
    }

    It 'is not replaced by other credentials if its variable is empty' {
        foreach ($empty in $null, '') {
            (Get-Failure { Use-Role -SamlAssertion $empty -RoleArn $saml }).FullyQualifiedErrorId | Should -BeLike 'ParameterConflict,*'
        }
        (Get-Failure { Use-Role -PrincipalArn $staff -RoleArn $saml }).FullyQualifiedErrorId | Should -BeLike 'ParameterConflict,*'
        @(Get-SandboxCall) | Should -BeNullOrEmpty
    }

    It 'appears in no stream' {
        $assertion = New-SandboxAssertion
        $text = Use-Role -SamlAssertion $assertion -NoCache -Verbose -Debug -Confirm:$false *>&1 | Out-String -Width 1000000
        $text | Should -Not -BeLike "*$($assertion.Substring(0, 60))*"
        $text | Should -BeLike '*role/use*'
    }

    It 'is accepted by Enter-Role, which cannot renew the role' {
        Enter-Role -SamlAssertion (New-SandboxAssertion)
        (Get-Role).RoleArn | Should -Be $saml
        (Get-Role).Renews | Should -BeFalse
        Exit-Role
    }
}

Describe 'A web identity token' {
    BeforeEach { Clear-Sandbox }

    It 'assumes a role as <What>' -ForEach @(
        @{ What = 'text'; Make = { New-SandboxToken } }
        @{ What = 'a SecureString'; Make = { ConvertTo-SecureString (New-SandboxToken) -AsPlainText } }
        @{ What = 'the path of a file'; Make = { $file = Join-Path $TestDrive 'jwt'; Set-Content $file (New-SandboxToken); $file } }
        @{ What = 'a file'; Make = { $file = Join-Path $TestDrive 'other'; Set-Content $file (New-SandboxToken); Get-Item $file } }
    ) {
        # Tokens of the same second are equal.
        $role = Use-Role -WebIdentityToken (& $Make) -RoleArn $web -RoleSessionName pod -DurationInSeconds 900 -NoCache
        "$($role.AssumedRoleUser)" | Should -Be 'arn:aws:sts::123456789012:assumed-role/WebIdentity/pod'
        $call = @(Get-SandboxCall)
        $call.action | Should -Be 'AssumeRoleWithWebIdentity'
        $call.accessKeyId | Should -BeNullOrEmpty
    }

    It 'comes from the pipeline' {
        (New-SandboxToken | Use-Role -RoleArn $web).RoleArn | Should -Be $web
    }

    It 'renews an entered role from a file' {
        $file = Join-Path $TestDrive 'jwt'
        Set-Content $file (New-SandboxToken)
        Enter-Role -WebIdentityToken $file -RoleArn $web
        (Get-Role).Renews | Should -BeTrue
        Exit-Role
    }

    It 'is refused if it is <What>, without showing it' -ForEach @(
        @{ What = 'neither a token nor a file'; Value = 'secret-text' }
        @{ What = 'half a token'; Value = 'eyJhbGciOiJub25lIn0.secret-text' }
    ) {
        $failure = Get-Failure { Use-Role -WebIdentityToken $Value -RoleArn $web }
        $failure.FullyQualifiedErrorId | Should -BeLike 'WebIdentityTokenInvalid,*'
        "$failure $($failure.TargetObject)" | Should -Not -Match 'secret-text'
    }

    It 'is refused without a role' {
        (Get-Failure { Use-Role -WebIdentityToken (New-SandboxToken) }).FullyQualifiedErrorId | Should -BeLike 'ParameterConflict,*'
    }

    It 'of a pipeline is used only on request' {
        # HttpListener cannot choose a free port itself.
        $free = [System.Net.Sockets.TcpListener]::new([ipaddress]::Loopback, 0)
        $free.Start()
        $port = $free.LocalEndpoint.Port
        $free.Stop()
        $listener = [System.Net.HttpListener]::new()
        $listener.Prefixes.Add("http://127.0.0.1:$port/")
        $listener.Start()
        try {
            $env:ACTIONS_ID_TOKEN_REQUEST_URL = "http://127.0.0.1:$port/?run=1"
            $env:ACTIONS_ID_TOKEN_REQUEST_TOKEN = 'request-secret'
            (Use-Role -RoleArn 'arn:aws:iam::123456789012:role/Admin').RoleArn | Should -BeLike '*role/Admin'
            $asked = $listener.GetContextAsync()
            $answer = Start-ThreadJob -ArgumentList $asked, (New-SandboxToken) {
                param($Asked, $Token)
                $context = $Asked.GetAwaiter().GetResult()
                $bytes = [System.Text.Encoding]::UTF8.GetBytes((@{ value = $Token } | ConvertTo-Json))
                $context.Response.Close($bytes, $true)
                $context.Request.RawUrl
            }
            (Use-Role -WebIdentityProvider GitHubActions -RoleArn $web -Audience elsewhere).RoleArn | Should -Be $web
            $answer | Receive-Job -Wait | Should -Be '/?run=1&audience=elsewhere'
        } finally {
            $listener.Close()
            $env:ACTIONS_ID_TOKEN_REQUEST_URL = $env:ACTIONS_ID_TOKEN_REQUEST_TOKEN = $null
        }
    }

    It 'of a pipeline needs the variables of the pipeline' {
        $failure = Get-Failure { Use-Role -WebIdentityProvider AzureDevOps -ServiceConnectionId 1 -RoleArn $web }
        $failure.FullyQualifiedErrorId | Should -BeLike 'WebIdentityTokenUnavailable,*'
        $failure.TargetObject | Should -Be 'SYSTEM_OIDCREQUESTURI'
    }
}
