function Start-Core {
    # Starts Node on the bundle, with pipes for all that is said and an environment that holds nothing it does not need:
    # no keys, no NODE_OPTIONS, no LD_PRELOAD. What the caller's environment says travels in each request.
    [CmdletBinding()]
    param()

    $node = Find-Node
    Assert-CoreUnchanged

    $start = [System.Diagnostics.ProcessStartInfo]::new($node)
    $start.ArgumentList.Add($script:CorePath)
    $start.ArgumentList.Add('serve')
    $start.WorkingDirectory = [System.IO.Path]::GetDirectoryName($script:CorePath)
    $start.UseShellExecute = $false
    $start.CreateNoWindow = $true
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    $start.Environment.Clear()
    foreach ($name in 'SystemRoot', 'SystemDrive', 'TEMP', 'TMP', 'TMPDIR', 'TZ') {
        $value = [System.Environment]::GetEnvironmentVariable($name)
        if ($value) { $start.Environment[$name] = $value }
    }

    try {
        $process = [System.Diagnostics.Process]::Start($start)
    } catch {
        throw (New-CoreFailure 'CoreNotStarted' "Node.js at $node cannot be started: $($_.Exception.InnerException.Message)" 'Install Node.js 20 or later from https://nodejs.org.' $node)
    }

    $core = [hashtable]::Synchronized(@{
        Process = $process
        Input = $process.StandardInput.BaseStream
        Output = $process.StandardOutput.BaseStream
        # What was read and not yet taken apart.
        Buffer = [byte[]]::new(65536)
        Line = [System.IO.MemoryStream]::new()
        Read = $null
        Complaint = [char[]]::new(4096)
        ComplaintRead = $null
        Waiting = [System.Collections.Concurrent.ConcurrentDictionary[long, System.Threading.Tasks.TaskCompletionSource[string]]]::new()
        LastId = [long]0
        ReadGate = [object]::new()
        WriteGate = [System.Threading.SemaphoreSlim]::new(1, 1)
        # Ticks of the last sign of life, and of the ping that asks for one.
        Heard = [System.Environment]::TickCount64
        Pinged = [long]0
        Broken = $false
    })
    $core.Read = $core.Output.ReadAsync($core.Buffer, 0, $core.Buffer.Length)
    $core.ComplaintRead = $process.StandardError.ReadBlockAsync($core.Complaint, 0, $core.Complaint.Length)
    $core
}
