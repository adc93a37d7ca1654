function Use-Role {
    [CmdletBinding(DefaultParameterSetName = 'ProfileName')]
    [OutputType('RoleCredentials')]
    param(
        [Parameter(ParameterSetName = 'RoleArn', Mandatory, Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)]
        [ValidateNotNullOrEmpty()]
        [string[]] $RoleArn,

        [Parameter(ParameterSetName = 'ProfileName', ValueFromPipelineByPropertyName)]
        [Parameter(ParameterSetName = 'RoleArn')]
        [Parameter(ParameterSetName = 'RoleName')]
        [Alias('StoredCredentials', 'AWSProfileName')]
        [ValidateNotNullOrEmpty()]
        [string[]] $ProfileName,

        [Parameter(ParameterSetName = 'RoleName', Mandatory)]
        [ValidateNotNullOrEmpty()]
        [string] $RoleName,

        [Parameter(ParameterSetName = 'RoleName', Mandatory, ValueFromPipeline, ValueFromPipelineByPropertyName)]
        [ValidateNotNullOrEmpty()]
        [string[]] $AccountId,

        [Parameter(Position = 1)]
        [string] $RoleSessionName,

        [Parameter(Position = 2)]
        [string] $Policy,

        [Parameter(Position = 3)]
        [Alias('DurationSeconds')]
        [int] $DurationInSeconds,

        [Parameter(Position = 4)]
        [string] $ExternalId,

        [Alias('SerialNumber')]
        [string] $MfaSerial,

        [string] $TokenCode,

        [Alias('PolicyArns')]
        [object[]] $PolicyArn,

        [Alias('Tags')]
        [object[]] $Tag,

        [Alias('TransitiveTagKeys')]
        [string[]] $TransitiveTagKey,

        [string] $SourceIdentity,

        [string] $SourceProfile,

        [Alias('Credentials')]
        [object] $Credential,

        [Alias('AK')]
        [string] $AccessKey,

        [Alias('SK', 'SecretAccessKey')]
        [object] $SecretKey,

        [Alias('ST')]
        [string] $SessionToken,

        [Alias('ProfilesLocation', 'AWSProfilesLocation')]
        [string] $ProfileLocation,

        [Alias('RegionToCall')]
        [string] $Region,

        [string] $EndpointUrl,

        [switch] $NoCache,

        [ValidateRange(1, 256)]
        [int] $ThrottleLimit = 16,

        [switch] $InOrder,

        # Nothing is asked for by Use-Role; it is here for scripts written for Use-STSRole.
        [switch] $Force
    )

    begin {
        $open = [System.Collections.Generic.List[object]]::new()
        $results = @{}
        $sent = 0
        $next = 0
        $many = $PSCmdlet.MyInvocation.ExpectingInput
        $started = [System.Environment]::TickCount64
    }

    process {
        $request = ConvertTo-RoleRequest $PSCmdlet $PSBoundParameters
        # One of the three may be a list; each of its elements is a request.
        $varying = $PSCmdlet.ParameterSetName -eq 'RoleName' ? 'AccountId' : $PSCmdlet.ParameterSetName
        $values = $PSBoundParameters.ContainsKey($varying) ? [string[]]$PSBoundParameters[$varying] : @($null)
        if ($values.Count -gt 1) { $many = $true }
        $key = [char]::ToLowerInvariant($varying[0]) + $varying.Substring(1)
        foreach ($value in $values) {
            while ($open.Count -ge $ThrottleLimit) {
                Receive-UsedRole $PSCmdlet $open $results -Wait
                Show-RoleProgress $PSCmdlet $sent $open.Count $started
            }
            $one = $request.Clone()
            if ($null -ne $value) { $one[$key] = $value }
            $one['conversation'] = [guid]::NewGuid().ToString()
            $ticket = Send-RoleRequest $PSCmdlet 'role/use' $one
            $ticket.Index = $sent++
            $open.Add($ticket)
        }
        Receive-UsedRole $PSCmdlet $open $results
        $next = Write-UsedRole $PSCmdlet $results $next -InOrder:$InOrder -Many:$many
    }

    end {
        while ($open.Count -gt 0) {
            Receive-UsedRole $PSCmdlet $open $results -Wait
            Show-RoleProgress $PSCmdlet $sent $open.Count $started
            $next = Write-UsedRole $PSCmdlet $results $next -InOrder:$InOrder -Many:$many
        }
        $next = Write-UsedRole $PSCmdlet $results $next -InOrder:$InOrder -Many:$many
        Show-RoleProgress $PSCmdlet $sent 0 $started -Completed
    }

    clean {
        # Ctrl+C, or an error further down the pipeline: nobody waits any longer.
        if ($open) { [RoleCore]::Cancel($open) }
    }
}
