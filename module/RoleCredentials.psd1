@{
    RootModule           = 'core/RoleCredentials.dll'
    ModuleVersion        = '0.1.0'
    GUID                 = '6d0f2f0e-7c0a-4b6e-9f0d-3a5b1d7f52c8'
    Author               = 'The RoleCredentials authors'
    Copyright            = '(c) The RoleCredentials authors. MIT License.'
    Description          = 'Store AWS profiles and switch AWS IAM roles: Use-Role gives credentials for any AWS cmdlet.'
    PowerShellVersion    = '7.4'
    CompatiblePSEditions = @('Core')
    FormatsToProcess     = @('RoleCredentials.format.ps1xml')
    FunctionsToExport    = @()
    CmdletsToExport      = @(
        'Clear-RoleCache'
        'Clear-RoleHistory'
        'Enter-Role'
        'Exit-Role'
        'Get-Role'
        'Get-RoleHistory'
        'Get-RoleProfile'
        'Get-RolePrompt'
        'Open-RoleConsole'
        'Remove-RoleProfile'
        'Set-RoleCredentials'
        'Test-Role'
        'Use-Role'
    )
    VariablesToExport    = @()
    AliasesToExport      = @('Set-RoleCredential')
    PrivateData          = @{
        PSData = @{
            Tags       = @('AWS', 'IAM', 'STS', 'AssumeRole', 'MFA', 'Credentials', 'SwitchRole')
        }
        # The SHA-256 of the core's files, stamped by the build: nothing else is run.
        CoreHashes = @{
            'role-credentials.cjs' = '3f4f59364dba0b8a1a96cbed100d8f40be46d75c659c6721206c95f40789cdb5'
            'core.cjs'             = '616aeaa31d70d700cad4f95bd33e4ab6d785eba87498296466b00c72c097a4bb'
            'assume-role.cjs'      = 'b3c87c19d26f59cb8196e1fe6357b4279f3148dcfb9c67efc00361c615856444'
        }
    }
}
