function Write-ProtocolDebug {
    # What goes over the border, for -Debug: the method and its parameters, or the answer, with whatever is secret as stars.
    [System.Diagnostics.DebuggerStepThrough()]
    [CmdletBinding()]
    param([System.Management.Automation.PSCmdlet] $Cmdlet, [string] $Direction, [string] $Method, [AllowNull()] [object] $Content)

    $Cmdlet.WriteDebug("$Direction $Method $([RoleCore]::ToJson((Hide-Secret $Content)))")
}

function Hide-Secret {
    # The same content, without secrets.
    [System.Diagnostics.DebuggerStepThrough()]
    [CmdletBinding()]
    param([AllowNull()] [object] $Content)

    if ($Content -is [System.Collections.IDictionary]) {
        $shown = [ordered]@{}
        foreach ($entry in $Content.GetEnumerator()) {
            $shown[$entry.Key] = $entry.Key -in 'secretAccessKey', 'sessionToken', 'tokenCode', 'tokenCodes', 'link', 'url' -and $null -ne $entry.Value ?
                '****' : (Hide-Secret $entry.Value)
        }
        return $shown
    }
    if ($Content -is [System.Collections.IList]) { return , @(foreach ($item in $Content) { Hide-Secret $item }) }
    # The numbers of an answer are doubles, and whole.
    $Content -is [double] ? [long]$Content : $Content
}
