# Sent to a session once. It runs a script in the prompt's scope and reports the output and errors as one line of JSON.

# PSReadLine reads keys. With piped input it would report an error for every line.
if (Get-Module PSReadLine) { Remove-Module PSReadLine }

function global:__DescribeError([System.Management.Automation.ErrorRecord] $record, [bool] $terminating) {
    @{
        id                = $record.FullyQualifiedErrorId
        message           = if ($record.ErrorDetails.Message) { $record.ErrorDetails.Message } else { $record.Exception.Message }
        category          = $record.CategoryInfo.Category
        target            = if ($null -ne $record.TargetObject) { [string] $record.TargetObject } else { $null }
        recommendedAction = $record.ErrorDetails.RecommendedAction
        terminating       = $terminating
    }
}

# These lines may write only the JSON to the frame, and only the script runs in the caller's scope.
$global:__RunScript = {
    $global:__shell = [powershell]::Create('CurrentRunspace').AddScript([System.Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($args[0])), $false)
    $global:__report = @{ output = @(); errors = [System.Collections.Generic.List[object]]::new() }
    $global:__wantsObjects = $args[1]
    # Collects the output in a separate list, to keep what was written before an error.
    $global:__output = [System.Collections.Generic.List[psobject]]::new()
    try { $global:__shell.Invoke[psobject]($null, $global:__output) }
    catch {
        # Invoke wraps what the script threw. The inner record is the script's own, and $Error should contain that one.
        $global:Error.RemoveAt(0)
        $global:__thrown = $_.Exception
        while ($global:__thrown -is [System.Management.Automation.MethodInvocationException] -and $global:__thrown.InnerException) { $global:__thrown = $global:__thrown.InnerException }
        $global:__thrown = if ($global:__thrown -is [System.Management.Automation.IContainsErrorRecord]) { $global:__thrown.ErrorRecord } else { $_ }
    }
    foreach ($record in $global:__shell.Streams.Error) {
        # A program's standard error also arrives as error records, but is not an error.
        if ($record.FullyQualifiedErrorId -like 'NativeCommandError*') { [Console]::Error.WriteLine($record.Exception.Message) }
        else { $global:__report.errors.Add((__DescribeError $record $false)) }
    }
    if ($global:__thrown) { $global:__report.errors.Add((__DescribeError $global:__thrown $true)); $global:__thrown = $null }
    if ($global:__wantsObjects) { $global:__report.output = $global:__output }
    else { $global:__output | Out-Default }
    $global:__json = ConvertTo-Json $global:__report -Depth 6 -Compress -EnumsAsStrings -WarningAction Ignore
    [Console]::Out.WriteLine($args[2] + [Convert]::ToBase64String([System.Text.Encoding]::UTF8.GetBytes($global:__json)))
}
