function Resolve-ProfileLocation {
    # The path that -ProfileLocation means, in the caller's folder and on his drives. The file need not exist.
    [CmdletBinding()]
    [OutputType([string])]
    param([System.Management.Automation.PSCmdlet] $Cmdlet, [string] $ProfileLocation)

    $provider = $null
    $drive = $null
    $why = 'It is in no file system.'
    try {
        $path = $Cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath($ProfileLocation, [ref] $provider, [ref] $drive)
        if ($provider.Name -eq 'FileSystem') { return $path }
    } catch {
        $why = $_.Exception.GetBaseException().Message
    }
    $message = "'$ProfileLocation' cannot be the place of profiles: $why"
    $record = New-CoreFailure 'ProfileLocationInvalid' $message 'Name a file, such as ~/.aws/credentials.' $ProfileLocation 'InvalidArgument'
    $Cmdlet.ThrowTerminatingError($record)
}
