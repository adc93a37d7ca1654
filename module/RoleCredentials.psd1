@{
    RootModule           = 'core/RoleCredentials.dll'
    ModuleVersion        = '0.1.0'
    GUID                 = '6d0f2f0e-7c0a-4b6e-9f0d-3a5b1d7f52c8'
    Author               = 'The RoleCredentials authors'
    CompanyName          = 'The RoleCredentials authors'
    Copyright            = '(c) The RoleCredentials authors. MIT License.'
    Description          = 'Store AWS profiles and switch AWS IAM roles: Use-Role returns credentials for any AWS cmdlet.'
    PowerShellVersion    = '7.4'
    CompatiblePSEditions = @('Core')
    # Loaded before the types, which name it. Without this line PowerShell does not find it in a folder with brackets in its name.
    RequiredAssemblies   = @('core/RoleCredentials.dll')
    TypesToProcess       = @('RoleCredentials.types.ps1xml')
    FormatsToProcess     = @('RoleCredentials.format.ps1xml')
    FunctionsToExport    = @()
    CmdletsToExport      = @(
        'Clear-RoleCache'
        'Clear-RoleHistory'
        'Connect-IdentityCenter'
        'Connect-RoleConsole'
        'Disconnect-IdentityCenter'
        'Disconnect-RoleConsole'
        'Enter-Role'
        'Exit-Role'
        'Get-IdentityCenterRole'
        'Get-Role'
        'Get-RoleHistory'
        'Get-RoleProfile'
        'Get-RolePrompt'
        'Open-RoleConsole'
        'Remove-RoleProfile'
        'Set-RoleCredentials'
        'Test-Role'
        'Update-RoleKey'
        'Use-Role'
    )
    VariablesToExport    = @()
    AliasesToExport      = @('Set-RoleCredential')
    PrivateData          = @{
        PSData = @{
            Tags         = @('AWS', 'IAM', 'STS', 'AssumeRole', 'MFA', 'Credentials', 'SwitchRole', 'PSEdition_Core', 'Windows', 'Linux', 'MacOS')
            ProjectUri   = 'https://github.com/role-credentials/role-credentials'
            LicenseUri   = 'https://github.com/role-credentials/role-credentials/blob/main/LICENSE'
            ReleaseNotes = 'https://github.com/role-credentials/role-credentials/blob/main/CHANGELOG.md'
        }
    }
}
