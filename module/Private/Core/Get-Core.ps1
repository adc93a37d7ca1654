function Get-Core {
    # The core of this PowerShell process: one Node child, shared by all runspaces, started at the first need and again when it has died.
    # What is shared between runspaces holds .NET objects only: a script block would belong to one of them.
    [CmdletBinding()]
    param()

    $key = "RoleCredentials.Core:$script:CorePath"
    $domain = [System.AppDomain]::CurrentDomain
    $gate = [string]::Intern("$key.Gate")
    $core = $domain.GetData($key)
    if ($null -ne $core -and -not $core.Broken -and -not $core.Process.HasExited) { return $core }

    [System.Threading.Monitor]::Enter($gate)
    try {
        $core = $domain.GetData($key)
        if ($null -ne $core) {
            if (-not $core.Broken -and -not $core.Process.HasExited) { return $core }
            Stop-Core $core
        }
        $core = Start-Core
        $domain.SetData($key, $core)
        return $core
    } finally {
        [System.Threading.Monitor]::Exit($gate)
    }
}
