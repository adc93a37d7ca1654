function Get-PipelineProfile {
    # The profile of an object in the pipeline that has a role's ARN too, as those of Get-RoleProfile and Get-RoleHistory. PowerShell binds
    # the ARN, but the profile says more: where the credentials come from, MFA, external id.
    [CmdletBinding()]
    [OutputType([string])]
    param([System.Management.Automation.PSCmdlet] $Cmdlet, [AllowNull()] [object] $InputObject)

    if (-not $Cmdlet.MyInvocation.ExpectingInput -or $Cmdlet.ParameterSetName -ne 'RoleArn' -or $null -eq $InputObject) { return }
    $property = $InputObject.PSObject.Properties['ProfileName']
    if ($null -ne $property -and $property.Value) { [string]$property.Value }
}

function Reset-BoundParameter {
    # Forgets what an object of the pipeline bound: PowerShell leaves it among the bound parameters when the next object does not bind it.
    [CmdletBinding()]
    param([System.Collections.IDictionary] $Bound, [string[]] $Given)

    foreach ($name in [string[]]@($Bound.Keys)) { if ($name -notin $Given) { $null = $Bound.Remove($name) } }
}
