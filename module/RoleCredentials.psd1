@{
    RootModule           = 'RoleCredentials.psm1'
    ModuleVersion        = '0.1.0'
    GUID                 = '6d0f2f0e-7c0a-4b6e-9f0d-3a5b1d7f52c8'
    Author               = 'The RoleCredentials authors'
    Copyright            = '(c) The RoleCredentials authors. MIT License.'
    Description          = 'Store AWS profiles and switch AWS IAM roles: Use-Role gives credentials for any AWS cmdlet.'
    PowerShellVersion    = '7.4'
    CompatiblePSEditions = @('Core')
    FormatsToProcess     = @('RoleCredentials.format.ps1xml')
    FunctionsToExport    = @(
        'Clear-RoleCache'
        'Get-RoleProfile'
        'Remove-RoleProfile'
        'Set-RoleCredentials'
        'Use-Role'
    )
    CmdletsToExport      = @()
    VariablesToExport    = @()
    AliasesToExport      = @('Set-RoleCredential')
    PrivateData          = @{
        PSData = @{
            Tags       = @('AWS', 'IAM', 'STS', 'AssumeRole', 'MFA', 'Credentials', 'SwitchRole')
        }
        # The SHA-256 of the core's files, stamped by the build: nothing else is run.
        CoreHashes = @{
            'role-credentials.cjs' = '8fc7bf1607b79c914e34308ebede125aa58709c79d9d8ca408c981b88305f93d'
            'assume-role.cjs'      = '6c12425a0b4214903a03f32550c1d0adb25c400b8948beeda99f7d7cd2dc3a4b'
        }
    }
}
