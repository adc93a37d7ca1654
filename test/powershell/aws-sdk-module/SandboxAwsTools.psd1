@{
    RootModule             = 'SandboxAwsTools.dll'
    ModuleVersion          = '1.0.0'
    GUID                   = '6f6a0d5e-6a0b-4b0e-9d1c-6f1f6d0b8c11'
    Description            = 'One cmdlet that calls AWS through the AWS SDK for .NET, as the cmdlets of AWS Tools for PowerShell do'
    PowerShellVersion      = '7.4'
    # As in AWS.Tools.Common: listing the assemblies lets scripts use [Amazon.Runtime.AWSCredentials] once the module is imported.
    RequiredAssemblies     = 'AWSSDK.Core.dll', 'AWSSDK.SecurityToken.dll'
    TypesToProcess         = 'SandboxAwsTools.types.ps1xml'
    FunctionsToExport      = @()
    AliasesToExport        = @()
    VariablesToExport      = @()
    CmdletsToExport        = 'Get-STSCallerIdentity'
}
