# The main job, shown: each line is printed as a person would type it, and then run.
param([Parameter(Mandatory)] [string] $Module, [Parameter(Mandatory)] [string] $AwsModule)

$ErrorActionPreference = 'Stop'

function Show-Step([string] $Why, [scriptblock] $Step) {
    "`n# $Why", "PS> $("$Step".Trim())" | Out-Host
    . $Step | Out-Host
}

Import-Module $Module
Import-Module $AwsModule

. Show-Step 'Keep the keys of a user as the default profile' {
    Set-RoleCredentials -AccessKey AKIAJOEXAMPLE0000001 -SecretKey 'Jo/EXAMPLE+secret00000000000000000000001' -Region eu-west-1
}
. Show-Step 'Who is that?' { Get-STSCallerIdentity }
. Show-Step 'Assume a role in another account' {
    $Creds = Use-Role -RoleArn arn:aws:iam::123456789012:role/Admin
}
. Show-Step 'What came back; the secrets are in its properties, and not on the screen' { $Creds }
. Show-Step 'Hand it to any AWS cmdlet: it answers as the role' { Get-STSCallerIdentity -Credential $Creds }
. Show-Step 'Without it, the user is who he was' { Get-STSCallerIdentity }
'Everything above was real but the cloud: it is a strict local AWS, and your own ~/.aws was not touched.' | Out-Host
