function Clear-RoleCache {
    <#
    .SYNOPSIS
    Forgets cached temporary credentials.

    .DESCRIPTION
    Use-Role keeps the credentials of roles and of MFA sessions until they
    expire: in memory, in ~/.aws/cli/cache where the AWS CLI would have kept
    the same, and else in ~/.aws/role-credentials/cache. Clear-RoleCache
    forgets them, so that the next Use-Role calls AWS anew, and asks for an
    MFA code anew. That is of use after a role's policies, tags or MFA device
    have changed.

    Credentials that were handed out stay valid until they expire: only AWS
    can end them ("Revoke active sessions" in the IAM console).

    .PARAMETER ProfileName
    Forgets what was assumed for these profiles only. Names are
    case-sensitive.

    .PARAMETER RoleArn
    Forgets what was assumed of these roles only, for whichever profile.

    .INPUTS
    Objects with a property ProfileName, such as those of Get-RoleProfile.

    .OUTPUTS
    None. -Verbose tells how many entries were forgotten.

    .EXAMPLE
    PS> Clear-RoleCache -Verbose
    VERBOSE: Performing the operation "Forget" on target "all cached temporary credentials".
    VERBOSE: Forgot 3 entries.

    Forgets everything.

    .EXAMPLE
    PS> Clear-RoleCache prod
    PS> $Creds = Use-Role -ProfileName prod
    MFA code of arn:aws:iam::111111111111:mfa/jo: 123456

    Forgets one profile's credentials, so that they are got anew.

    .EXAMPLE
    PS> Clear-RoleCache -RoleArn arn:aws:iam::123456789012:role/Admin -WhatIf
    What if: Performing the operation "Forget" on target "cached temporary credentials of arn:aws:iam::123456789012:role/Admin".

    Tells what would be forgotten.

    .NOTES
    Error ids, each followed by ',Clear-RoleCache': FileUnreadable.

    .LINK
    https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-role.html

    .LINK
    Use-Role
    #>
    [CmdletBinding(DefaultParameterSetName = 'All', SupportsShouldProcess)]
    [OutputType([void])]
    param(
        [Parameter(ParameterSetName = 'ProfileName', Mandatory, Position = 0, ValueFromPipelineByPropertyName)]
        [Alias('StoredCredentials', 'AWSProfileName')]
        [ValidateNotNullOrEmpty()]
        [string[]] $ProfileName,

        [Parameter(ParameterSetName = 'RoleArn', Mandatory)]
        [ValidateNotNullOrEmpty()]
        [string[]] $RoleArn
    )

    process {
        try {
            $requests = switch ($PSCmdlet.ParameterSetName) {
                'ProfileName' { foreach ($name in $ProfileName) { @{ profileName = $name } } }
                'RoleArn' { foreach ($arn in $RoleArn) { @{ roleArn = $arn } } }
                'All' { @{} }
            }
            foreach ($request in @($requests)) {
                $target = $request.Count -eq 0 ? 'all cached temporary credentials' : "cached temporary credentials of $($request.Values)"
                if (-not $PSCmdlet.ShouldProcess($target, 'Forget')) { continue }
                $done = Invoke-Core $PSCmdlet 'cache/clear' $request
                Write-Step $PSCmdlet "Forgot $($done['removed']) entries."
            }
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        }
    }
}
