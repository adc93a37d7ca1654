function Remove-RoleProfile {
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')]
    [OutputType([void])]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)]
        [Alias('StoredCredentials', 'AWSProfileName')]
        [ValidateNotNullOrEmpty()]
        [string[]] $ProfileName,

        [Alias('ProfilesLocation', 'AWSProfilesLocation')]
        [ValidateNotNullOrEmpty()]
        [string] $ProfileLocation,

        [switch] $Force
    )

    process {
        foreach ($name in $ProfileName) {
            $request = @{ profileName = $name }
            if ($ProfileLocation) { $request['profileLocation'] = $PSCmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath($ProfileLocation) }

            $planned = Request-Core $PSCmdlet 'profile/remove' ($request + @{ whatIf = $true })
            if (-not $planned['ErrorRecord']) {
                $target = "profile '$name' in $([string]::Join(', ', $planned.Result['files']))"
                if ($Force -and -not $WhatIfPreference) { $PSCmdlet.WriteVerbose("Removing $target.") }
                elseif (-not $PSCmdlet.ShouldProcess($target, 'Remove')) { continue }
                $planned = Request-Core $PSCmdlet 'profile/remove' $request
            }
            # As with Remove-Item, one that cannot be removed does not keep the others.
            if ($planned['ErrorRecord']) { $PSCmdlet.WriteError($planned.ErrorRecord) }
        }
    }
}
