function Invoke-RoleBlock {
    # Runs a script block as a role, and restores the previous identity however the block ends: clean runs after errors, return and Ctrl+C.
    # Uses clean instead of try, because within try a block would stop at errors that it otherwise continues after.
    [CmdletBinding()]
    param(
        [System.Management.Automation.PSCmdlet] $Cmdlet,
        [RoleCredentials.CoreRequest] $Answered,
        [scriptblock] $ScriptBlock,
        [object[]] $ArgumentList,
        [bool] $Chain,
        [bool] $Serve
    )

    begin {
        $hadTurn = [RoleCredentials.RoleStack]::HasTurn
        $flow = [RoleCredentials.RoleStack]::CurrentFlow
        # $_ in the block is the result that Use-Role would have returned. The block looks it up in the caller's session, so set it there.
        $variables = $Cmdlet.SessionState.PSVariable
        $outer = $variables.GetValue('_')
        $left = -1
    }

    end {
        [RoleCredentials.RoleStack]::EnterTurn($Cmdlet)
        $folder = $Cmdlet.SessionState.Path.CurrentFileSystemLocation.ProviderPath
        $endpoint = if ($Serve) { [RoleCredentials.RoleEndpoint]::Open($Cmdlet, $script:Core, $Answered.Parameters, $Answered.Result, $Answered.Environment) }
        $frame = [RoleCredentials.RoleFrame]::new($Answered.Result, $Answered.Parameters, $Answered.Environment, $folder, $Chain, $true, $endpoint)
        $left = [RoleCredentials.RoleStack]::Count
        Push-RoleFrame $frame
        [RoleCredentials.RoleStack]::CurrentFlow = $frame.Token
        [RoleCredentials.Terminal]::WriteStep($Cmdlet, "Running as $($frame.Name) ($($frame.AssumedRole)).")
        $variables.Set('_', [RoleCredentials.RoleCredentials]::From($Answered.Result))
        $place = $Cmdlet.MyInvocation
        # The loop makes break and continue end the block instead of an outer loop of the module.
        do {
            if ($place.PipelinePosition -ge $place.PipelineLength) {
                # Run the block directly, so that programs in it have the terminal.
                & $ScriptBlock @ArgumentList
            } else {
                # Commands later in the pipeline must not run as the role, so suspend it while they process the output.
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
