@{
    RootModule           = 'core/RoleCredentials.dll'
    ModuleVersion        = '0.1.0'
    GUID                 = '6d0f2f0e-7c0a-4b6e-9f0d-3a5b1d7f52c8'
    Author               = 'The RoleCredentials authors'
    Copyright            = '(c) The RoleCredentials authors. MIT License.'
    Description          = 'Store AWS profiles and switch AWS IAM roles: Use-Role returns credentials for any AWS cmdlet.'
    PowerShellVersion    = '7.4'
    CompatiblePSEditions = @('Core')
    TypesToProcess       = @('RoleCredentials.types.ps1xml')
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
        # The build writes the SHA-256 of the core's files here. The module runs no other files.
        CoreHashes = @{
            'role-credentials.cjs' = '58d3095e4949183f17db212d97cf6f5086c1e19873dd3176ad12d65a56b616cd'
            'core.cjs'             = '3889b9d2d20495aaad65960cfedf29227b30f9d9e29b6c0b02051a16d1397e52'
            'socks.cjs'            = '79a15f5523c6b2f6fc298c305d8ece170e0f9ddf341f25368d40d909040dffd8'
            'assume-role.cjs'      = 'c668cda6e63f7e293d13b13a487c55b241389ea257d2cf067b33b142848d6c88'
        }
    }
}
