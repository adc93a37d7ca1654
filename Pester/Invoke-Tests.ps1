# For 'npm test': runs all suites and leaves their counts in a file. By hand, 'Invoke-Pester ./Pester' does the same.
[CmdletBinding()]
param(
    # The folder that holds the pinned Pester.
    [Parameter(Mandatory)] [string] $Modules,
    [Parameter(Mandatory)] [string] $Report
)

$ErrorActionPreference = 'Stop'
Import-Module (Join-Path (Convert-Path $Modules) 'Pester')

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
