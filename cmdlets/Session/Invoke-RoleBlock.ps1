function Invoke-RoleBlock {
    # Runs a script block as a role, and restores what was there however it ends: clean runs after errors, return and Ctrl+C.
    # There is no try around the block: it would end at errors after which a block goes on elsewhere.
    [CmdletBinding()]
    param(
        [System.Management.Automation.PSCmdlet] $Cmdlet,
        [RoleCredentials.CoreRequest] $Answered,
        [scriptblock] $ScriptBlock,
        [object[]] $ArgumentList,
        [bool] $Chain
    )

    begin {
        $hadTurn = [RoleCredentials.RoleStack]::HasTurn
        $flow = [RoleCredentials.RoleStack]::CurrentFlow
        # $_ of the block is what Use-Role would have returned. It is looked up where the block was written, in the caller's session.
        $variables = $Cmdlet.SessionState.PSVariable
        $outer = $variables.GetValue('_')
        $left = -1
    }

    end {
        [RoleCredentials.RoleStack]::EnterTurn($Cmdlet)
        $folder = $Cmdlet.SessionState.Path.CurrentFileSystemLocation.ProviderPath
        $frame = [RoleCredentials.RoleFrame]::new($Answered.Result, $Answered.Parameters, $Answered.Environment, $folder, $Chain, $true)
        $left = [RoleCredentials.RoleStack]::Count
        Push-RoleFrame $frame
        [RoleCredentials.RoleStack]::CurrentFlow = $frame.Token
        [RoleCredentials.Terminal]::WriteStep($Cmdlet, "Running as $($frame.Name) ($($frame.AssumedRole)).")
        $variables.Set('_', [RoleCredentials.RoleCredentials]::From($Answered.Result))
        $place = $Cmdlet.MyInvocation
        # A loop, so that break and continue end the block, and not one of our own loops around it.
        do {
            if ($place.PipelinePosition -ge $place.PipelineLength) {
                # Nothing in between, so that programs in the block have the terminal.
                & $ScriptBlock @ArgumentList
            } else {
                # Who takes the output is not in the block, and not the role.
                & $ScriptBlock @ArgumentList | Microsoft.PowerShell.Core\ForEach-Object -Process {
                    [RoleCredentials.RoleStack]::Suspend($frame)
                    $_
                    [RoleCredentials.RoleStack]::Resume($frame)
                }
            }
        } while ($false)
    }

    clean {
        $variables.Set('_', $outer)
        [RoleCredentials.RoleStack]::CurrentFlow = $flow
        if ($left -ge 0) { Pop-RoleFrame $left }
        if (-not $hadTurn) { [RoleCredentials.RoleStack]::ExitTurn() }
    }
}
