function Clear-RoleCache {
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
        $requests = switch ($PSCmdlet.ParameterSetName) {
            'ProfileName' { foreach ($name in $ProfileName) { @{ profileName = $name } } }
            'RoleArn' { foreach ($arn in $RoleArn) { @{ roleArn = $arn } } }
            'All' { @{} }
        }
        foreach ($request in @($requests)) {
            $target = $request.Count -eq 0 ? 'all cached temporary credentials' : "cached temporary credentials of $($request.Values)"
            if (-not $PSCmdlet.ShouldProcess($target, 'Forget')) { continue }
            $done = Invoke-Core $PSCmdlet 'cache/clear' $request
            $PSCmdlet.WriteVerbose("Forgot $($done['removed']) entries.")
        }
    }
}
