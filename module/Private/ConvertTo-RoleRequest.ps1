function ConvertTo-RoleRequest {
    # The bound parameters of a cmdlet as the core's parameters: only what was given, under the protocol's names.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param([Parameter(Mandatory)] [System.Management.Automation.PSCmdlet] $Cmdlet, [Parameter(Mandatory)] [System.Collections.IDictionary] $Bound)

    $request = @{}
    foreach ($name in 'ProfileName', 'RoleArn', 'RoleName', 'AccountId', 'SourceProfile', 'RoleSessionName', 'ExternalId', 'MfaSerial',
        'TokenCode', 'Policy', 'SourceIdentity', 'Region', 'EndpointUrl') {
        if ($Bound.ContainsKey($name)) { $request[[char]::ToLowerInvariant($name[0]) + $name.Substring(1)] = [string]$Bound[$name] }
    }
    if ($Bound.ContainsKey('DurationInSeconds')) { $request['durationInSeconds'] = [int]$Bound['DurationInSeconds'] }
    if ($Bound.ContainsKey('NoCache')) { $request['noCache'] = [bool]$Bound['NoCache'] }
    if ($Bound.ContainsKey('ProfileLocation')) {
        $request['profileLocation'] = $Cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Bound['ProfileLocation'])
    }
    if ($Bound.ContainsKey('TransitiveTagKey')) { $request['transitiveTagKeys'] = [string[]]$Bound['TransitiveTagKey'] }
    # An ARN, or a PolicyDescriptorType as Use-STSRole takes it.
    if ($Bound.ContainsKey('PolicyArn')) {
        $request['policyArns'] = [string[]]@(foreach ($policy in $Bound['PolicyArn']) { $policy -is [string] ? $policy : $policy.Arn })
    }
    if ($Bound.ContainsKey('Tag')) { $request['tags'] = @(ConvertTo-SessionTag $Bound['Tag']) }
    if ($Bound.ContainsKey('Credential')) { $request['credentials'] = ConvertTo-WireCredentials $Cmdlet $Bound['Credential'] }
    if ($Bound.ContainsKey('AccessKey')) {
        $request['credentials'] = @{ accessKeyId = [string]$Bound['AccessKey'] }
        if ($Bound.ContainsKey('SecretKey')) { $request['credentials']['secretAccessKey'] = ConvertFrom-Secret $Bound['SecretKey'] }
        if ($Bound.ContainsKey('SessionToken')) { $request['credentials']['sessionToken'] = [string]$Bound['SessionToken'] }
    }
    $request
}

function ConvertTo-SessionTag {
    # Session tags from a hashtable, or from objects with Key and Value as Use-STSRole takes them.
    [CmdletBinding()]
    param([object[]] $Tag)

    foreach ($item in $Tag) {
        if ($item -is [System.Collections.IDictionary] -and -not ($item.Contains('Key') -and $item.Contains('Value'))) {
            foreach ($entry in $item.GetEnumerator()) { @{ key = [string]$entry.Key; value = [string]$entry.Value } }
        } else {
            @{ key = [string]$item.Key; value = [string]$item.Value }
        }
    }
}

function ConvertTo-WireCredentials {
    # Source credentials from what -Credential may be: our object, that of Use-STSRole, an AWSCredentials, or a PSCredential.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param([System.Management.Automation.PSCmdlet] $Cmdlet, [object] $Credential)

    if ($Credential -is [pscredential]) {
        return @{ accessKeyId = $Credential.UserName; secretAccessKey = $Credential.GetNetworkCredential().Password }
    }
    $properties = $Credential.PSObject.Properties
    # The response of AssumeRole holds its credentials one level down.
    if (-not $properties['AccessKeyId'] -and $properties['Credentials']) {
        return ConvertTo-WireCredentials $Cmdlet $Credential.Credentials
    }
    if ($properties['AccessKeyId'] -and $properties['SecretAccessKey']) {
        $wire = @{ accessKeyId = [string]$Credential.AccessKeyId; secretAccessKey = [string]$Credential.SecretAccessKey }
        if ($properties['SessionToken'] -and $Credential.SessionToken) { $wire['sessionToken'] = [string]$Credential.SessionToken }
        if ($properties['Expiration'] -and $Credential.Expiration -is [datetime]) {
            $wire['expiration'] = $Credential.Expiration.ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ss.fffZ', [cultureinfo]::InvariantCulture)
        }
        return $wire
    }
    # AWSCredentials of the AWS SDK for .NET
    if ($Credential.PSObject.Methods['GetCredentials']) {
        $immutable = $Credential.GetCredentials()
        $wire = @{ accessKeyId = [string]$immutable.AccessKey; secretAccessKey = [string]$immutable.SecretKey }
        if ($immutable.Token) { $wire['sessionToken'] = [string]$immutable.Token }
        return $wire
    }
    $record = New-CoreFailure 'CredentialInvalid' "A $($Credential.GetType().FullName) has no AWS keys." 'Give what Use-Role or Use-STSRole returns, or AWSCredentials.' '-Credential' 'InvalidArgument'
    $Cmdlet.ThrowTerminatingError($record)
}

function ConvertFrom-Secret {
    # The text of a secret given as text or as SecureString.
    [CmdletBinding()]
    [OutputType([string])]
    param([object] $Secret)

    $Secret -is [securestring] ? [System.Net.NetworkCredential]::new('', $Secret).Password : [string]$Secret
}
