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
            'role-credentials.cjs' = '39433405b1d702c436e5daaee86e4baade74ea0c03b159bde6fd1f7dc1ae3237'
            'core.cjs'             = 'd66f71c90ec56ef43a2734fd7d63c2c5d2c0ed7f5cfeb8181ca5e76dfd3cc2dc'
            'assume-role.cjs'      = '8b767f59784f171abd88d3e51458b34f5253ff7abbfabd6670a1d3d900f86be3'
        }
    }
}
