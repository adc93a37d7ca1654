function Set-RoleCredentials {
    [CmdletBinding(DefaultParameterSetName = 'Role', SupportsShouldProcess)]
    [Alias('Set-RoleCredential')]
    [OutputType([void])]
    param(
        [Parameter(ParameterSetName = 'Keys', Mandatory, ValueFromPipelineByPropertyName)]
        [Alias('AK')]
        [ValidateNotNullOrEmpty()]
        [string] $AccessKey,

        [Parameter(ParameterSetName = 'Keys', ValueFromPipelineByPropertyName)]
        [Alias('SK', 'SecretAccessKey')]
        [ValidateNotNullOrEmpty()]
        [object] $SecretKey,

        [Parameter(ParameterSetName = 'Keys', ValueFromPipelineByPropertyName)]
        [Alias('ST')]
        [ValidateNotNullOrEmpty()]
        [object] $SessionToken,

        [Parameter(ParameterSetName = 'Credential', Mandatory)]
        [Alias('Credentials')]
        [ValidateNotNull()]
        [object] $Credential,

        [Parameter(ParameterSetName = 'ProfileName', Mandatory)]
        [Alias('StoredCredentials', 'AWSProfileName')]
        [ValidateNotNullOrEmpty()]
        [string] $ProfileName,

        [Parameter(ParameterSetName = 'Role')]
        [string] $RoleArn,

        [Parameter(ParameterSetName = 'Role')]
        [string] $SourceProfile,

        [Parameter(ParameterSetName = 'Role')]
        [string] $CredentialSource,

        [Parameter(ParameterSetName = 'Role')]
        [Parameter(ParameterSetName = 'Keys')]
        [Parameter(ParameterSetName = 'Credential')]
        [Alias('SerialNumber')]
        [string] $MfaSerial,

        [Parameter(ParameterSetName = 'Role')]
        [string] $ExternalId,

        [Parameter(ParameterSetName = 'Role')]
        [string] $RoleSessionName,

        [Parameter(ParameterSetName = 'Role')]
        [Parameter(ParameterSetName = 'Keys')]
        [Parameter(ParameterSetName = 'Credential')]
        [Alias('DurationSeconds')]
        [int] $DurationInSeconds,

        [Parameter(ParameterSetName = 'Role')]
        [string] $SourceIdentity,

        [Parameter(ParameterSetName = 'Role')]
        [Alias('Tags')]
        [object[]] $Tag,

        [Parameter(ParameterSetName = 'Role')]
        [Alias('TransitiveTagKeys')]
        [string[]] $TransitiveTagKey,

        [Parameter(ParameterSetName = 'Role')]
        [Parameter(ParameterSetName = 'Keys')]
        [Parameter(ParameterSetName = 'Credential')]
        [switch] $MfaSession,

        [ValidateNotNullOrEmpty()]
        [string] $StoreAs = 'default',

        [string] $Region,

        [ValidateSet('json', 'yaml', 'yaml-stream', 'text', 'table', 'off')]
        [string] $Output,

        [Alias('ProfilesLocation', 'AWSProfilesLocation')]
        [ValidateNotNullOrEmpty()]
        [string] $ProfileLocation
    )

    process {
        $location = @{}
        if ($ProfileLocation) { $location['profileLocation'] = $PSCmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath($ProfileLocation) }

        if ($PSCmdlet.ParameterSetName -eq 'ProfileName') {
            $request = $location + @{ from = $ProfileName; to = $StoreAs }
            $what = "Copy profile '$ProfileName'"
            $method = 'profile/copy'
        } else {
            $settings = ConvertTo-ProfileSettings $PSCmdlet $PSBoundParameters
            if ($settings.Count -eq 0) { $settings = Read-ProfileSettings $PSCmdlet $StoreAs $location }
            if ($settings.Count -eq 0) { return }
            $request = $location + @{ profileName = $StoreAs; settings = $settings }
            $what = Format-ProfileChange $settings
            $method = 'profile/store'
        }

        # What is wrong with the input is told before the question, and under -WhatIf too.
        $planned = Invoke-Core $PSCmdlet $method ($request + @{ whatIf = $true })
        if ($planned['files'].Count -eq 0) {
            $PSCmdlet.WriteVerbose("Profile '$StoreAs' says so already.")
            return
        }
        if (-not $PSCmdlet.ShouldProcess("profile '$StoreAs' in $([string]::Join(', ', $planned['files']))", $what)) { return }
        $done = Invoke-Core $PSCmdlet $method $request
        foreach ($file in $done['files']) { $PSCmdlet.WriteVerbose("Changed $file.") }
        foreach ($warning in $done['warnings']) { $PSCmdlet.WriteWarning($warning) }
    }
}
