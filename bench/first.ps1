# Prints the milliseconds of the import and of the session's first command, that many milliseconds after it. With -After idle no command
# follows: it prints the milliseconds of processor time that PowerShell and the core took in the background.
param([string] $Manifest, [int] $Wait, [string] $After)

function Get-ProcessorTime([int] $Id) { [System.Diagnostics.Process]::GetProcessById($Id).TotalProcessorTime.TotalMilliseconds }

# What any session has run before it comes to this: also an if, which PowerShell compiles at its first one.
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
    $core = [RoleCredentials.RoleCore]::GetProcessId([RoleCredentials.CorePlace]::Own)
    $background = (Get-ProcessorTime $PID) - $cpu + (Get-ProcessorTime $core)
} else {
    $before = [System.Diagnostics.Stopwatch]::GetTimestamp()
    $Creds = Use-Role -ProfileName prod
    $use = [System.Diagnostics.Stopwatch]::GetTimestamp() - $before
}
$ms = 1000 / [System.Diagnostics.Stopwatch]::Frequency
$format = '{{"import":{0},"use":{1},"background":{2}}}'
[System.Console]::WriteLine([string]::Format([cultureinfo]::InvariantCulture, $format, ($imported - $begin) * $ms, $use * $ms, $background))
