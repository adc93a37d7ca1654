function New-CoreFailure {
    # An ErrorRecord of the border between PowerShell and Node, in the form of those that the core answers.
    [CmdletBinding()]
    [OutputType([System.Management.Automation.ErrorRecord])]
    param(
        [string] $Id,
        [string] $Message,
        [string] $Action,
        [string] $Target,
        [System.Management.Automation.ErrorCategory] $Category = 'ResourceUnavailable'
    )

    $Message, $Action, $Target = foreach ($text in $Message, $Action, $Target) { [RoleCore]::Inert($text) }
    $record = [System.Management.Automation.ErrorRecord]::new([System.InvalidOperationException]::new($Message), $Id, $Category, $Target)
    $record.ErrorDetails = [System.Management.Automation.ErrorDetails]::new($Message)
    $record.ErrorDetails.RecommendedAction = $Action
    $record
}
