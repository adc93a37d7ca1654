Microsoft.PowerShell.Core\Set-StrictMode -Version 3.0

# Where the core lies, and how it is known.
$script:Core = @{
    Path = [System.IO.Path]::Combine($PSScriptRoot, 'core', 'role-credentials.cjs')
    Hashes = $ExecutionContext.SessionState.Module.PrivateData['CoreHashes']
}

foreach ($folder in 'Private', 'Public') {
    foreach ($file in [System.IO.Directory]::GetFiles([System.IO.Path]::Combine($PSScriptRoot, $folder), '*.ps1', 'AllDirectories')) {
        . $file
    }
}

Microsoft.PowerShell.Core\Export-ModuleMember -Function '*-*' -Alias '*'
