using System.Diagnostics;
using System.Text;

namespace RoleCredentials;

/// <summary>
/// One Node child, from its start to its end: requests and answers are JSON-RPC 2.0, one a line. A thread reads what it says and
/// hands each line to whom it is for.
/// </summary>
internal sealed class CoreProcess
{
    // So much lies in a pipe that nobody reads: the least of the systems that PowerShell runs on.
    private const int PipeCapacity = 16 * 1024;

    private readonly CorePlace place;
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
    private bool isAsserted;
    private string? why;

    private CoreProcess(CorePlace place, Process process)
    {
        this.place = place;
        this.process = process;
        input = process.StandardInput.BaseStream;
        output = process.StandardOutput.BaseStream;
        errors = process.StandardError;
        complaintReader = StartReader(ReadComplaint);
        StartReader(ReadOutput);
    }

    internal int Id => process.Id;

    /// <summary>Whether it can be asked.</summary>
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
                // It is being stopped.
                return false;
            }
        }
    }

    /// <summary>Whether somebody waits for its answer.</summary>
    internal bool IsBusy
    {
        get { lock (waiting) return waiting.Count > 0; }
    }

    /// <summary>Why it is of no use any more.</summary>
    internal string Why => why ?? "It ended unexpectedly.";

    /// <summary>
    /// Starts Node on the bundle, with pipes for all that is said and an environment that holds nothing it does not need: no keys, no
    /// NODE_OPTIONS, no LD_PRELOAD. What the caller's environment says travels in each request.
    /// </summary>
    internal static CoreProcess Start(CorePlace place)
    {
        var node = CorePlace.FindNode();
        place.AssertStart();
        var start = new ProcessStartInfo(node)
        {
            WorkingDirectory = place.Folder,
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // A core serves one person. A young generation of 1 MB: with Node's 16 it grows by 20 MB, and is no faster. No optimizing compiler: it
        // takes 5 MB as soon as it compiles anything, and what it compiles is waiting for the system most of the time. Machine code that
        // grows less, one arena for all threads, and the garbage collected while nobody asks: another 10 MB.
        foreach (var argument in new[] { "--max-semi-space-size=1", "--optimize-for-size", "--no-opt", "--expose-gc", place.Path, "serve" }) start.ArgumentList.Add(argument);
        start.Environment.Clear();
        start.Environment["MALLOC_ARENA_MAX"] = "1";
        foreach (var name in new[] { "SystemRoot", "SystemDrive", "TEMP", "TMP", "TMPDIR", "TZ" })
        {
            var value = Environment.GetEnvironmentVariable(name);
            if (!string.IsNullOrEmpty(value)) start.Environment[name] = value;
        }
        try
        {
            return new CoreProcess(place, Process.Start(start)!);
        }
        catch (Exception error) when (error is System.ComponentModel.Win32Exception or InvalidOperationException or IOException)
        {
            throw CoreFailure.Exception("CoreNotStarted", $"Node.js at {node} cannot be started: {error.Message}", "Install Node.js 20 or later from https://nodejs.org.", node);
        }
    }

    /// <summary>
    /// To be called before it is asked anything. Until then Node runs one file, which is small; that the others are as they were built is
    /// found out while it starts.
    /// </summary>
    /// <exception cref="RuntimeException">One of them is missing, or another one.</exception>
    internal void AssertUnchanged()
    {
        if (Volatile.Read(ref isAsserted)) return;
        lock (process)
        {
            if (isAsserted) return;
            try
            {
                place.AssertRest();
            }
            catch
            {
                Stop("Its files are not as they were built.");
                throw;
            }
            Volatile.Write(ref isAsserted, true);
        }
    }

    /// <summary>Sends a request, whose id it gives; the task is its answer, and is cancelled when there will be none.</summary>
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
        if (isIdle) Interlocked.Exchange(ref heard, Environment.TickCount64);
        Write(lineOf(id), isIdle);
        // Whoever stopped it in between did not see this one.
        if (why is not null) Take(id)?.TrySetCanceled();
        return answer.Task;
    }

    /// <summary>Nobody waits for this answer any longer.</summary>
    internal void Cancel(long id)
    {
        if (Take(id) is not null && why is null)
        {
            Write(Encoding.UTF8.GetBytes($"{{\"jsonrpc\":\"2.0\",\"method\":\"$/cancel\",\"params\":{{\"id\":{id}}}}}\n"), isIdle: false);
        }
    }

    /// <summary>A core that has been silent for long is asked for a sign of life, and ended when it gives none.</summary>
    internal void Watch()
    {
        if (why is not null) return;
        var now = Environment.TickCount64;
        var asked = Interlocked.Read(ref pinged);
        if (asked != 0)
        {
            if (now - asked > RoleCore.Patience) Stop("It does not answer.");
        }
        else if (now - Interlocked.Read(ref heard) > RoleCore.Patience && Interlocked.CompareExchange(ref pinged, now, 0) == 0)
        {
            Write("{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"core/ping\",\"params\":{}}\n"u8.ToArray(), isIdle: false);
        }
    }

    /// <summary>Ends a core that is of no use any more, and tells all who wait.</summary>
    internal void Stop(string reason)
    {
        if (Interlocked.CompareExchange(ref why, reason, null) is not null) return;
        lock (waiting)
        {
            foreach (var answer in waiting.Values) answer.TrySetCanceled();
            waiting.Clear();
        }
        try
        {
            if (!process.HasExited) process.Kill();
            // Waiting for it reaps it.
            process.WaitForExit(2000);
            process.Dispose();
            // Disposing of a process leaves its pipes open.
            input.Dispose();
            output.Dispose();
        }
        catch (Exception error) when (error is InvalidOperationException or IOException or System.ComponentModel.Win32Exception)
        {
            // It was gone already.
        }
    }

    // To a core that has nothing to do the line goes at once: its pipe is empty. A core that is busy, or hangs, must not make us wait.
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
            for (int count; (count = output.Read(buffer, 0, buffer.Length)) > 0;)
            {
                Interlocked.Exchange(ref heard, Environment.TickCount64);
                Interlocked.Exchange(ref pinged, 0);
                if (!Cut(buffer.AsSpan(0, count), line)) return;
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // It was stopped, or is gone.
        }
        StopWithLastWords();
    }

    // Cuts what came at the line breaks. False when it is of no use.
    private bool Cut(ReadOnlySpan<byte> bytes, MemoryStream line)
    {
        for (int end; (end = bytes.IndexOf((byte)'\n')) >= 0; bytes = bytes[(end + 1)..])
        {
            line.Write(bytes[..end]);
            if (!HandOut(line.ToArray()))
            {
                Stop("It answered what is no answer.");
                return false;
            }
            line.SetLength(0);
        }
        line.Write(bytes);
        if (line.Length <= RoleCore.LongestAnswer) return true;
        Stop("Its answer has no end.");
        return false;
    }

    // The id stands first in each of the core's lines, so nobody has to take apart a line that is not theirs.
    private bool HandOut(byte[] line)
    {
        var id = CoreAnswer.IdOf(line);
        if (id < 0 || id > Interlocked.Read(ref lastId)) return false;
        // An id that nobody waits for any more was cancelled, or is that of a ping.
        Take(id)?.TrySetResult(line);
        return true;
    }

    // Whoever waits for this answer, and waits no longer.
    private TaskCompletionSource<byte[]>? Take(long id)
    {
        lock (waiting) return waiting.Remove(id, out var answer) ? answer : null;
    }

    private void StopWithLastWords()
    {
        if (why is null) Stop(LastWords());
    }

    // What Node printed before it ended, such as that it is too old. The core itself prints nothing.
    private string LastWords()
    {
        if (!complaintReader.Join(500)) return "It ended unexpectedly.";
        foreach (var line in complaint.ToString().Split('\n'))
        {
            if (line.Contains("role-credentials needs", StringComparison.Ordinal) || line.Contains("Error:", StringComparison.Ordinal))
            {
                return "It ended: " + string.Concat(line.Trim().Select(one => one is >= ' ' and <= '~' ? one : '?'));
            }
        }
        return "It ended unexpectedly.";
    }

    // The first lines are kept; the rest is read all the same, so that the pipe never fills.
    private void ReadComplaint()
    {
        var buffer = new char[4096];
        try
        {
            for (int count; (count = errors.Read(buffer, 0, buffer.Length)) > 0;)
            {
                if (complaint.Length < buffer.Length) complaint.Append(buffer, 0, count);
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // It was stopped.
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
