# For 'npm test': runs all suites, or those named by -Suite (Use-Role, Exit-*), and writes their counts to a file. 'Invoke-Pester ./Pester' runs the same suites by hand.
[CmdletBinding()]
param(
    # The folder with the pinned Pester.
    [Parameter(Mandatory)] [string] $Modules,
    [Parameter(Mandatory)] [string] $Report,
    [string[]] $Suite = '*'
)

$ErrorActionPreference = 'Stop'
Import-Module (Join-Path (Convert-Path $Modules) 'Pester')

$configuration = New-PesterConfiguration
$configuration.Run.Path = foreach ($name in $Suite) { Convert-Path (Join-Path $PSScriptRoot "$name.Tests.ps1") }
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'Normal'
$result = Invoke-Pester -Configuration $configuration

$counts = @{
    passed = $result.PassedCount
    # Also count a file or block that failed before its tests ran.
    failed = $result.FailedCount + $result.FailedBlocksCount + $result.FailedContainersCount
    skipped = $result.SkippedCount + $result.InconclusiveCount + $result.NotRunCount
}
[System.IO.File]::WriteAllText($Report, ($counts | ConvertTo-Json))
