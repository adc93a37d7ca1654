# Prints how many milliseconds the import and the session's first command take. The command runs -Wait milliseconds after the import.
# With -After idle no command runs: prints the background processor time of PowerShell and the core, in milliseconds.
param([string] $Manifest, [int] $Wait, [string] $After)

function Get-ProcessorTime([int] $Id) { [System.Diagnostics.Process]::GetProcessById($Id).TotalProcessorTime.TotalMilliseconds }

# Warms up what any session has run by now, including an if, which PowerShell compiles on first use.
$null = Get-Command Import-Module
$isIdle = $false
if ($After -eq 'idle') { $isIdle = $true }
$null = Get-ProcessorTime $PID
$begin = [System.Diagnostics.Stopwatch]::GetTimestamp()
Import-Module $Manifest
$imported = [System.Diagnostics.Stopwatch]::GetTimestamp()
$cpu = Get-ProcessorTime $PID
[System.Threading.Thread]::Sleep($Wait)
$use = 0
$background = 0
if ($isIdle) {
    $core = [RoleCredentials.RoleCore]::GetProcessId([RoleCredentials.CoreFolder]::Own)
    $background = (Get-ProcessorTime $PID) - $cpu + (Get-ProcessorTime $core)
} else {
    $before = [System.Diagnostics.Stopwatch]::GetTimestamp()
    $Creds = Use-Role -ProfileName prod
    $use = [System.Diagnostics.Stopwatch]::GetTimestamp() - $before
}
$ms = 1000 / [System.Diagnostics.Stopwatch]::Frequency
$format = '{{"import":{0},"use":{1},"background":{2}}}'
[System.Console]::WriteLine([string]::Format([cultureinfo]::InvariantCulture, $format, ($imported - $begin) * $ms, $use * $ms, $background))
