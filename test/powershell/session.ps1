# Sent into a session once. It runs a script in the scope of the prompt and reports what became of it as one line of JSON.
# It uses the engine alone: the embedded PowerShell has neither ConvertTo-Json nor Write-Output.

# It reads keys, and every line that comes through a pipe is an error to it.
if (Get-Module PSReadLine) { Remove-Module PSReadLine }

function global:__WriteJson([System.Text.Json.Utf8JsonWriter] $writer, $value, [int] $depth) {
    # Bare where it can be: a PSObject around a string is still a string. (Not `$bare = if …`: that would unroll an array.)
    $bare = $null
    if ($null -ne $value) { $bare = $value.PSObject.BaseObject }
    if ($null -eq $value) { $writer.WriteNullValue() }
    elseif ($bare -is [bool]) { $writer.WriteBooleanValue($bare) }
    elseif ($bare -is [enum] -or $bare -is [char] -or $bare -is [version] -or $bare -is [guid] -or $bare -is [uri] -or $bare -is [timespan] -or
        $bare -is [string] -or $bare -is [scriptblock] -or $bare -is [type]) { $writer.WriteStringValue([string] $bare) }
    elseif ($bare -is [datetime] -or $bare -is [DateTimeOffset]) { $writer.WriteStringValue($bare.ToString('o', [cultureinfo]::InvariantCulture)) }
    elseif ($bare.GetType().IsPrimitive -or $bare -is [decimal] -or $bare -is [bigint]) { $writer.WriteRawValue(([IFormattable] $bare).ToString($null, [cultureinfo]::InvariantCulture)) }
    elseif ($depth -le 0 -or $bare -is [securestring]) { $writer.WriteStringValue([string] $value) }
    elseif ($bare -is [System.Collections.IDictionary]) {
        $writer.WriteStartObject()
        foreach ($key in $bare.get_Keys()) {
            $writer.WritePropertyName([string] $key)
            __WriteJson $writer $bare.get_Item($key) ($depth - 1)
        }
        $writer.WriteEndObject()
    }
    elseif ($bare -is [System.Collections.IEnumerable]) {
        $writer.WriteStartArray()
        foreach ($item in $bare) { __WriteJson $writer $item ($depth - 1) }
        $writer.WriteEndArray()
    }
    else {
        $writer.WriteStartObject()
        foreach ($property in $value.PSObject.Properties) {
            if ($property.IsGettable) {
                $writer.WritePropertyName($property.Name)
                try { $content = $property.Value } catch { $content = $null }
                __WriteJson $writer $content ($depth - 1)
            }
        }
        $writer.WriteEndObject()
    }
}

function global:__DescribeError([System.Management.Automation.ErrorRecord] $record, [bool] $terminating) {
    @{
        id                = $record.FullyQualifiedErrorId
        message           = if ($record.ErrorDetails.Message) { $record.ErrorDetails.Message } else { $record.Exception.Message }
        category          = $record.CategoryInfo.Category
        target            = if ($null -ne $record.TargetObject) { [string] $record.TargetObject } else { $null }
        recommendedAction = $record.ErrorDetails.RecommendedAction
        exception         = $record.Exception.GetType().FullName
        terminating       = $terminating
    }
}

# Nothing but the JSON may be written to the frame by these lines, and nothing but the script runs in the caller's scope.
$global:__RunScript = {
    $global:__shell = [powershell]::Create('CurrentRunspace').AddScript([System.Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($args[0])), $false)
    $global:__report = @{ output = @(); errors = [System.Collections.Generic.List[object]]::new() }
    $global:__wantsObjects = $args[1]
    # A list of ours, because what was put out before an error counts too.
    $global:__output = [System.Collections.Generic.List[psobject]]::new()
    try { $global:__shell.Invoke[psobject]($null, $global:__output) }
    catch {
        # Invoke wraps what the script threw; the record inside is the script's own, and so is what $Error should show.
        $global:Error.RemoveAt(0)
        $global:__thrown = $_.Exception
        while ($global:__thrown -is [System.Management.Automation.MethodInvocationException] -and $global:__thrown.InnerException) { $global:__thrown = $global:__thrown.InnerException }
        $global:__thrown = if ($global:__thrown -is [System.Management.Automation.IContainsErrorRecord]) { $global:__thrown.ErrorRecord } else { $_ }
    }
    foreach ($record in $global:__shell.Streams.Error) {
        # What a program says on its standard error is an error record too, and no error.
        if ($record.FullyQualifiedErrorId -like 'NativeCommandError*') { [Console]::Error.WriteLine($record.Exception.Message) }
        else { $global:__report.errors.Add((__DescribeError $record $false)) }
    }
    if ($global:__thrown) { $global:__report.errors.Add((__DescribeError $global:__thrown $true)); $global:__thrown = $null }
    if ($global:__wantsObjects) { $global:__report.output = $global:__output }
    else { $global:__output | Out-Default }
    $global:__stream = [System.IO.MemoryStream]::new()
    $global:__writer = [System.Text.Json.Utf8JsonWriter]::new($global:__stream, [System.Text.Json.JsonWriterOptions]@{ MaxDepth = 64 })
    __WriteJson $global:__writer $global:__report 6
    $global:__writer.Flush()
    [Console]::Out.WriteLine($args[2] + [Convert]::ToBase64String($global:__stream.ToArray()))
}
