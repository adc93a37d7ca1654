# For 'npm test': runs all suites and leaves their counts in a file. By hand, 'Invoke-Pester ./Pester' does the same.
[CmdletBinding()]
param([Parameter(Mandatory)] [string] $Report)

$ErrorActionPreference = 'Stop'
$pester = Get-Module Pester -ListAvailable | Where-Object Version -GE ([version]'5.0') | Sort-Object Version | Select-Object -Last 1
# The number that scripts/test.mjs takes for "no Pester here".
if (-not $pester) { exit 64 }
Import-Module $pester

$configuration = New-PesterConfiguration
$configuration.Run.Path = $PSScriptRoot
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'Normal'
$result = Invoke-Pester -Configuration $configuration

$counts = @{
    passed = $result.PassedCount
    # A file or a block that broke before its tests could run has failed too.
    failed = $result.FailedCount + $result.FailedBlocksCount + $result.FailedContainersCount
    skipped = $result.SkippedCount + $result.InconclusiveCount + $result.NotRunCount
}
[System.IO.File]::WriteAllText($Report, ($counts | ConvertTo-Json))
