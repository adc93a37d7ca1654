# A session's first command. Prints the milliseconds of the import (with -Start late, of one that starts no core), and of the command so long
# after it.
param([string] $Manifest, [int] $Wait, [string] $Start, [switch] $NoCache)

# What any session has run before it comes to this.
$null = Get-Command Import-Module
if ($Start -eq 'late') { [System.Environment]::SetEnvironmentVariable('ROLE_CREDENTIALS_START', 'late') }
$begin = [System.Diagnostics.Stopwatch]::GetTimestamp()
Import-Module $Manifest
$imported = [System.Diagnostics.Stopwatch]::GetTimestamp()
[System.Threading.Thread]::Sleep($Wait)
$before = [System.Diagnostics.Stopwatch]::GetTimestamp()
if ($Start -ne 'late') { $null = Use-Role -ProfileName prod -NoCache:$NoCache }
$after = [System.Diagnostics.Stopwatch]::GetTimestamp()
$ms = 1000 / [System.Diagnostics.Stopwatch]::Frequency
[System.Console]::WriteLine([string]::Format([cultureinfo]::InvariantCulture, '{{"import":{0},"use":{1}}}', ($imported - $begin) * $ms, ($after - $before) * $ms))
