using System.Buffers.Text;
using System.Diagnostics;
using System.Management.Automation;
using System.Text;
using System.Text.RegularExpressions;

namespace RoleCredentials;

/// <summary>
/// One Node child process. Requests and responses are JSON-RPC 2.0, one per line. A thread reads the child's output and completes the
/// request that each line belongs to.
/// </summary>
internal sealed class CoreProcess
{
    // The smallest pipe buffer of the systems that PowerShell runs on. A write of up to this size to an empty pipe does not block.
    private const int PipeCapacity = 16 * 1024;

    // A core may idle for hours after it has resolved a thousand roles. On Node 24 it then holds 180 MB, or 85 MB with these flags, which
    // limit the young generation to 1 MB instead of 16 and make the heap grow less. bench/workplace.mjs uses the same flags.
    private static readonly string[] MemoryFlags = ["--max-semi-space-size=1", "--optimize-for-size"];

    private static readonly string[] Inherited =
    [
        "SystemRoot",
        "SystemDrive",
        "TEMP",
        "TMP",
        "TMPDIR",
        "TZ",
        "DBUS_SESSION_BUS_ADDRESS",
        "XDG_RUNTIME_DIR",
    ];

    private const string Unexpected = "It ended unexpectedly.";

    private readonly string node;
    private readonly Process process;
    private readonly Stream input;
    private readonly Stream output;
    private readonly StreamReader errors;
    private readonly StringBuilder complaint = new();
    private readonly Thread complaintReader;
    private readonly Dictionary<long, TaskCompletionSource<byte[]>> waiting = [];
    private readonly SemaphoreSlim writing = new(1, 1);
    private long lastId;
    private long heard = Environment.TickCount64;
    private long pinged;
    private volatile bool hasEnded;
    private string? oldVersion;
    private string? why;

    private CoreProcess(string node, Process process)
    {
        this.node = node;
        this.process = process;
        input = process.StandardInput.BaseStream;
        output = process.StandardOutput.BaseStream;
        errors = process.StandardError;
        complaintReader = StartReader(ReadComplaint);
        StartReader(ReadOutput);
    }

    internal int Id => process.Id;

    /// <summary>Whether it accepts requests.</summary>
    internal bool IsOfUse
    {
        get
        {
            try
            {
                return why is null && !process.HasExited;
            }
            catch (InvalidOperationException)
            {
                // The process object is already disposed.
                return false;
            }
        }
    }

    /// <summary>Whether something else killed it: this class did not stop it, and Node is not too old to run it.</summary>
    internal bool WasKilled => hasEnded && oldVersion is null;

    /// <summary>The error for a request that got no response.</summary>
    internal ErrorRecord Failure(string method) =>
        oldVersion is null
            ? CoreFailure.Create(
                "CoreFailed",
                $"The module's core did not answer {method}. {why ?? Unexpected}",
                "Repeat the command: it starts a new core.",
                method
            )
            : CoreFailure.Create(
                "CoreFailed",
                $"Node.js {oldVersion} at {node} is too old: the module needs Node.js 20.3 or later.",
                CorePlace.HowToGetNode,
                node
            );

    /// <summary>
    /// Starts Node on the bundle, with pipes for its streams and a minimal environment: no keys, no NODE_OPTIONS, no LD_PRELOAD. Each
    /// request carries the caller's environment. The library that opens the keychain reads the process's own, so the addresses of D-Bus are
    /// among the variables.
    /// </summary>
    internal static CoreProcess Start(CorePlace place)
    {
        var node = CorePlace.FindNode();
        place.AssertUnchanged();
        var start = new ProcessStartInfo(node)
        {
            // Windows locks the working directory of a process, so use one that is never replaced.
            WorkingDirectory = OperatingSystem.IsWindows() ? Path.GetPathRoot(Environment.SystemDirectory) : "/",
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in MemoryFlags.Append(place.Path).Append("serve"))
            start.ArgumentList.Add(argument);
        start.Environment.Clear();
        foreach (var name in Inherited)
        {
            var value = Environment.GetEnvironmentVariable(name);
            if (!string.IsNullOrEmpty(value))
                start.Environment[name] = value;
        }
        try
        {
            return new CoreProcess(node, Process.Start(start)!);
        }
        catch (Exception error) when (error is System.ComponentModel.Win32Exception or InvalidOperationException or IOException)
        {
            throw CoreFailure.Exception(
                "CoreNotStarted",
                $"Node.js at {node} cannot be started: {error.Message}",
                CorePlace.HowToGetNode,
                node
            );
        }
    }

    /// <summary>Sends a request and returns its id and a task for the response. Cancels the task if the core ends first.</summary>
    internal Task<byte[]> Send(Func<long, byte[]> lineOf, out long id)
    {
        var answer = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        bool isIdle;
        lock (waiting)
        {
            id = ++lastId;
            isIdle = waiting.Count == 0;
            waiting[id] = answer;
        }
        if (isIdle)
            Interlocked.Exchange(ref heard, Environment.TickCount64);
        Write(lineOf(id), isIdle);
        // If another thread stopped the core just now, it did not see this request.
        if (why is not null)
            Take(id)?.TrySetCanceled();
        return answer.Task;
    }

    /// <summary>Cancels a request whose caller no longer waits for the response.</summary>
    internal void Cancel(long id)
    {
        if (Take(id) is not null && why is null)
        {
            Write(Encoding.UTF8.GetBytes($"{{\"jsonrpc\":\"2.0\",\"method\":\"$/cancel\",\"params\":{{\"id\":{id}}}}}\n"), isIdle: false);
        }
    }

    /// <summary>Pings a core that has been silent for too long, and stops it if it does not respond.</summary>
    internal void Watch()
    {
        if (why is not null)
            return;
        var now = Environment.TickCount64;
        var asked = Interlocked.Read(ref pinged);
        if (asked != 0)
        {
            if (now - asked > RoleCore.Patience)
                Stop("It does not respond.");
        }
        else if (now - Interlocked.Read(ref heard) > RoleCore.Patience && Interlocked.CompareExchange(ref pinged, now, 0) == 0)
        {
            var ping = $"{{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"{Methods.Ping.Name}\",\"params\":{{}}}}\n";
            Write(Encoding.UTF8.GetBytes(ping), isIdle: false);
        }
    }

    /// <summary>
    /// Ends a core that has no pending requests: closes its input, so that it finishes its writes and exits. A busy core keeps running.
    /// </summary>
    internal void EndIfIdle()
    {
        lock (waiting)
        {
            if (waiting.Count > 0 || Interlocked.CompareExchange(ref why, "It was ended.", null) is not null)
                return;
        }
        _ = Task.Run(() => Close(patience: 2000));
    }

    /// <summary>Kills a core that is no longer usable, and cancels all pending requests.</summary>
    internal void Stop(string reason)
    {
        if (Interlocked.CompareExchange(ref why, reason, null) is not null)
            return;
        lock (waiting)
        {
            foreach (var answer in waiting.Values)
                answer.TrySetCanceled();
            waiting.Clear();
        }
        Close(patience: 0);
    }

    // Disposing the Process leaves its pipes open, and only WaitForExit reaps the child.
    private void Close(int patience)
    {
        try
        {
            if (patience > 0)
                input.Dispose();
            if (!process.WaitForExit(patience))
                process.Kill();
            process.WaitForExit(2000);
            process.Dispose();
            input.Dispose();
            output.Dispose();
        }
        catch (Exception error) when (error is InvalidOperationException or IOException or System.ComponentModel.Win32Exception)
        {
            // The process has already exited.
        }
    }

    // Writes synchronously to an idle core, because its pipe is empty. Otherwise writes in the background: a busy or hung core must not
    // block us.
    private void Write(byte[] line, bool isIdle)
    {
        try
        {
            if (isIdle && line.Length <= PipeCapacity && writing.Wait(0))
            {
                try
                {
                    input.Write(line);
                    input.Flush();
                }
                finally
                {
                    writing.Release();
                }
            }
            else
            {
                _ = WriteLater(line);
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            StopWithLastWords();
        }
    }

    private async Task WriteLater(byte[] line)
    {
        await writing.WaitAsync().ConfigureAwait(false);
        try
        {
            await input.WriteAsync(line).ConfigureAwait(false);
            await input.FlushAsync().ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            StopWithLastWords();
        }
        finally
        {
            writing.Release();
        }
    }

    private void ReadOutput()
    {
        var buffer = new byte[65536];
        var line = new MemoryStream();
        try
        {
            for (int count; (count = output.Read(buffer, 0, buffer.Length)) > 0; )
            {
                Interlocked.Exchange(ref heard, Environment.TickCount64);
                Interlocked.Exchange(ref pinged, 0);
                if (!Cut(buffer.AsSpan(0, count), line))
                    return;
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The core was stopped or has exited.
        }
        StopWithLastWords();
    }

    // Splits the output into lines. Returns false if the output is malformed.
    private bool Cut(ReadOnlySpan<byte> bytes, MemoryStream line)
    {
        for (int end; (end = bytes.IndexOf((byte)'\n')) >= 0; bytes = bytes[(end + 1)..])
        {
            line.Write(bytes[..end]);
            if (!HandOut(line.ToArray()))
            {
                Stop("It sent a malformed response.");
                return false;
            }
            line.SetLength(0);
        }
        line.Write(bytes);
        if (line.Length <= RoleCore.LongestAnswer)
            return true;
        Stop("Its response is too long.");
        return false;
    }

    // Each response begins with its id, so this thread finds the request without parsing the whole line.
    private bool HandOut(byte[] line)
    {
        if (SystemProxy.AnswerTo(line) is { } answer)
        {
            // The system may download a configuration script, so this thread does not wait.
            _ = Task.Run(() => WriteLater(answer()));
            return true;
        }
        var id = IdOf(line);
        if (id < 0 || id > Interlocked.Read(ref lastId))
            return false;
        // An id without a pending request belongs to a cancelled request or a ping.
        Take(id)?.TrySetResult(line);
        return true;
    }

    // The id of a response line, or -1 if the line is not a response.
    private static long IdOf(ReadOnlySpan<byte> line)
    {
        var start = "{\"jsonrpc\":\"2.0\",\"id\":"u8;
        return
            line.StartsWith(start)
            && Utf8Parser.TryParse(line[start.Length..], out long id, out var length)
            && id >= 0
            && line.Length > start.Length + length
            && line[start.Length + length] == (byte)','
            ? id
            : -1;
    }

    // Removes and returns the pending request.
    private TaskCompletionSource<byte[]>? Take(long id)
    {
        lock (waiting)
            return waiting.Remove(id, out var answer) ? answer : null;
    }

    private void StopWithLastWords()
    {
        if (why is not null)
            return;
        var words = LastWords();
        hasEnded = true;
        Stop(words);
    }

    // What Node printed to stderr before it exited, such as that it is too old. The core itself prints nothing.
    private string LastWords()
    {
        if (!complaintReader.Join(500))
            return Unexpected;
        var text = complaint.ToString();
        // src/entry.ts prints this.
        var tooOld = Regex.Match(text, @"role-credentials needs Node\.js \d+ or later; this is (v\d+(?:\.\d+)*)");
        if (tooOld.Success)
            oldVersion = tooOld.Groups[1].Value;
        return text.Split('\n').FirstOrDefault(line => line.Contains("Error:", StringComparison.Ordinal)) is { } error
            ? "It ended: " + string.Concat(error.Trim().Select(one => one is >= ' ' and <= '~' ? one : '?'))
            : Unexpected;
    }

    // Keeps the first lines, and reads the rest so that the pipe never fills.
    private void ReadComplaint()
    {
        var buffer = new char[4096];
        try
        {
            for (int count; (count = errors.Read(buffer, 0, buffer.Length)) > 0; )
            {
                if (complaint.Length < buffer.Length)
                    complaint.Append(buffer, 0, count);
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // The core was stopped.
        }
        errors.Dispose();
    }

    private static Thread StartReader(ThreadStart read)
    {
        var reader = new Thread(read) { IsBackground = true, Name = "RoleCredentials core" };
        reader.Start();
        return reader;
    }
}
