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
            'role-credentials.cjs' = '25dc93d11e3f2f8295ee2fed417f4e16faa54df7042ba12406c6c3adecd65972'
            'core.cjs'             = 'f647a344ad29ac8824eff42781649ce46397dbb5e0e578b4acdd7e810914dff7'
            'assume-role.cjs'      = 'b3c87c19d26f59cb8196e1fe6357b4279f3148dcfb9c67efc00361c615856444'
        }
    }
}
