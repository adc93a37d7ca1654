function Find-Node {
    # The absolute path of Node.js: the first in an absolute folder of PATH. The current folder is never looked in.
    [CmdletBinding()]
    [OutputType([string])]
    param()

    $name = $IsWindows ? 'node.exe' : 'node'
    foreach ($folder in [System.Environment]::GetEnvironmentVariable('PATH').Split([System.IO.Path]::PathSeparator)) {
        $folder = $folder.Trim('"')
        if (-not [System.IO.Path]::IsPathFullyQualified($folder)) { continue }
        $path = [System.IO.Path]::Combine($folder, $name)
        if ([System.IO.File]::Exists($path)) { return $path }
    }
    throw (New-CoreFailure 'NodeNotFound' 'Node.js is not on the PATH.' 'Install Node.js 20 or later from https://nodejs.org.' 'node')
}
