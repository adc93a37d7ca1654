# The first command of a session would wait for PowerShell to compile what it runs, ten times as long as for Node.

function Start-Rehearsal {
    # Starts the core, and runs through what Use-Role does, in a runspace of its own: the process compiles a file once for all runspaces.
    # Nobody waits for it, and nobody hears of what goes wrong: the first command tells.
    [CmdletBinding()]
    param([string] $Manifest)

    $domain = [System.AppDomain]::CurrentDomain
    if ($domain.GetData("RoleCredentials.Rehearsal:$Manifest")) { return }
    $domain.SetData("RoleCredentials.Rehearsal:$Manifest", $true)
    $path = [System.Management.Automation.Language.CodeGeneration]::EscapeSingleQuotedStringContent($Manifest)
    # With the engine's own commands only, for some hosts have no others.
    $null = [powershell]::Create([initialsessionstate]::CreateDefault2()).AddScript("Microsoft.PowerShell.Core\Import-Module '$path' -ArgumentList Rehearsal").BeginInvoke()
}

function Invoke-Rehearsal {
    # Keys that are given and no role: they come back as they are, from the core, and STS is not asked. Nothing is read or kept of them.
    [CmdletBinding()]
    param()

    try {
        foreach ($time in 1..3) {
            $null = Use-Role -AccessKey 'AKIAREHEARSAL' -SecretKey 'rehearsal' -SessionToken 'rehearsal'
            $null = New-RoleCredentials @{ expiration = '2000-01-01T00:00:00Z'; assumedRoleUser = @{ arn = ''; assumedRoleId = '' } }
        }
    } finally {
        [runspace]::DefaultRunspace.CloseAsync()
    }
}
