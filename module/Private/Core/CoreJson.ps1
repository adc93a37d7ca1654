function ConvertTo-CoreJson {
    # JSON of what a request holds: texts, numbers, booleans, null, dictionaries and lists of them.
    [CmdletBinding()]
    [OutputType([string])]
    param([AllowNull()] $Value)

    if ($null -eq $Value) { return 'null' }
    if ($Value -is [string]) { return [System.Web.HttpUtility]::JavaScriptStringEncode($Value, $true) }
    if ($Value -is [bool] -or $Value -is [switch]) { return $Value ? 'true' : 'false' }
    if ($Value -is [int] -or $Value -is [long]) { return $Value.ToString([cultureinfo]::InvariantCulture) }
    $parts = [System.Collections.Generic.List[string]]::new()
    if ($Value -is [System.Collections.IDictionary]) {
        foreach ($entry in $Value.GetEnumerator()) {
            $item = $entry.Value
            $parts.Add("$([System.Web.HttpUtility]::JavaScriptStringEncode($entry.Key, $true)):$(
                $item -is [string] ? [System.Web.HttpUtility]::JavaScriptStringEncode($item, $true) : (ConvertTo-CoreJson $item))")
        }
        return "{$([string]::Join(',', $parts))}"
    }
    foreach ($item in $Value) { $parts.Add((ConvertTo-CoreJson $item)) }
    "[$([string]::Join(',', $parts))]"
}

function ConvertFrom-CoreJson {
    # A response as hashtables and arrays.
    [CmdletBinding()]
    param([string] $Json)

    $document = [System.Text.Json.JsonDocument]::Parse($Json)
    try { ConvertFrom-CoreJsonElement $document.RootElement } finally { $document.Dispose() }
}

function ConvertFrom-CoreJsonElement {
    [CmdletBinding()]
    param([System.Text.Json.JsonElement] $Element)

    switch ($Element.ValueKind) {
        'Object' {
            # Ordinal and case-sensitive: keys are names from files too.
            $table = [hashtable]::new([System.StringComparer]::Ordinal)
            foreach ($property in $Element.EnumerateObject()) { $table[$property.Name] = ConvertFrom-CoreJsonElement $property.Value }
            return $table
        }
        'Array' { return , @(foreach ($item in $Element.EnumerateArray()) { ConvertFrom-CoreJsonElement $item }) }
        'String' { return $Element.GetString() }
        'Number' { return $Element.TryGetInt64([ref] ([long]$number = 0)) ? $number : $Element.GetDouble() }
        'True' { return $true }
        'False' { return $false }
    }
}
