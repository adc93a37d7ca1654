# A long-lived session that reads JSON lines and writes milliseconds. With -Sdk, also measures the AWS SDK for .NET in the same process.
param([string] $Manifest, [string] $Sdk)

$ErrorActionPreference = 'Stop'
Import-Module $Manifest
if ($Sdk) {
    foreach ($name in 'AWSSDK.Core', 'AWSSDK.SecurityToken') { $null = [System.Reflection.Assembly]::LoadFrom("$Sdk/$name.dll") }
}
$clients = @{}
$ms = 1000 / [System.Diagnostics.Stopwatch]::Frequency

function Get-Memory([int] $Id) { [System.Diagnostics.Process]::GetProcessById($Id).WorkingSet64 / 1MB }

function Get-CoreId { [RoleCredentials.RoleCore]::GetProcessId([RoleCredentials.CoreFolder]::Own) }

$methods = @{
    use     = { $null = Use-Role -ProfileName prod }
    # Many calls per measurement, because reading the clock costs a tenth of a call.
    again   = { foreach ($time in 1..([int]$question.count)) { $null = Use-Role -ProfileName prod } }
    further = { $null = Use-Role -RoleArn $question.roleArn -RoleSessionName bench -SourceProfile base -EndpointUrl $question.url }
    dotnet  = {
        $client = $clients[$question.url]
        if (-not $client) {
            $config = [Amazon.SecurityToken.AmazonSecurityTokenServiceConfig]::new()
            $config.ServiceURL = $question.url
            $config.AuthenticationRegion = 'eu-west-1'
            $keys = [Amazon.Runtime.BasicAWSCredentials]::new('AKIAIOSFODNN7EXAMPLE', 'EXAMPLE')
            $client = $clients[$question.url] = [Amazon.SecurityToken.AmazonSecurityTokenServiceClient]::new($keys, $config)
        }
        $request = [Amazon.SecurityToken.Model.AssumeRoleRequest]::new()
        $request.RoleArn = $question.roleArn
        $request.RoleSessionName = 'bench'
        $null = $client.AssumeRoleAsync($request).GetAwaiter().GetResult().Credentials.AccessKeyId
    }
    many    = {
        $count = 0
        1..([int]$question.count) | ForEach-Object { "arn:aws:iam::123456789012:role/$($question.name)$_" } |
            Use-Role -RoleSessionName bench -SourceProfile base -EndpointUrl $question.url | ForEach-Object { $count++ }
        if ($count -ne [int]$question.count) { throw "$count of $($question.count)" }
    }
    memory  = { $script:answer['core'] = Get-Memory (Get-CoreId); $script:answer['session'] = Get-Memory $PID }
    find    = {
        $file = [Amazon.Runtime.CredentialManagement.SharedCredentialsFile]::new($question.credentials)
        $found = $null
        if (-not $file.TryGetProfile($question.profile, [ref] $found)) { throw 'not found' }
    }
    list    = {
        $file = [Amazon.Runtime.CredentialManagement.SharedCredentialsFile]::new($question.credentials)
        if ($file.ListProfileNames().Count -lt [int]$question.count) { throw 'not listed' }
    }
    change  = {
        $file = [Amazon.Runtime.CredentialManagement.SharedCredentialsFile]::new($question.credentials)
        $options = [Amazon.Runtime.CredentialManagement.CredentialProfileOptions]::new()
        $options.AccessKey = $question.value
        $options.SecretKey = 'EXAMPLE'
        $file.RegisterProfile([Amazon.Runtime.CredentialManagement.CredentialProfile]::new($question.profile, $options))
    }
}
while ($null -ne ($line = [System.Console]::In.ReadLine())) {
    $question = @{}
    foreach ($entry in [System.Text.Json.Nodes.JsonNode]::Parse($line).AsObject().GetEnumerator()) { $question[$entry.Key] = $entry.Value.ToString() }
    $answer = @{}
    $method = $methods[$question.method]
    $start = [System.Diagnostics.Stopwatch]::GetTimestamp()
    . $method
    $answer['ms'] = ([System.Diagnostics.Stopwatch]::GetTimestamp() - $start) * $ms
    $parts = foreach ($name in $answer.Keys) { [string]::Format([cultureinfo]::InvariantCulture, '"{0}":{1}', $name, $answer[$name]) }
    [System.Console]::WriteLine("{$([string]::Join(',', $parts))}")
}
