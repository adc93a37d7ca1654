Microsoft.PowerShell.Core\Set-StrictMode -Version 3.0

# Where the core lies, and how it is known.
$script:Core = @{
    Path = "$PSScriptRoot/core/role-credentials.cjs"
    Hashes = $ExecutionContext.SessionState.Module.PrivateData['CoreHashes']
}

# The build puts all files into one, core/RoleCredentials.ps1, which loads in half the time. It counts while no file is newer.
$files = [System.IO.DirectoryInfo]::new($PSScriptRoot).GetFiles('*.ps1', 'AllDirectories')
$newest = $files[0]
foreach ($file in $files) { if ($file.LastWriteTimeUtc -ge $newest.LastWriteTimeUtc) { $newest = $file } }
foreach ($file in $newest.Directory.Name -eq 'core' ? $newest : $files) {
    if ($file.Directory.Name -ne 'core' -or $file -eq $newest) { . $file.FullName }
}

# With -ArgumentList Late nothing is started before it is needed.
if ($args.Count -eq 0) { Start-Rehearsal "$PSScriptRoot/RoleCredentials.psd1" } elseif ($args[0] -eq 'Rehearsal') { Invoke-Rehearsal }
