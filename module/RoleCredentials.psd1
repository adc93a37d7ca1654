@{
    RootModule           = 'core/RoleCredentials.dll'
    ModuleVersion        = '0.1.0'
    GUID                 = '6d0f2f0e-7c0a-4b6e-9f0d-3a5b1d7f52c8'
    Author               = 'The RoleCredentials authors'
    Copyright            = '(c) The RoleCredentials authors. MIT License.'
    Description          = 'Store AWS profiles and switch AWS IAM roles: Use-Role gives credentials for any AWS cmdlet.'
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
        # The SHA-256 of the core's files, stamped by the build: nothing else is run.
        CoreHashes = @{
            'role-credentials.cjs' = '58d3095e4949183f17db212d97cf6f5086c1e19873dd3176ad12d65a56b616cd'
            'core.cjs'             = 'ae49f3516d526cf897734fcd39b9e1cc9d6f075fe0c17510be3bdbf7428a67cf'
            'socks.cjs'            = '79a15f5523c6b2f6fc298c305d8ece170e0f9ddf341f25368d40d909040dffd8'
            'assume-role.cjs'      = '14a199538f624933bae7b7c340da9b3f9dc9801a570240dd77d2e6a34dd55cf3'
        }
    }
}
