using System.Buffers.Text;
using System.Diagnostics;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>
/// One Node child process. Requests and responses are JSON-RPC 2.0, one per line. A thread reads the child's output and completes the
/// request that each line belongs to.
/// </summary>
internal sealed class CoreProcess
{
    private const string Unexpected = "It ended unexpectedly.";

    private readonly string node;
    private readonly Process process;
    private readonly CoreInput input;
    private readonly Stream output;
    private readonly CoreErrorStream errors;
    private readonly Dictionary<int, TaskCompletionSource<byte[]>> waiting = [];
    private int lastId;
    private long heard = Environment.TickCount64;
    private long pinged;
    private volatile bool hasEnded;
    private string? oldVersion;
    private string? stopReason;

    private CoreProcess(string node, Process process)
    {
        this.node = node;
        this.process = process;
        input = new CoreInput(process.StandardInput.BaseStream, StopWithExitMessage);
        output = process.StandardOutput.BaseStream;
        errors = new CoreErrorStream(process.StandardError);
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
                return stopReason is null && !process.HasExited;
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
                $"Node.js, which runs the module's requests, stopped before it answered {method}. {stopReason ?? Unexpected}",
                "Repeat the command: it starts Node.js again.",
                method
            )
            : CoreFailure.Create(
                "CoreFailed",
                $"Node.js {oldVersion} at {node} is too old: the module needs Node.js 20.3 or later.",
                NodeProgram.HowToGetNode,
                node
            );

    internal static CoreProcess Start(CoreFolder coreFolder)
    {
        var node = NodeProgram.Find();
        coreFolder.AssertUnchanged();
        return new CoreProcess(node, CoreStart.Start(node, coreFolder));
    }

    /// <summary>Sends a request and returns its id and a task for the response. Cancels the task if the core ends first.</summary>
    internal Task<byte[]> Send(Func<int, byte[]> lineOf, out int id)
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
        input.Write(lineOf(id), isIdle);
        // If another thread stopped the core just now, it did not see this request.
        if (stopReason is not null)
            Take(id)?.TrySetCanceled();
        return answer.Task;
    }

    /// <summary>Cancels a request whose caller no longer waits for the response.</summary>
    internal void Cancel(int id)
    {
        if (Take(id) is not null && stopReason is null)
            input.Write(Json.LineOf("$/cancel", new CanceledRequest(id)), isIdle: false);
    }

    /// <summary>Pings a core that has been silent for too long, and stops it if it does not respond.</summary>
    internal void Watch()
    {
        if (stopReason is not null)
            return;
        var now = Environment.TickCount64;
        var asked = Interlocked.Read(ref pinged);
        if (asked != 0)
        {
            if (now - asked > RoleCore.Patience)
                Stop("It no longer responded.");
        }
        else if (now - Interlocked.Read(ref heard) > RoleCore.Patience && Interlocked.CompareExchange(ref pinged, now, 0) == 0)
            input.Write(Json.LineOf(Methods.Ping.Name, new Nothing(), id: 0), isIdle: false);
    }

    /// <summary>
    /// Ends a core that has no pending requests: closes its input, so that it finishes its writes and exits. A busy core keeps running.
    /// </summary>
    internal void EndIfIdle()
    {
        lock (waiting)
        {
            if (waiting.Count > 0 || Interlocked.CompareExchange(ref stopReason, "It was ended.", null) is not null)
                return;
        }
        _ = Task.Run(() => Close(patience: 2000));
    }

    /// <summary>Kills a core that is no longer usable, and cancels all pending requests.</summary>
    internal void Stop(string reason)
    {
        if (Interlocked.CompareExchange(ref stopReason, reason, null) is not null)
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
                if (!SplitLines(buffer.AsSpan(0, count), line))
                    return;
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The core was stopped or has exited.
        }
        StopWithExitMessage();
    }

    // Splits the output into lines. Returns false if the output is malformed.
    private bool SplitLines(ReadOnlySpan<byte> bytes, MemoryStream line)
    {
        for (int end; (end = bytes.IndexOf((byte)'\n')) >= 0; bytes = bytes[(end + 1)..])
        {
            line.Write(bytes[..end]);
            if (!HandleLine(line.ToArray()))
            {
                Stop("It sent a malformed response.");
                return false;
            }
            line.SetLength(0);
        }
        line.Write(bytes);
        if (line.Length <= RoleCore.LongestAnswer)
            return true;
        Stop("Its response was too long.");
        return false;
    }

    // Answers a question of the core, or completes the request of a response. Returns false for any other line.
    // Each response begins with its id, so this thread finds the request without parsing the whole line.
    private bool HandleLine(byte[] line)
    {
        if (CoreQuestion.AnswerTo(line) is { } answer)
        {
            // The system may download a proxy's configuration script, so this thread does not wait.
            _ = Task.Run(() => input.WriteLater(answer()));
            return true;
        }
        var id = IdOf(line);
        if (id < 0 || id > Volatile.Read(ref lastId))
            return false;
        // An id without a pending request belongs to a canceled request or a ping.
        Take(id)?.TrySetResult(line);
        return true;
    }

    // The id of a response line, or -1 if the line is not a response.
    private static int IdOf(ReadOnlySpan<byte> line)
    {
        var start = "{\"jsonrpc\":\"2.0\",\"id\":"u8;
        return
            line.StartsWith(start)
            && Utf8Parser.TryParse(line[start.Length..], out int id, out var length)
            && line[(start.Length + length)..] is [(byte)',', ..]
            ? id
            : -1;
    }

    // Removes and returns the pending request.
    private TaskCompletionSource<byte[]>? Take(int id)
    {
        lock (waiting)
            return waiting.Remove(id, out var answer) ? answer : null;
    }

    private void StopWithExitMessage()
    {
        if (stopReason is not null)
            return;
        var message = ReadExitMessage();
        hasEnded = true;
        Stop(message);
    }

    private string ReadExitMessage()
    {
        if (errors.ReadToEnd() is not { } text)
            return Unexpected;
        oldVersion = CoreErrorStream.OldVersionIn(text);
        return CoreErrorStream.ErrorIn(text) is { } error ? $"It ended: {error}" : Unexpected;
    }

    private sealed record CanceledRequest(int Id) : Message;

    internal static Thread StartReader(ThreadStart read)
    {
        var reader = new Thread(read) { IsBackground = true, Name = "RoleCredentials core" };
        reader.Start();
        return reader;
    }
}
