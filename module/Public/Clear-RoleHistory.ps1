function Clear-RoleHistory {
    <#
    .SYNOPSIS
    Forgets the roles that were used lately: all, or one.

    .DESCRIPTION
    Clear-RoleHistory removes roles from the list that Get-RoleHistory shows
    and Tab completes from, with their display names and colours. Profiles
    and cached credentials are not touched: see Remove-RoleProfile and
    Clear-RoleCache.

    .PARAMETER RoleArn
    The role to forget. Default: all.

    .INPUTS
    System.String. The ARN of a role. Objects bind by the property RoleArn:
    those of Get-RoleHistory.

    .OUTPUTS
    None.

    .EXAMPLE
    PS> Clear-RoleHistory -WhatIf
    What if: Performing the operation "Forget" on target "2 roles of the
    history".

    What it would do.

    .EXAMPLE
    PS> Clear-RoleHistory -RoleArn arn:aws:iam::123456789012:role/Admin -Verbose
    VERBOSE: Performing the operation "Forget" on target "role
    arn:aws:iam::123456789012:role/Admin of the history".

    Forgets one role.

    .EXAMPLE
    PS> Get-RoleHistory | Where-Object Account -EQ 123456789012 | Clear-RoleHistory
    PS> (Get-RoleHistory).Count
    1

    Forgets the roles of one account.

    .NOTES
    Error ids, each followed by ',Clear-RoleHistory': FileUnreadable,
    FileUnwritable, FileBusy.

    .LINK
    Get-RoleHistory

    .LINK
    Clear-RoleCache
    #>
    [CmdletBinding(SupportsShouldProcess)]
    [OutputType([void])]
    param(
        [Parameter(Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)]
        [ValidateNotNullOrEmpty()]
        [string[]] $RoleArn
    )

    process {
        try {
            $requests = $PSBoundParameters.ContainsKey('RoleArn') ? @(foreach ($arn in $RoleArn) { @{ roleArn = $arn } }) : @(@{})
            foreach ($request in $requests) {
                $meant = (Invoke-Core $PSCmdlet 'history/clear' ($request + @{ whatIf = $true }))['roles'].Count
                if ($meant -eq 0) {
                    Write-Step $PSCmdlet 'There is nothing to forget.'
                    continue
                }
                $target = $request['roleArn'] ? "role $($request['roleArn']) of the history" : "$meant roles of the history"
                if (-not $PSCmdlet.ShouldProcess($target, 'Forget')) { continue }
                $null = Invoke-Core $PSCmdlet 'history/clear' $request
            }
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        }
    }
}
