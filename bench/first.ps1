# A session's first command. Prints the milliseconds of the import (with -Start late, of one that starts no core), and of the command so long
# after it.
param([string] $Manifest, [int] $Wait, [string] $Start)

# What any session has run before it comes to this: also an if, which PowerShell compiles at its first one.
$null = Get-Command Import-Module
$isLate = $false
if ($Start -eq 'late') { $isLate = $true; [System.Environment]::SetEnvironmentVariable('ROLE_CREDENTIALS_START', 'late') }
$begin = [System.Diagnostics.Stopwatch]::GetTimestamp()
Import-Module $Manifest
$imported = [System.Diagnostics.Stopwatch]::GetTimestamp()
[System.Threading.Thread]::Sleep($Wait)
$use = 0
if (-not $isLate) {
    $before = [System.Diagnostics.Stopwatch]::GetTimestamp()
    $Creds = Use-Role -ProfileName prod
    $use = [System.Diagnostics.Stopwatch]::GetTimestamp() - $before
}
$ms = 1000 / [System.Diagnostics.Stopwatch]::Frequency
[System.Console]::WriteLine([string]::Format([cultureinfo]::InvariantCulture, '{{"import":{0},"use":{1}}}', ($imported - $begin) * $ms, $use * $ms))
