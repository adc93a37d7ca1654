# An entered role, and a block that runs as a role, renew themselves before they expire, as long as that takes no MFA code. A timer raises an
# event of the engine, which runs it between two statements or while the prompt waits: no thread, no second runspace. Nothing can be renewed
# for a program that runs already, since it has its environment from the start.

function Push-RoleFrame {
    # Becomes the frame's identity, here and in AWS Tools. The caller has the turn.
    [CmdletBinding()]
    param([RoleCredentials.RoleFrame] $Frame)

    [RoleCredentials.RoleStack]::Push($Frame)
    Push-AwsToolsIdentity $Frame
    Start-RoleRenewal
}

function Pop-RoleFrame {
    # Takes frames away until so many are left.
    [CmdletBinding()]
    param([int] $Left)

    foreach ($frame in [RoleCredentials.RoleStack]::Pop($Left)) { Pop-AwsToolsIdentity $frame }
    if ([RoleCredentials.RoleStack]::Count -eq 0) { Stop-RoleRenewal }
}

function Update-EnteredRole {
    # Renews what is due: asks the core, and takes its answer when it is there. With a cmdlet it waits for it, and says why it fails.
    [CmdletBinding()]
    param([System.Management.Automation.PSCmdlet] $Cmdlet)

    $frames = [RoleCredentials.RoleStack]::Frames
    if ($frames.Length -eq 0) { return }
    if ($null -ne $Cmdlet) { Start-RoleRenewal }
    foreach ($frame in $frames) {
        # AWS Tools that were loaded since.
        if ($null -eq $frame.AwsTools -and $frame.IsOwn -and [object]::ReferenceEquals($frame, $frames[-1])) { Push-AwsToolsIdentity $frame }
        if ($null -eq $frame.Pending -and $frame.IsDue) { Send-RoleRenewal $frame }
        if ($null -eq $frame.Pending) { continue }
        $answered = [RoleCredentials.RoleCore]::Receive($frame.Pending, ($null -eq $Cmdlet ? 0 : 30000), $Cmdlet)
        if ($null -eq $answered) { continue }
        $frame.Pending = $null
        Complete-RoleRenewal $frame $answered
        if ($null -ne $Cmdlet -and $frame.Failure) { [RoleCredentials.Terminal]::WriteWarning($Cmdlet, "$($frame.Name) could not be renewed: $($frame.Failure)") }
    }
}

function Send-RoleRenewal {
    [CmdletBinding()]
    param([RoleCredentials.RoleFrame] $Frame)

    $request = $Frame.Request.Clone()
    $request['invocationId'] = [guid]::NewGuid().ToString()
    # Whatever comes of it, it is not tried again at once.
    $Frame.RetryAt = [datetime]::UtcNow.AddSeconds(60)
    try {
        $Frame.Pending = [RoleCredentials.RoleCore]::Send($script:Core, 'role/use', $request, $Frame.EnvironmentThen(), $Frame.Folder)
    } catch [System.Management.Automation.RuntimeException] {
        $Frame.Failure = $_.Exception.GetBaseException().Message
    }
}

function Complete-RoleRenewal {
    [CmdletBinding()]
    param([RoleCredentials.RoleFrame] $Frame, [RoleCredentials.CoreRequest] $Answered)

    if ($null -ne $Answered.ErrorRecord) {
        $Frame.Failure = $Answered.ErrorRecord.Exception.Message
        if ($Answered.Error['id'] -eq 'MfaRequired') {
            $Frame.Renewal = 'code'
            $null = [RoleCredentials.RoleCore]::Send($script:Core, 'role/abandon', @{ invocationId = $Answered.Parameters['invocationId'] }, @{}, $Frame.Folder)
        }
        return
    }
    $isTop = [RoleCredentials.RoleStack]::Renew($Frame, $Answered.Result)
    if ($isTop -and $Frame.AwsTools -and $Frame.IsOwn) { Push-AwsToolsIdentity $Frame }
}

function Start-RoleRenewal {
    # Once in a runspace, while there is a role.
    [CmdletBinding()]
    param()

    if ($null -ne $script:Renewal) { return }
    $timer = [System.Timers.Timer]::new([RoleCredentials.RoleStack]::RenewalInterval)
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
    # The event comes in the midst of whatever this runspace does, between two statements.
    [CmdletBinding()]
    param()

    if ([RoleCredentials.RoleStack]::Count -eq 0) { Stop-RoleRenewal } else { Update-EnteredRole }
}

$script:Renewal = $null
