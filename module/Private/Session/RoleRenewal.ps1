# An entered role, and a block that runs as a role, renew themselves before they expire, as long as that takes no MFA code. A timer raises an event of the engine, which runs
# it between two statements or while the prompt waits: no thread, no second runspace. Nothing can be renewed for a program that runs
# already, since it has its environment from the start.

# How often (milliseconds) it is looked whether something is due. By the clock on the wall, because a timer stands still in a sleeping
# machine.
$script:RenewalInterval = 20000

function Test-RoleFrameDue {
    # Due at ten minutes before the end, or a quarter of a session shorter than that.
    [CmdletBinding()]
    [OutputType([bool])]
    param([hashtable] $Frame)

    if ($Frame.Renewal -notin 'silent', 'session' -or $null -eq $Frame.Expiration) { return $false }
    $now = [datetime]::UtcNow
    if ($now -lt $Frame.RetryAt) { return $false }
    $margin = [System.Math]::Min(600, ($Frame.Expiration - $Frame.Obtained).TotalSeconds / 4)
    ($Frame.Expiration - $now).TotalSeconds -lt $margin
}

function Update-EnteredRole {
    # Renews what is due: asks the core, and takes its answer when it is there. With a cmdlet it waits for it, and says why it fails.
    [CmdletBinding()]
    param([System.Management.Automation.PSCmdlet] $Cmdlet)

    $frames = Get-RoleFrame
    if ($frames.Length -eq 0) { return }
    $stack = Get-RoleStack
    if ($null -ne $Cmdlet) { Start-RoleRenewal }
    $me = [System.Management.Automation.Runspaces.Runspace]::DefaultRunspace.InstanceId
    foreach ($frame in $frames) {
        # AWS Tools that were loaded since.
        if ($null -eq $frame.AwsTools -and $frame.Runspace -eq $me -and [object]::ReferenceEquals($frame, $frames[-1])) { Push-AwsToolsIdentity $frame }
        if ($null -eq $frame.Pending -and (Test-RoleFrameDue $frame)) { Send-RoleRenewal $stack $frame }
        if ($null -eq $frame.Pending) { continue }
        $answered = [RoleCore]::Receive(@($frame.Pending), ($null -eq $Cmdlet ? 0 : 30000))
        if ($null -eq $answered) { continue }
        $frame.Pending = $null
        Complete-RoleRenewal $stack $frame $answered
        if ($null -ne $Cmdlet -and $frame.Failure) { $Cmdlet.WriteWarning("$($frame.Name) could not be renewed: $($frame.Failure)") }
    }
}

function Send-RoleRenewal {
    [CmdletBinding()]
    param([hashtable] $Stack, [hashtable] $Frame)

    $request = $Frame.Request.Clone()
    $request['conversation'] = [guid]::NewGuid().ToString()
    $environment = [System.Environment]::GetEnvironmentVariables()
    foreach ($name in $script:IdentityVariables) {
        if ($null -eq $Frame.Environment[$name]) { $environment.Remove($name) } else { $environment[$name] = $Frame.Environment[$name] }
    }
    # Whatever comes of it, it is not tried again at once.
    $Frame.RetryAt = [datetime]::UtcNow.AddSeconds(60)
    try {
        $Frame.Pending = [RoleCore]::Send('role/use', $request, $Frame.Folder, $script:Core, $environment)
    } catch [System.Management.Automation.RuntimeException] {
        $Frame.Failure = $_.Exception.Message
    }
}

function Complete-RoleRenewal {
    [CmdletBinding()]
    param([hashtable] $Stack, [hashtable] $Frame, [hashtable] $Answered)

    if ($null -ne $Answered.ErrorRecord) {
        $Frame.Failure = $Answered.ErrorRecord.Exception.Message
        if ($Answered.Error['data']['id'] -eq 'MfaRequired') {
            $Frame.Renewal = 'code'
            $null = [RoleCore]::Send('role/abandon', @{ conversation = $Answered.Parameters['conversation'] }, $Frame.Folder, $script:Core, @{})
        }
        return
    }
    [System.Threading.Monitor]::Enter($Stack.Gate)
    try {
        $place = $Stack.Frames.IndexOf($Frame)
        if ($place -lt 0) { return }
        $old = $Frame.Set
        Update-RoleFrame $Frame $Answered.Result
        $Frame.Failure = $null
        # The new values go wherever the old ones are: into the environment, or into what the frames above found and started from.
        $places = [System.Collections.Generic.List[hashtable]]::new()
        for ($index = $place + 1; $index -lt $Stack.Frames.Count; $index++) {
            $places.Add($Stack.Frames[$index].Before)
            $places.Add($Stack.Frames[$index].Environment)
        }
        if ($Frame.Suspended) { $places.Add($Frame.Suspended) }
        foreach ($name in [string[]]$Frame.Set.Keys) {
            foreach ($values in $places) { if ($values[$name] -ceq $old[$name]) { $values[$name] = $Frame.Set[$name] } }
            if ($place -eq $Stack.Frames.Count - 1 -and [System.Environment]::GetEnvironmentVariable($name) -ceq $old[$name]) {
                Set-IdentityVariable @{ $name = $Frame.Set[$name] }
            }
        }
        $isTop = $place -eq $Stack.Frames.Count - 1
    } finally {
        [System.Threading.Monitor]::Exit($Stack.Gate)
    }
    $me = [System.Management.Automation.Runspaces.Runspace]::DefaultRunspace.InstanceId
    if ($isTop -and $Frame.AwsTools -and $Frame.Runspace -eq $me) { Push-AwsToolsIdentity $Frame }
}

function Start-RoleRenewal {
    # Once in a runspace, while there is a role.
    [CmdletBinding()]
    param()

    if ($null -ne $script:Renewal) { return }
    $timer = [System.Timers.Timer]::new($script:RenewalInterval)
    # The action runs in a module of its own, and gets ours along. It has no output, and its errors are nobody's.
    $action = { try { & $Event.MessageData { Invoke-RoleRenewal } } catch { $null = $_ } }
    $subscriber = $ExecutionContext.Events.SubscribeEvent($timer, 'Elapsed', 'RoleCredentials.Renewal', $ExecutionContext.SessionState.Module, $action, $true, $false)
    $script:Renewal = @{ Timer = $timer; Subscriber = $subscriber }
    $timer.Start()
}

function Stop-RoleRenewal {
    [CmdletBinding()]
    param()

    if ($null -eq $script:Renewal) { return }
    $script:Renewal.Timer.Stop()
    $ExecutionContext.Events.UnsubscribeEvent($script:Renewal.Subscriber)
    $script:Renewal.Timer.Dispose()
    $script:Renewal = $null
}

function Invoke-RoleRenewal {
    # The event comes in the midst of whatever this runspace does. In the midst of our own talk with the core it is left for next time.
    [CmdletBinding()]
    param()

    $stack = Get-RoleStack
    if ($stack.Frames.Count -eq 0) { Stop-RoleRenewal; return }
    if ([System.Threading.Monitor]::IsEntered($stack.Gate) -or [RoleCore]::IsTalking($script:Core)) { return }
    Update-EnteredRole
}

$script:Renewal = $null
$ExecutionContext.SessionState.Module.OnRemove = { Stop-RoleRenewal }
