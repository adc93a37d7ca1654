function Assert-CoreUnchanged {
    # The core runs only as it was built: its hash stands in the manifest, which is what a signature of the module covers.
    [CmdletBinding()]
    param()

    $folder = [System.IO.Path]::GetDirectoryName($script:CorePath)
    foreach ($entry in $script:CoreHashes.GetEnumerator()) {
        $path = [System.IO.Path]::Combine($folder, $entry.Key)
        if (-not [System.IO.File]::Exists($path)) {
            throw (New-CoreFailure 'CoreMissing' "The module's core is not there: $path" "In a checkout, 'npm run build' makes it; else install the module again." $path)
        }
        $hash = [System.Convert]::ToHexString([System.Security.Cryptography.SHA256]::HashData([System.IO.File]::ReadAllBytes($path)))
        if ($hash -ne $entry.Value) {
            throw (New-CoreFailure 'CoreChanged' "The module's core is not the one that the manifest names: $path" "In a checkout, 'npm run build' makes both; else install the module again." $path)
        }
    }
}
