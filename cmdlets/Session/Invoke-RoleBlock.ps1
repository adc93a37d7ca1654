function Invoke-RoleBlock {
    # Runs a script block as a role, and restores the previous identity however the block ends: clean runs after errors, return and Ctrl+C.
    # Uses clean instead of try, because within try a block would stop at errors that it otherwise continues after.
    [CmdletBinding()]
    param(
        [System.Management.Automation.PSCmdlet] $Cmdlet,
        [RoleCredentials.RoleFrame] $Frame,
        [RoleCredentials.RoleCredentials] $Credentials,
        [scriptblock] $ScriptBlock,
        [object[]] $ArgumentList
    )

    begin {
        $turn = $null
        $flow = [RoleCredentials.RoleStack]::CurrentFlow
        # $_ in the block is the result that Use-Role would have returned. The block looks it up in the caller's session, so set it there.
        $variables = $Cmdlet.SessionState.PSVariable
        $outer = $variables.GetValue('_')
        $left = -1
    }

    end {
        $turn = [RoleCredentials.RoleStack]::EnterTurn($Cmdlet)
        $left = [RoleCredentials.RoleStack]::Count
        Push-RoleFrame $Frame
        [RoleCredentials.RoleStack]::CurrentFlow = $Frame
        [RoleCredentials.Terminal]::WriteStep($Cmdlet, "Running as $($Frame.Name) ($($Frame.AssumedRole)).")
        $variables.Set('_', $Credentials)
        $place = $Cmdlet.MyInvocation
        # The loop makes break and continue end the block instead of an outer loop of the module.
        do {
            if ($place.PipelinePosition -ge $place.PipelineLength) {
                # Run the block directly, so that programs in it have the terminal.
                & $ScriptBlock @ArgumentList
            } else {
                # Commands later in the pipeline must not run as the role, so suspend it while they process the output.
                & $ScriptBlock @ArgumentList | Microsoft.PowerShell.Core\ForEach-Object -Process {
                    [RoleCredentials.RoleStack]::Suspend($Frame)
                    $_
                    [RoleCredentials.RoleStack]::Resume($Frame)
                }
            }
        } while ($false)
    }

    clean {
        $variables.Set('_', $outer)
        [RoleCredentials.RoleStack]::CurrentFlow = $flow
        if ($left -ge 0) { Pop-RoleFrame $left }
        if ($null -ne $turn) { $turn.Dispose() }
    }
}
