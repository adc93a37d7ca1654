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
    CmdletsToExport      = @()
    VariablesToExport    = @()
    AliasesToExport      = @('Set-RoleCredential')
    PrivateData          = @{
        PSData = @{
            Tags       = @('AWS', 'IAM', 'STS', 'AssumeRole', 'MFA', 'Credentials', 'SwitchRole')
        }
        # The SHA-256 of the core's files, stamped by the build: nothing else is run.
        CoreHashes = @{
            'role-credentials.cjs' = '310c57e876910b4509d9482e7bf9c225c34039c69b3a1574cef6575a48346d26'
            'assume-role.cjs'      = 'ce860ddce86f71c9efe23bbcabfd07da298a3dcfd7bdc0191e70035acd2c8ace'
        }
    }
}
