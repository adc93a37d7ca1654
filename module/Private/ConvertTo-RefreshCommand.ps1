function ConvertTo-RefreshCommand {
    # The command line for the SDK's own process credentials. The SDK hands it to sh, on Windows to cmd, so it is quoted for these.
    # The arguments are words of our own; what has to be quoted is where Node and the core lie.
    [CmdletBinding()]
    [OutputType([string])]
    param([string[]] $Argument)

    $node = [RoleCore]::FindNode()
    $words = [string]::Join(' ', $Argument)
    if ($IsWindows) {
        # cmd takes the first and the last quote away.
        return "`"set `"NODE_OPTIONS=`" & `"$node`" `"$($script:Core.Path)`" $words`""
    }
    $programs = foreach ($path in $node, $script:Core.Path) { "'$($path.Replace("'", "'\''"))'" }
    "unset NODE_OPTIONS; exec $programs $words"
}
