function Invoke-RoleBlock {
    # Runs a script block as a role, and restores what was there however it ends: clean runs after errors, return and Ctrl+C.
    # There is no try around the block: it would end at errors after which a block goes on elsewhere.
    [CmdletBinding()]
    param(
        [System.Management.Automation.PSCmdlet] $Cmdlet,
        [hashtable] $Answered,
        [scriptblock] $ScriptBlock,
        [object[]] $ArgumentList,
        [switch] $Chain
    )

    begin {
        $stack = Get-RoleStack
        $hadTurn = Test-RoleTurn $stack
        $flow = $stack.Flow.Value
        # $_ of the block is what Use-Role would have returned. It is looked up where the block was written, in the caller's session.
        $variables = $Cmdlet.SessionState.PSVariable
        $outer = $variables.GetValue('_')
        $left = -1
    }

    end {
        Enter-RoleTurn $Cmdlet $stack
        $folder = $Cmdlet.SessionState.Path.CurrentFileSystemLocation.ProviderPath
        $frame = New-RoleFrame $Answered.Result $Answered.Parameters $Answered.Environment $folder -Chain:$Chain -Block
        $left = $stack.Frames.Count
        Push-RoleFrame $stack $frame
        $stack.Flow.Value = $frame.Token
        Start-RoleRenewal
        Write-Step $Cmdlet "Running as $($frame.Name) ($($frame.AssumedRole))."
        $variables.Set('_', (New-RoleCredentials $Answered.Result))
        $place = $Cmdlet.MyInvocation
        # A loop, so that break and continue end the block, and not one of our own loops around it.
        do {
            if ($place.PipelinePosition -ge $place.PipelineLength) {
                # Nothing in between, so that programs in the block have the terminal.
                & $ScriptBlock @ArgumentList
            } else {
                # Who takes the output is not in the block, and not the role.
                & $ScriptBlock @ArgumentList | Microsoft.PowerShell.Core\ForEach-Object -Process {
                    Suspend-RoleFrame $stack $frame
                    $_
                    Resume-RoleFrame $stack $frame
                }
            }
        } while ($false)
    }

    clean {
        $variables.Set('_', $outer)
        $stack.Flow.Value = $flow
        if ($left -ge 0) { Pop-RoleFrame $stack $left }
        if (-not $hadTurn) { Exit-RoleTurn $stack }
        if ($stack.Frames.Count -eq 0) { Stop-RoleRenewal }
    }
}

function Suspend-RoleFrame {
    [CmdletBinding()]
    param([hashtable] $Stack, [hashtable] $Frame)

    [System.Threading.Monitor]::Enter($Stack.Gate)
    try {
        $Frame.Suspended = Get-IdentityVariable
        Set-IdentityVariable $Frame.Before
    } finally {
        [System.Threading.Monitor]::Exit($Stack.Gate)
    }
}

function Resume-RoleFrame {
    [CmdletBinding()]
    param([hashtable] $Stack, [hashtable] $Frame)

    [System.Threading.Monitor]::Enter($Stack.Gate)
    try {
        if ($null -eq $Frame.Suspended) { return }
        Set-IdentityVariable $Frame.Suspended
        $Frame.Suspended = $null
    } finally {
        [System.Threading.Monitor]::Exit($Stack.Gate)
    }
}
