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

            $planned = Invoke-Core $PSCmdlet 'profile/remove' ($request + @{ whatIf = $true })
            $target = "profile '$name' in $([string]::Join(', ', $planned['files']))"
            if ($Force -and -not $WhatIfPreference) { $PSCmdlet.WriteVerbose("Removing $target.") }
            elseif (-not $PSCmdlet.ShouldProcess($target, 'Remove')) { continue }
            $null = Invoke-Core $PSCmdlet 'profile/remove' $request
        }
    }
}
