# Connects the suites to the strict local AWS of test/sandbox, each with a scratch home.
# ROLE_CREDENTIALS_SANDBOX may contain the line that a running sandbox printed when it was ready. Otherwise this module starts one,
# which ends with this PowerShell. ROLE_CREDENTIALS_AWS_TOOLS may name the manifest of a built SandboxAwsTools.

$script:Root = Split-Path $PSScriptRoot
$script:Urls = $null
$script:Outside = $null
$script:Scratch = $null
$script:Added = @()

function Enter-Sandbox {
    # Imports the module, and replaces the user's files, keys and AWS with a scratch home and the sandbox.
    [CmdletBinding()]
    param(
        # Extra environment variables for the suite.
        [hashtable] $Environment = @{}
    )

    if ($script:Outside) { throw 'This PowerShell is in the sandbox already.' }
    if (-not $script:Urls) { $script:Urls = Get-Sandbox }
    Import-Module (Join-Path $script:Root 'module' 'RoleCredentials.psd1') -Global

    $script:Outside = @{}
    foreach ($variable in Get-ChildItem Env:) {
        if ($variable.Name -match '^(AWS_|HOME$|USERPROFILE$|HOMEDRIVE$|HOMEPATH$|BROWSER$|(HTTPS?|ALL|NO)_PROXY$)') {
            $script:Outside[$variable.Name] = $variable.Value
            Remove-Item "Env:$($variable.Name)"
        }
    }
    $script:Scratch = Join-Path ([System.IO.Path]::GetTempPath()) "role-credentials-$([guid]::NewGuid())"
    $null = New-Item $script:Scratch -ItemType Directory
    $inside = @{ HOME = $script:Scratch; USERPROFILE = $script:Scratch; AWS_EC2_METADATA_DISABLED = 'true' }
    foreach ($name in $script:Urls.environment.PSObject.Properties.Name) { $inside[$name] = $script:Urls.environment.$name }
    foreach ($name in $Environment.Keys) { $inside[$name] = $Environment[$name] }
    foreach ($name in $inside.Keys) { Set-Item "Env:$name" $inside[$name] }
    $script:Added = @($inside.Keys)
    Clear-Sandbox
}

function Exit-Sandbox {
    # Undoes Enter-Sandbox and removes the scratch home.
    [CmdletBinding()]
    param()

    Exit-Role -All
    foreach ($variable in Get-ChildItem Env:) {
        if ($variable.Name -match '^(AWS_|BROWSER$)' -or $variable.Name -in $script:Added) { Remove-Item "Env:$($variable.Name)" }
    }
    foreach ($name in $script:Outside.Keys) { Set-Item "Env:$name" $script:Outside[$name] }
    $script:Outside = $null
    # The core writes the role history in the background, possibly while the home is being removed.
    foreach ($try in 1..100) {
        Remove-Item $script:Scratch -Recurse -Force -ErrorAction Ignore
        if (-not (Test-Path $script:Scratch)) { return }
        Start-Sleep -Milliseconds 50
    }
    throw "$script:Scratch is not empty."
}

function Import-SandboxAwsTools {
    # Builds a module on the AWS SDK for .NET that imitates AWS Tools for PowerShell: see test/powershell.
    [CmdletBinding()]
    param()

    if ($env:ROLE_CREDENTIALS_AWS_TOOLS) {
        Import-Module $env:ROLE_CREDENTIALS_AWS_TOOLS -Global
        return
    }
    Push-Location $script:Root
    try {
        $manifest = node --input-type=module -e "import { buildAwsSdkModule } from './scripts/powershell.mjs'; console.log(buildAwsSdkModule('4'));"
    } finally {
        Pop-Location
    }
    Import-Module $manifest -Global
}

function Get-SandboxHome {
    # Returns the scratch home, which contains .aws.
    [CmdletBinding()]
    [OutputType([string])]
    param()

    $script:Scratch
}

function Set-SandboxRole {
    # Stores jo's keys as the default profile, and the role Admin as the profile 'prod'.
    [CmdletBinding()]
    param()

    $jo = Get-SandboxKey jo
    Set-RoleCredentials @jo -Region eu-west-1
    Set-RoleCredentials -StoreAs prod -RoleArn arn:aws:iam::123456789012:role/Admin -SourceProfile default
}

function Get-SandboxVariable {
    # Returns the AWS variables of the environment with their values, to compare.
    [CmdletBinding()]
    [OutputType([string])]
    param()

    Get-ChildItem Env: | Where-Object Name -Like 'AWS*' | ForEach-Object { "$($_.Name)=$($_.Value)" }
}

function Set-SandboxFile {
    # Replaces the AWS files of the scratch home.
    [CmdletBinding()]
    param([string] $Credentials, [string] $Config)

    $folder = Join-Path $script:Scratch '.aws'
    $null = [System.IO.Directory]::CreateDirectory($folder)
    foreach ($name in $PSBoundParameters.Keys) {
        $file = Join-Path $folder $name.ToLowerInvariant()
        [System.IO.File]::WriteAllText($file, $PSBoundParameters[$name])
        if (-not $IsWindows) { [System.IO.File]::SetUnixFileMode($file, 'UserRead, UserWrite') }
    }
}

function Get-SandboxFile {
    # Returns the text of an AWS file of the scratch home, or nothing if the file does not exist.
    [CmdletBinding()]
    [OutputType([string])]
    param([Parameter(Mandatory)] [ValidateSet('credentials', 'config')] [string] $Name)

    Get-Content (Join-Path $script:Scratch '.aws' $Name) -Raw -ErrorAction Ignore
}

function Find-SandboxSecret {
    # Returns what looks like an AWS secret in a text: a secret key has 40 characters, a session token many more. Also finds the known
    # secrets. A path in this checkout may have the length of a secret.
    [CmdletBinding()]
    [OutputType([string])]
    param([Parameter(Mandatory)] [AllowEmptyString()] [string] $Text, [string[]] $Known = @())

    $patterns = @('(?<![A-Za-z0-9/+=])(?:[A-Za-z0-9/+]{40}|[A-Za-z0-9/+=]{100,})(?![A-Za-z0-9/+=])') + $Known.ForEach({ [regex]::Escape($_) })
    [regex]::Matches($Text.Replace((Split-Path $PSScriptRoot), ''), $patterns -join '|').Value
}

function Get-SandboxKey {
    # Returns the long-term keys of a sandbox user as parameters of Set-RoleCredentials and Use-Role.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param([ValidateSet('jo', 'ann', 'root')] [string] $Name = 'jo')

    switch ($Name) {
        'jo' { @{ AccessKey = 'AKIAJOEXAMPLE0000001'; SecretKey = 'Jo/EXAMPLE+secret00000000000000000000001' } }
        'ann' { @{ AccessKey = 'AKIAANNEXAMPLE000001'; SecretKey = 'Ann/EXAMPLE+secret0000000000000000000001' } }
        'root' { @{ AccessKey = 'AKIAROOTEXAMPLE00001'; SecretKey = 'Root/EXAMPLE+secret000000000000000000001' } }
    }
}

function Get-SandboxCall {
    # Returns the calls to AWS since the last Clear-Sandbox.
    [CmdletBinding()]
    param([string] $Action = '*')

    Invoke-RestMethod -NoProxy "$($script:Urls.control)/calls" | ForEach-Object { $_ } | Where-Object action -Like $Action
}

function Get-SandboxMfaCode {
    # Returns an unused code of jo's device, after advancing the sandbox's clock to it.
    [CmdletBinding()]
    [OutputType([string])]
    param()

    $shown = Invoke-RestMethod -NoProxy "$($script:Urls.control)/totp?device=jo"
    if ($shown.used) {
        Move-SandboxClock 30
        $shown = Invoke-RestMethod -NoProxy "$($script:Urls.control)/totp?device=jo"
    }
    $shown.code
}

function New-SandboxAssertion {
    # Returns a signed SAML response of the sandbox's identity provider, in Base64.
    [CmdletBinding(SupportsShouldProcess)]
    [OutputType([string])]
    param([hashtable] $Options = @{})

    $all = @{ roles = @('arn:aws:iam::123456789012:role/Saml,arn:aws:iam::123456789012:saml-provider/Staff') }
    foreach ($name in $Options.Keys) { $all[$name] = $Options[$name] }
    if ($PSCmdlet.ShouldProcess('the sandbox')) {
        (Invoke-RestMethod "$($script:Urls.control)/saml-assertion" -Method Post -Body ($all | ConvertTo-Json -Depth 5)).assertion
    }
}

function New-SandboxToken {
    # Returns a signed web identity token of the sandbox's issuer.
    [CmdletBinding(SupportsShouldProcess)]
    [OutputType([string])]
    param([hashtable] $Options = @{})

    if ($PSCmdlet.ShouldProcess('the sandbox')) {
        (Invoke-RestMethod "$($script:Urls.control)/web-identity-token" -Method Post -Body ($Options | ConvertTo-Json -Depth 5)).token
    }
}

function Move-SandboxClock {
    # Advances the clock of the sandbox, or sets it back.
    [CmdletBinding()]
    param([Parameter(Mandatory)] [int] $Seconds)

    $null = Invoke-RestMethod -NoProxy "$($script:Urls.control)/clock" -Method Post -Body "{`"advance`":$($Seconds * 1000)}"
}

function Set-SandboxConsoleUser {
    # The user who is signed in to the console in the browser.
    [CmdletBinding()]
    param([Parameter(Mandatory)] [string] $Name)

    $null = Invoke-RestMethod -NoProxy "$($script:Urls.control)/console-user" -Method Post -Body (@{ user = $Name } | ConvertTo-Json)
}

function Clear-Sandbox {
    # Clears the recorded calls and pending faults.
    [CmdletBinding()]
    param()

    foreach ($what in 'calls', 'faults') { $null = Invoke-RestMethod -NoProxy "$($script:Urls.control)/$what" -Method Delete }
}

function Restore-SandboxKey {
    # Gives all users the access keys that they had at the beginning.
    [CmdletBinding()]
    param()

    $null = Invoke-RestMethod -NoProxy "$($script:Urls.control)/keys" -Method Delete
}

function Add-SandboxFault {
    # Something that goes wrong with the next call, as test/sandbox/http/faults.ts describes it.
    [CmdletBinding()]
    param([Parameter(Mandatory)] [hashtable] $Fault)

    $null = Invoke-RestMethod -NoProxy "$($script:Urls.control)/faults" -Method Post -Body ($Fault | ConvertTo-Json)
}

function Get-SandboxKeychainProblem {
    # Returns why no keychain can run here; nothing if one can.
    [CmdletBinding()]
    [OutputType([string])]
    param()

    if (-not $IsLinux) { return 'a test keychain needs Linux' }
    foreach ($name in 'dbus-daemon', 'gnome-keyring-daemon') {
        if (-not (Get-Command $name -CommandType Application -ErrorAction Ignore)) { return "$name is not installed" }
    }
}

function Enter-SandboxKeychain {
    # Starts a keychain of the suite's own, in the scratch home. The module's core inherits its address, so a new core has to start.
    [CmdletBinding()]
    param()

    $start = [System.Diagnostics.ProcessStartInfo]::new('dbus-daemon', [string[]]('--session', '--nofork', '--nopidfile', '--print-address=1'))
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    foreach ($name in 'XDG_DATA_HOME', 'XDG_RUNTIME_DIR') { $start.Environment[$name] = $script:Scratch }
    $script:Bus = [System.Diagnostics.Process]::Start($start)
    $env:DBUS_SESSION_BUS_ADDRESS = $script:Bus.StandardOutput.ReadLine()
    $daemon = [System.Diagnostics.ProcessStartInfo]::new('gnome-keyring-daemon', [string[]]('--daemonize', '--unlock', '--components=secrets'))
    foreach ($name in 'XDG_DATA_HOME', 'XDG_RUNTIME_DIR') { $daemon.Environment[$name] = $script:Scratch }
    $daemon.RedirectStandardInput = $true
    $daemon.RedirectStandardOutput = $true
    $daemon.RedirectStandardError = $true
    $keyring = [System.Diagnostics.Process]::Start($daemon)
    $keyring.StandardInput.Write('password of the tests')
    $keyring.StandardInput.Close()
    $keyring.WaitForExit()
    Stop-SandboxCore
}

function Exit-SandboxKeychain {
    # Ends the keychain of Enter-SandboxKeychain.
    [CmdletBinding()]
    param()

    $script:Bus.Kill()
    $script:Bus.WaitForExit()
    Remove-Item Env:DBUS_SESSION_BUS_ADDRESS
    Stop-SandboxCore
}

function Stop-SandboxCore {
    # Ends the module's core of this process. The next command starts another, in the environment at that time.
    [CmdletBinding()]
    param()

    # The process of Node.js 24 is named MainThread on Linux.
    Get-Process | Where-Object { $_.CommandLine -like '*role-credentials.cjs*' -and $_.Parent.Id -eq $PID } | ForEach-Object {
        $_.Kill()
        $null = $_.WaitForExit(5000)
    }
}

function Set-SandboxBrowser {
    # Makes BROWSER a browser whose user allows or denies each sign-in, or removes it.
    [CmdletBinding()]
    param([Parameter(Mandatory)] [ValidateSet('allow', 'deny', 'none')] [string] $User)

    $program = Join-Path $script:Root 'test' 'sandbox' 'browser.mjs'
    $env:BROWSER = $User -eq 'none' ? $null : "node `"$program`" $User %s"
    # No pause between two questions about a device code.
    $null = Invoke-RestMethod "$($script:Urls.control)/sso-user" -Method Post -Body '{"interval":0.05}'
}

function Open-SandboxPage {
    # Does what the user of another browser does with a page.
    [CmdletBinding()]
    param([Parameter(Mandatory)] [string] $Link, [ValidateSet('allow', 'deny')] [string] $User = 'allow')

    node (Join-Path $script:Root 'test' 'sandbox' 'browser.mjs') $User $Link
}

function Get-SandboxSignIn {
    # Returns the stored sign-ins to IAM Identity Center.
    [CmdletBinding()]
    param()

    Get-ChildItem (Join-Path $script:Scratch '.aws' 'sso' 'cache') -Filter *.json -ErrorAction Ignore |
        ForEach-Object { Get-Content $_ -Raw | ConvertFrom-Json } | Where-Object accessToken
}

function Get-SandboxLogin {
    # Returns the files of the sign-ins with console credentials.
    [CmdletBinding()]
    param()

    Get-ChildItem (Join-Path $script:Scratch '.aws' 'login' 'cache') -Filter *.json -ErrorAction Ignore
}

function Set-SandboxSignIn {
    # Writes a new sign-in to IAM Identity Center to the AWS CLI's file.
    [CmdletBinding()]
    param([Parameter(Mandatory)] [string] $Path)

    Set-Content $Path (Invoke-RestMethod "$($script:Urls.control)/sso-login" -Method Post | ConvertTo-Json)
}

function Clear-SandboxSignIn {
    # Forgets the stored sign-ins to IAM Identity Center, and the credentials from them.
    [CmdletBinding()]
    param()

    Remove-Item (Join-Path $script:Scratch '.aws' 'sso') -Recurse -Force -ErrorAction Ignore
    Clear-RoleCache -Confirm:$false
}

function Get-Sandbox {
    # Returns the given sandbox, or starts one.
    [CmdletBinding()]
    param()

    if ($env:ROLE_CREDENTIALS_SANDBOX) { return $env:ROLE_CREDENTIALS_SANDBOX | ConvertFrom-Json }
    $start = [System.Diagnostics.ProcessStartInfo]::new('node', [string[]]@(Join-Path $script:Root 'scripts' 'sandbox.mjs'))
    $start.WorkingDirectory = $script:Root
    # The sandbox ends when this pipe closes, at the latest when this process ends.
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $script:Process = [System.Diagnostics.Process]::Start($start)
    $line = $script:Process.StandardOutput.ReadLine()
    if (-not $line) { throw "The sandbox did not start. It needs the project's packages: npm ci" }
    $line | ConvertFrom-Json
}

Export-ModuleMember -Function *-Sandbox*
