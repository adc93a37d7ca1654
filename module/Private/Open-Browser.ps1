function Open-Browser {
    # Opens a link in the user's browser, and does not wait for it: BROWSER as Python's webbrowser reads it, else what the system has
    # for that. The browser gets no AWS keys along.
    [CmdletBinding()]
    param([System.Management.Automation.PSCmdlet] $Cmdlet, [string] $Link)

    $start = Get-BrowserStart $Link
    if ($null -eq $start) {
        $Cmdlet.ThrowTerminatingError((New-CoreFailure 'BrowserNotFound' 'No browser was found.' 'Set BROWSER to the command of one, or take the link with -PassThru.' 'BROWSER'))
    }
    try {
        $process = [System.Diagnostics.Process]::Start($start)
        if ($null -ne $process) { $process.Dispose() }
    } catch {
        # Not the exception itself: its text may hold the link.
        $Cmdlet.ThrowTerminatingError((New-CoreFailure 'BrowserFailed' "The browser ($([System.IO.Path]::GetFileName($start.FileName))) cannot be started." 'Set BROWSER to the command of another, or take the link with -PassThru.' 'BROWSER'))
    }
}

function Get-BrowserStart {
    # How to start the browser; nothing when there is none.
    [CmdletBinding()]
    [OutputType([System.Diagnostics.ProcessStartInfo])]
    param([string] $Link)

    $words = Find-BrowserCommand $Link
    if ($null -eq $words) {
        if (-not $IsWindows) { return }
        $start = [System.Diagnostics.ProcessStartInfo]::new($Link)
        $start.UseShellExecute = $true
        return $start
    }
    if ($IsWindows) {
        $start = [System.Diagnostics.ProcessStartInfo]::new($words[0])
        $rest = [string[]]@(foreach ($index in 1..($words.Length - 1)) { $words[$index] })
    } else {
        # What a browser prints is no concern of the terminal.
        $start = [System.Diagnostics.ProcessStartInfo]::new('/bin/sh')
        $rest = [string[]](@('-c', 'exec "$@" </dev/null >/dev/null 2>&1', 'sh') + $words)
    }
    foreach ($word in $rest) { $start.ArgumentList.Add($word) }
    $start.UseShellExecute = $false
    foreach ($name in $script:IdentityVariables) { $null = $start.Environment.Remove($name) }
    $start
}

function Find-BrowserCommand {
    # The words of the command, the link among them. BROWSER holds commands, separated as the folders of PATH are, with %s for the link.
    [CmdletBinding()]
    [OutputType([string[]])]
    param([string] $Link)

    $wishes = [System.Environment]::GetEnvironmentVariable('BROWSER')
    $commands = [string[]]@(if ($wishes) { $wishes.Split([System.IO.Path]::PathSeparator) })
    if ($IsMacOS) { $commands += '/usr/bin/open' }
    elseif (-not $IsWindows) { $commands += 'xdg-open', 'wslview', 'sensible-browser' }
    foreach ($command in $commands) {
        $command = $command.Trim()
        # A path with spaces is one word where there is such a file; else spaces separate, but not within double quotes.
        $words = [System.IO.File]::Exists($command) ? [string[]]@($command) :
            [string[]]@(foreach ($match in [regex]::Matches($command, '"([^"]*)"|(\S+)')) { $match.Groups[1].Success ? $match.Groups[1].Value : $match.Value })
        if ($words.Length -eq 0) { continue }
        $program = Find-Program $words[0]
        if ($null -eq $program) { continue }
        $hasPlace = $false
        for ($index = 1; $index -lt $words.Length; $index++) {
            if ($words[$index].Contains('%s')) { $hasPlace = $true; $words[$index] = $words[$index].Replace('%s', $Link) }
        }
        $words[0] = $program
        if (-not $hasPlace) { $words += $Link }
        return , $words
    }
}

function Find-Program {
    # The absolute path of a program, in the folders of PATH when only its name is given.
    [CmdletBinding()]
    [OutputType([string])]
    param([string] $Name)

    if ([System.IO.Path]::IsPathFullyQualified($Name)) { return [System.IO.File]::Exists($Name) ? $Name : $null }
    if ($Name.Contains('/') -or $Name.Contains('\')) { return }
    $endings = $IsWindows ? '.exe', '' : @('')
    foreach ($folder in "$([System.Environment]::GetEnvironmentVariable('PATH'))".Split([System.IO.Path]::PathSeparator)) {
        $folder = $folder.Trim('"')
        if (-not [System.IO.Path]::IsPathFullyQualified($folder)) { continue }
        foreach ($ending in $endings) {
            $path = [System.IO.Path]::Combine($folder, "$Name$ending")
            if ([System.IO.File]::Exists($path)) { return $path }
        }
    }
}
