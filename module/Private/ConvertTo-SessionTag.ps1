function ConvertTo-SessionTag {
    # Session tags from hashtables (@{ project = 'apollo' }), or from objects with Key and Value as Use-STSRole takes them.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param([System.Management.Automation.PSCmdlet] $Cmdlet, [AllowNull()] [AllowEmptyCollection()] [object[]] $Tag)

    foreach ($item in $Tag) {
        if ($item -is [System.Collections.IDictionary]) {
            if ($item.Count -eq 2 -and $item.Contains('Key') -and $item.Contains('Value')) {
                @{ key = [string]$item['Key']; value = [string]$item['Value'] }
            } else {
                foreach ($entry in $item.GetEnumerator()) { @{ key = [string]$entry.Key; value = [string]$entry.Value } }
            }
        } elseif ($null -ne $item -and $item.PSObject.Properties['Key'] -and $item.PSObject.Properties['Value']) {
            @{ key = [string]$item.Key; value = [string]$item.Value }
        } else {
            $record = New-CoreFailure 'TagInvalid' "'$item' is not a tag." "Give tags as a hashtable: -Tag @{ key = 'value' }" 'Tag' 'InvalidArgument'
            $Cmdlet.ThrowTerminatingError($record)
        }
    }
}

function ConvertTo-PolicyArn {
    # ARNs of managed policies: as text, or in the PolicyDescriptorType that Use-STSRole takes.
    [CmdletBinding()]
    [OutputType([string])]
    param([System.Management.Automation.PSCmdlet] $Cmdlet, [AllowNull()] [AllowEmptyCollection()] [object[]] $PolicyArn)

    foreach ($item in $PolicyArn) {
        if ($item -is [string]) { $item }
        elseif ($null -ne $item -and $item.PSObject.Properties['Arn']) { [string]$item.Arn }
        else {
            $record = New-CoreFailure 'PolicyInvalid' "'$item' is not the ARN of a policy." 'It looks like arn:aws:iam::aws:policy/ReadOnlyAccess.' 'PolicyArn' 'InvalidArgument'
            $Cmdlet.ThrowTerminatingError($record)
        }
    }
}
