function Get-RoleProfile {
    [CmdletBinding()]
    [OutputType('RoleCredentials.Profile')]
    param(
        [Parameter(Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)]
        [Alias('StoredCredentials', 'AWSProfileName')]
        [SupportsWildcards()]
        [ValidateNotNullOrEmpty()]
        [string[]] $ProfileName = '*',

        [Alias('ProfilesLocation', 'AWSProfilesLocation')]
        [ValidateNotNullOrEmpty()]
        [string] $ProfileLocation
    )

    process {
        $location = @{}
        if ($ProfileLocation) { $location['profileLocation'] = $PSCmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath($ProfileLocation) }

        $profiles = (Invoke-Core $PSCmdlet 'profile/list' $location)['profiles']
        foreach ($pattern in $ProfileName) {
            $found = $false
            # Profile names are case-sensitive in every AWS tool.
            $wildcard = [System.Management.Automation.WildcardPattern]::new($pattern, 'CultureInvariant')
            foreach ($profile in $profiles) {
                if ($profile['name'] -ceq $pattern -or $wildcard.IsMatch($profile['name'])) {
                    $found = $true
                    New-RoleProfile $profile
                }
            }
            if (-not $found -and -not [System.Management.Automation.WildcardPattern]::ContainsWildcardCharacters($pattern)) {
                $PSCmdlet.WriteError((New-CoreFailure 'ProfileNotFound' "There is no profile '$pattern'." 'Get-RoleProfile without a name lists them all.' $pattern 'ObjectNotFound'))
            }
        }
    }
}
