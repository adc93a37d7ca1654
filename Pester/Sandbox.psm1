# Connects the suites to the strict local AWS of test/sandbox, each with a scratch home.
# ROLE_CREDENTIALS_SANDBOX may contain the line that a running sandbox printed when it was ready. Otherwise this module starts one,
# which ends with this PowerShell. ROLE_CREDENTIALS_AWS_TOOLS may name the manifest of a built SandboxAwsTools.

$script:Root = Split-Path $PSScriptRoot
$script:Urls = $null
$script:Outside = $null
$script:Scratch = $null
$script:Added = @()

# Imports the module, and replaces the user's files, keys and AWS with a scratch home and the sandbox.
function Enter-Sandbox {
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
    foreach ($name in $inside.Keys) { Set-Item "Env:$name" $inside[$name] }
    $script:Added = @($inside.Keys)
    Clear-Sandbox
}

# Undoes Enter-Sandbox and removes the scratch home.
function Exit-Sandbox {
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

# Builds a module on the AWS SDK for .NET that imitates AWS Tools for PowerShell: see test/powershell.
function Import-SandboxAwsTools {
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

# Returns the scratch home, which contains .aws.
function Get-SandboxHome {
    $script:Scratch
}

# Stores jo's keys as the default profile, and the role Admin as the profile 'prod'.
function Set-SandboxRole {
    $jo = Get-SandboxKey jo
    Set-RoleCredentials @jo -Region eu-west-1
    Set-RoleCredentials -StoreAs prod -RoleArn arn:aws:iam::123456789012:role/Admin -SourceProfile default
}

# Returns the AWS variables of the environment with their values, to compare.
function Get-SandboxVariable {
    Get-ChildItem Env: | Where-Object Name -Like 'AWS*' | ForEach-Object { "$($_.Name)=$($_.Value)" }
}

# Replaces the AWS files of the scratch home.
function Set-SandboxFile([string] $Credentials, [string] $Config) {
    $folder = Join-Path $script:Scratch '.aws'
    $null = [System.IO.Directory]::CreateDirectory($folder)
    foreach ($name in $PSBoundParameters.Keys) {
        $file = Join-Path $folder $name.ToLowerInvariant()
        [System.IO.File]::WriteAllText($file, $PSBoundParameters[$name])
        if (-not $IsWindows) { [System.IO.File]::SetUnixFileMode($file, 'UserRead, UserWrite') }
    }
}

# Returns the text of an AWS file of the scratch home, or nothing if the file does not exist.
function Get-SandboxFile([ValidateSet('credentials', 'config')] [string] $Name) {
    Get-Content (Join-Path $script:Scratch '.aws' $Name) -Raw -ErrorAction Ignore
}

# Returns what looks like an AWS secret in a text: a secret key has 40 characters, a session token many more. Also finds the known
# secrets. A path in this checkout may have the length of a secret.
function Find-SandboxSecret([string] $Text, [string[]] $Known = @()) {
    $patterns = @('(?<![A-Za-z0-9/+=])(?:[A-Za-z0-9/+]{40}|[A-Za-z0-9/+=]{100,})(?![A-Za-z0-9/+=])') + $Known.ForEach({ [regex]::Escape($_) })
    [regex]::Matches($Text.Replace((Split-Path $PSScriptRoot), ''), $patterns -join '|').Value
}

# Returns the long-term keys of a sandbox user as parameters of Set-RoleCredentials and Use-Role.
function Get-SandboxKey([ValidateSet('jo', 'ann', 'root')] [string] $Name = 'jo') {
    switch ($Name) {
        'jo' { @{ AccessKey = 'AKIAJOEXAMPLE0000001'; SecretKey = 'Jo/EXAMPLE+secret00000000000000000000001' } }
        'ann' { @{ AccessKey = 'AKIAANNEXAMPLE000001'; SecretKey = 'Ann/EXAMPLE+secret0000000000000000000001' } }
        'root' { @{ AccessKey = 'AKIAROOTEXAMPLE00001'; SecretKey = 'Root/EXAMPLE+secret000000000000000000001' } }
    }
}

# Reads from the sandbox's control interface, or posts to it.
function Invoke-Control([string] $Path, $Body, [string] $Method = $null -eq $Body ? 'Get' : 'Post') {
    $json = $null -eq $Body ? $null : (ConvertTo-Json $Body -Depth 5)
    Invoke-RestMethod "$($script:Urls.control)/$Path" -Method $Method -Body $json -NoProxy
}

# Returns the calls to AWS since the last Clear-Sandbox.
function Get-SandboxCall([string] $Action = '*') {
    Invoke-Control calls | ForEach-Object { $_ } | Where-Object action -Like $Action
}

# Returns an unused code of jo's device, after advancing the sandbox's clock to it.
function Get-SandboxMfaCode {
    $shown = Invoke-Control 'totp?device=jo'
    if ($shown.used) {
        Move-SandboxClock 30
        $shown = Invoke-Control 'totp?device=jo'
    }
    $shown.code
}

# Returns a signed SAML response of the sandbox's identity provider, in Base64.
function New-SandboxAssertion([hashtable] $Options = @{}) {
    $all = @{ roles = @('arn:aws:iam::123456789012:role/Saml,arn:aws:iam::123456789012:saml-provider/Staff') }
    foreach ($name in $Options.Keys) { $all[$name] = $Options[$name] }
    (Invoke-Control saml-assertion $all).assertion
}

# Returns a signed web identity token of the sandbox's issuer.
function New-SandboxToken([hashtable] $Options = @{}) {
    (Invoke-Control web-identity-token $Options).token
}

# Advances the clock of the sandbox, or sets it back.
function Move-SandboxClock([int] $Seconds) {
    $null = Invoke-Control clock @{ advance = $Seconds * 1000 }
}

# The user who is signed in to the console in the browser.
function Set-SandboxConsoleUser([string] $Name) {
    $null = Invoke-Control console-user @{ user = $Name }
}

# Clears the recorded calls and pending faults.
function Clear-Sandbox {
    foreach ($what in 'calls', 'faults') { $null = Invoke-Control $what -Method Delete }
}

# Gives all users the access keys that they had at the beginning.
function Restore-SandboxKey {
    $null = Invoke-Control keys -Method Delete
}

# Something that goes wrong with the next call, as test/sandbox/http/faults.ts describes it.
function Add-SandboxFault([hashtable] $Fault) {
    $null = Invoke-Control faults $Fault
}

# Returns why no keychain can run here; nothing if one can.
function Get-SandboxKeychainProblem {
    if (-not $IsLinux) { return 'a test keychain needs Linux' }
    foreach ($name in 'dbus-daemon', 'gnome-keyring-daemon') {
        if (-not (Get-Command $name -CommandType Application -ErrorAction Ignore)) { return "$name is not installed" }
    }
}

# Starts a keychain of the suite's own, in the scratch home. The module's core inherits its address, so a new core has to start.
function Enter-SandboxKeychain {
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

# Ends the keychain of Enter-SandboxKeychain.
function Exit-SandboxKeychain {
    $script:Bus.Kill()
    $script:Bus.WaitForExit()
    Remove-Item Env:DBUS_SESSION_BUS_ADDRESS
    Stop-SandboxCore
}

# Ends the module's core of this process. The next command starts another, in the environment at that time.
function Stop-SandboxCore {
    # The process of Node.js 24 is named MainThread on Linux.
    Get-Process | Where-Object { $_.CommandLine -like '*role-credentials.cjs*' -and $_.Parent.Id -eq $PID } | ForEach-Object {
        $_.Kill()
        $null = $_.WaitForExit(5000)
    }
}

# Makes BROWSER a browser whose user allows or denies each sign-in, or removes it.
function Set-SandboxBrowser([ValidateSet('allow', 'deny', 'none')] [string] $User) {
    $program = Join-Path $script:Root 'test' 'sandbox' 'browser.mjs'
    $env:BROWSER = $User -eq 'none' ? $null : "node `"$program`" $User %s"
    # No pause between two questions about a device code.
    $null = Invoke-Control sso-user @{ interval = 0.05 }
}

# Does what the user of another browser does with a page.
function Open-SandboxPage([string] $Link, [ValidateSet('allow', 'deny')] [string] $User = 'allow') {
    node (Join-Path $script:Root 'test' 'sandbox' 'browser.mjs') $User $Link
}

# Returns the stored sign-ins to IAM Identity Center.
function Get-SandboxSignIn {
    Get-ChildItem (Join-Path $script:Scratch '.aws' 'sso' 'cache') -Filter *.json -ErrorAction Ignore |
        ForEach-Object { Get-Content $_ -Raw | ConvertFrom-Json } | Where-Object accessToken
}

# Returns the files of the sign-ins with console credentials.
function Get-SandboxLogin {
    Get-ChildItem (Join-Path $script:Scratch '.aws' 'login' 'cache') -Filter *.json -ErrorAction Ignore
}

# Writes a new sign-in to IAM Identity Center to the AWS CLI's file.
function Set-SandboxSignIn([string] $Path) {
    Set-Content $Path (Invoke-Control sso-login -Method Post | ConvertTo-Json)
}

# Forgets the stored sign-ins to IAM Identity Center, and the credentials from them.
function Clear-SandboxSignIn {
    Remove-Item (Join-Path $script:Scratch '.aws' 'sso') -Recurse -Force -ErrorAction Ignore
    Clear-RoleCache -Confirm:$false
}

# Returns the given sandbox, or starts one.
function Get-Sandbox {
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
