# Demonstrates the main use: prints each line as a user would type it, then runs it.
param([Parameter(Mandatory)] [string] $Module, [Parameter(Mandatory)] [string] $AwsModule)

$ErrorActionPreference = 'Stop'

function Show-Step([string] $Why, [scriptblock] $Step) {
    "`n# $Why", "PS> $("$Step".Trim())" | Out-Host
    . $Step | Out-Host
}

Import-Module $Module
Import-Module $AwsModule
# The AWS on this machine knows this key. A user would type it at the prompt of Set-RoleCredentials.
$SecretKey = [System.Net.NetworkCredential]::new('', 'Jo/EXAMPLE+secret00000000000000000000001').SecurePassword

. Show-Step 'Keep the keys of a user as the default profile' {
    Set-RoleCredentials -AccessKey AKIAJOEXAMPLE0000001 -SecretKey $SecretKey -Region eu-west-1
}
. Show-Step 'Show the caller' { Get-STSCallerIdentity }
. Show-Step 'Assume a role in another account' {
    $Creds = Use-Role -RoleArn arn:aws:iam::123456789012:role/Admin
}
. Show-Step 'Show the result: the secrets are in its properties but not on the screen' { $Creds }
. Show-Step 'Pass it to any AWS cmdlet, which then runs as the role' { Get-STSCallerIdentity -Credential $Creds }
. Show-Step 'Without it, AWS cmdlets run as the user' { Get-STSCallerIdentity }
'Everything above was real except the cloud, which was a strict local AWS. Your ~/.aws was not touched.' | Out-Host
