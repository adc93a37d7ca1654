function Stop-Core {
    # Ends a core that has died, hangs or talks garbage, and everybody's waiting for it.
    [CmdletBinding()]
    param([Parameter(Mandatory)] [hashtable] $Core)

    $Core.Broken = $true
    try { if (-not $Core.Process.HasExited) { $Core.Process.Kill() } } catch [System.InvalidOperationException] { }
    foreach ($waiting in $Core.Waiting.ToArray()) { $null = $waiting.Value.TrySetCanceled() }
    $Core.Waiting.Clear()
    # Waiting for it reaps it; its handles go with it.
    $null = $Core.Process.WaitForExit(2000)
    $Core.Process.Dispose()
}
