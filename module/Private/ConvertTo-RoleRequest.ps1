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
        $request['profileLocation'] = Resolve-ProfileLocation $Cmdlet $Bound['ProfileLocation']
    }
    if ($Bound.ContainsKey('TransitiveTagKey')) { $request['transitiveTagKeys'] = [string[]]$Bound['TransitiveTagKey'] }
    if ($Bound.ContainsKey('PolicyArn')) { $request['policyArns'] = @(ConvertTo-PolicyArn $Cmdlet $Bound['PolicyArn']) }
    if ($Bound.ContainsKey('Tag')) { $request['tags'] = @(ConvertTo-SessionTag $Cmdlet $Bound['Tag']) }
    $credentials = ConvertTo-WireKeys $Cmdlet $Bound
    if ($Bound.ContainsKey('Credential')) { $credentials = ConvertTo-WireCredentials $Cmdlet $Bound['Credential'] }
    if ($credentials) { $request['credentials'] = $credentials }
    $request
}
