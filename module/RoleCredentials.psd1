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
            'role-credentials.cjs' = 'dfafa901002923ba2a54229e4610440826b81f905badacaf33bd652b9ed7275f'
            'assume-role.cjs'      = '14013ce392ac0d93736e78d9c9b3bdcbdf64e7ae7e5a20f09fe2d036d1be3795'
        }
    }
}
