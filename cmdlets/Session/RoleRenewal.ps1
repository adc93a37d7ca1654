# Renews entered roles, and roles of script blocks, before they expire, unless that needs an MFA code. A timer raises an engine event, whose
# action PowerShell runs between two statements or while the prompt waits, so this needs no thread and no second runspace. A program that is
# already running keeps its old credentials, because it got its environment at its start.

function Push-RoleFrame {
    # Switches to the frame's identity, in the environment and in AWS Tools. The caller has the turn.
    [CmdletBinding()]
    param([RoleCredentials.RoleFrame] $Frame)

    [RoleCredentials.RoleStack]::Push($Frame)
    Push-AwsToolsIdentity $Frame
    Start-RoleRenewal
}

function Pop-RoleFrame {
    # Removes frames until $Left remain.
    [CmdletBinding()]
    param([int] $Left)

    foreach ($frame in [RoleCredentials.RoleStack]::Pop($Left)) { Pop-AwsToolsIdentity $frame }
    if ([RoleCredentials.RoleStack]::Count -eq 0) { Stop-RoleRenewal }
}

function Update-EnteredRole {
    # Renews the frames that are due: sends requests and processes available responses. With -Cmdlet, waits for responses and warns of
    # failures.
    [CmdletBinding()]
    param([System.Management.Automation.PSCmdlet] $Cmdlet)

    if ($null -ne $Cmdlet) { Start-RoleRenewal }
    foreach ($frame in [RoleCredentials.RoleStack]::Frames) {
        # AWS Tools may have been loaded after the role was entered.
        if ($null -eq $frame.AwsTools -and $frame.IsOwn -and $frame.IsOnTop) { Push-AwsToolsIdentity $frame }
        if (-not $frame.IsPending -and $frame.IsDue) { [RoleCredentials.RoleRenewal]::Send($frame, $script:CoreFolder) }
        if (-not $frame.IsPending) { continue }
        if (-not [RoleCredentials.RoleRenewal]::TryComplete($frame, $script:CoreFolder, ($null -eq $Cmdlet ? 0 : 30000), $Cmdlet)) { continue }
        if (-not $frame.Failure -and $frame.IsOnTop -and $frame.AwsTools -and $frame.IsOwn) { Push-AwsToolsIdentity $frame }
        if ($null -ne $Cmdlet -and $frame.Failure) { [RoleCredentials.Terminal]::WriteWarning($Cmdlet, "$($frame.Name) could not be renewed: $($frame.Failure)") }
    }
}

function Start-RoleRenewal {
    # Starts one timer per runspace. It runs while a role is entered.
    if ($null -ne $script:Renewal) { return }
    $timer = [System.Timers.Timer]::new([RoleCredentials.RoleStack]::RenewalInterval)
    # The action runs in a module of its own, so MessageData passes this module. It discards errors, because no caller could see them.
    $action = { try { & $Event.MessageData { Invoke-RoleRenewal } } catch { $null = $_ } }
    $subscriber = $ExecutionContext.Events.SubscribeEvent($timer, 'Elapsed', 'RoleCredentials.Renewal', $ExecutionContext.SessionState.Module, $action, $true, $false)
    $script:Renewal = @{ Timer = $timer; Subscriber = $subscriber }
    $timer.Start()
}

function Stop-RoleRenewal {
    if ($null -eq $script:Renewal) { return }
    $script:Renewal.Timer.Stop()
    $ExecutionContext.Events.UnsubscribeEvent($script:Renewal.Subscriber)
    $script:Renewal.Timer.Dispose()
    $script:Renewal = $null
}

function Invoke-RoleRenewal {
    # PowerShell runs this between two statements of whatever this runspace is executing.
    if ([RoleCredentials.RoleStack]::Count -eq 0) { Stop-RoleRenewal } else { Update-EnteredRole }
}

$script:Renewal = $null
