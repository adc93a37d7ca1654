function Exit-Role {
    <#
    .SYNOPSIS
    Leaves the role that the session is in, and puts back what was there
    before.

    .DESCRIPTION
    Exit-Role restores the environment variables that Enter-Role set or took
    away, exactly as they were, those that were not set included; and where
    Enter-Role told AWS Tools for PowerShell, their session credentials and
    region. Nothing is called, so it works without a network, after an
    error, and when the credentials have expired.

    It leaves the role that was entered last. Within a script block of
    Use-Role it leaves roles that were entered there, and not the block's.

    .PARAMETER All
    Leaves all roles, back to the identity that the session had at the
    beginning.

    .INPUTS
    None.

    .OUTPUTS
    None.

    .EXAMPLE
    PS> Enter-Role -ProfileName prod
    PS> $env:AWS_ACCESS_KEY_ID.Substring(0, 4)
    ASIA
    PS> Exit-Role
    PS> $null -eq $env:AWS_ACCESS_KEY_ID
    True

    In and out again.

    .EXAMPLE
    PS> Exit-Role -All -Verbose
    VERBOSE: Left OneHour.
    VERBOSE: Left Hub.

    Out of every role, whatever was entered.

    .EXAMPLE
    PS> Enter-Role -ProfileName prod; try { aws s3 ls } finally { Exit-Role }
    2026-11-01 09:12:44 my-bucket

    In a script, out of the role whatever happens. (Use-Role -ScriptBlock
    does it by itself.)

    .NOTES
    Error ids: NoRoleEntered,Exit-Role (not with -All); RoleBusy,Exit-Role
    within a runspace that a script block of Use-Role started.

    .LINK
    Enter-Role

    .LINK
    Get-Role
    #>
    [CmdletBinding()]
    [OutputType([void])]
    param([switch] $All)

    end {
        $stack = Get-RoleStack
        $hadTurn = Test-RoleTurn $stack
        try {
            Enter-RoleTurn $PSCmdlet $stack
            $count = $stack.Frames.Count
            # A block's own frame, and what is beneath it, goes when the block ends.
            $least = 0
            for ($index = 0; $index -lt $count; $index++) { if ($stack.Frames[$index].Block) { $least = $index + 1 } }
            if ($count -le $least) {
                if ($All) { return }
                $message = $least -gt 0 ? 'No role was entered in this script block.' : 'No role is entered.'
                $PSCmdlet.ThrowTerminatingError((New-CoreFailure 'NoRoleEntered' $message 'Get-Role shows who this session is.' $null 'InvalidOperation'))
            }
            $left = $All ? $least : $count - 1
            $gone = $stack.Frames.GetRange($left, $count - $left)
            $gone.Reverse()
            Pop-RoleFrame $stack $left
        } finally {
            if (-not $hadTurn) { Exit-RoleTurn $stack }
        }
        if ($stack.Frames.Count -eq 0) { Stop-RoleRenewal }
        foreach ($frame in $gone) { Write-Step $PSCmdlet "Left $($frame.Name)." }
    }
}
