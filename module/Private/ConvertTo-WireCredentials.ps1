function ConvertTo-WireCredentials {
    # Source credentials from what -Credential may be: our object, that of Use-STSRole, an AWSCredentials, or a PSCredential.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param([System.Management.Automation.PSCmdlet] $Cmdlet, [object] $Credential)

    if ($Credential -is [pscredential]) {
        return @{ accessKeyId = $Credential.UserName; secretAccessKey = $Credential.GetNetworkCredential().Password }
    }
    if ($null -eq $Credential) {
        # To take others instead would be to act as somebody else than was meant.
        $action = 'Look at the variable that -Credential was given; leave it out to use other credentials.'
        $Cmdlet.ThrowTerminatingError((New-CoreFailure 'CredentialInvalid' '-Credential is null.' $action 'Credential' 'InvalidArgument'))
    }
    $properties = $Credential.PSObject.Properties
    # The response of AssumeRole holds its credentials one level down.
    if (-not $properties['AccessKeyId'] -and $properties['Credentials'] -and $null -ne $Credential.Credentials) {
        return ConvertTo-WireCredentials $Cmdlet $Credential.Credentials
    }
    if ($properties['AccessKeyId'] -and $properties['SecretAccessKey'] -and $Credential.AccessKeyId -and $Credential.SecretAccessKey) {
        $wire = @{ accessKeyId = [string]$Credential.AccessKeyId; secretAccessKey = [string]$Credential.SecretAccessKey }
        if ($properties['SessionToken'] -and $Credential.SessionToken) { $wire['sessionToken'] = [string]$Credential.SessionToken }
        if ($properties['Expiration'] -and $Credential.Expiration -is [datetime]) {
            $wire['expiration'] = $Credential.Expiration.ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ss.fffZ', [cultureinfo]::InvariantCulture)
        }
        return $wire
    }
    # AWSCredentials of the AWS SDK for .NET
    if ($Credential.PSObject.Methods['GetCredentials']) {
        $immutable = $null
        $why = 'gives no AWS keys.'
        try { $immutable = $Credential.GetCredentials() } catch { $why = "gives no AWS keys: $($_.Exception.GetBaseException().Message)" }
        # Anonymous credentials have none.
        if ($null -ne $immutable) {
            $wire = @{ accessKeyId = [string]$immutable.AccessKey; secretAccessKey = [string]$immutable.SecretKey }
            if ($immutable.Token) { $wire['sessionToken'] = [string]$immutable.Token }
            return $wire
        }
    } else {
        $why = 'has no AWS keys.'
    }
    $action = 'Give what Use-Role or Use-STSRole returns, AWSCredentials, or a PSCredential.'
    $Cmdlet.ThrowTerminatingError((New-CoreFailure 'CredentialInvalid' "A $($Credential.GetType().FullName) $why" $action 'Credential' 'InvalidArgument'))
}

function ConvertTo-WireKeys {
    # Source credentials from -AccessKey, -SecretKey and -SessionToken; nothing when none of them was given.
    [System.Diagnostics.DebuggerStepThrough()]
    [CmdletBinding()]
    [OutputType([hashtable])]
    param([System.Management.Automation.PSCmdlet] $Cmdlet, [System.Collections.IDictionary] $Bound)

    if (-not ($Bound.ContainsKey('AccessKey') -or $Bound.ContainsKey('SecretKey') -or $Bound.ContainsKey('SessionToken'))) { return }
    # Half of a pair must not lead to other credentials than were meant.
    $keys = @{ accessKeyId = [string]$Bound['AccessKey']; secretAccessKey = ConvertFrom-Secret $Bound['SecretKey'] }
    if (-not $keys['accessKeyId'] -or -not $keys['secretAccessKey']) {
        $message = 'An access key and its secret key go together, and one of them is missing.'
        $Cmdlet.ThrowTerminatingError((New-CoreFailure 'ParameterConflict' $message 'Give both -AccessKey and -SecretKey.' 'AccessKey' 'InvalidArgument'))
    }
    if ($Bound.ContainsKey('Credential')) {
        $message = '-Credential and -AccessKey do not go together.'
        $Cmdlet.ThrowTerminatingError((New-CoreFailure 'ParameterConflict' $message 'Give one source of credentials.' 'Credential' 'InvalidArgument'))
    }
    $token = ConvertFrom-Secret $Bound['SessionToken']
    if ($token) { $keys['sessionToken'] = $token }
    $keys
}

function ConvertFrom-Secret {
    # The text of a secret given as text, as SecureString, or as the password of a PSCredential.
    [System.Diagnostics.DebuggerStepThrough()]
    [CmdletBinding()]
    [OutputType([string])]
    param([AllowNull()] [object] $Secret)

    if ($Secret -is [pscredential]) { $Secret = $Secret.Password }
    $Secret -is [securestring] ? [System.Net.NetworkCredential]::new('', $Secret).Password : [string]$Secret
}
