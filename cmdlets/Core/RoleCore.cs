using System.Collections;
using System.Collections.Concurrent;
using System.Management.Automation;
using System.Text.Json;

namespace RoleCredentials;

/// <summary>
/// The door to Node: nothing else in the module starts the core or talks to it. There is one Node child per PowerShell process, shared by
/// all runspaces. Importing the module starts it; a request starts another one when it has died.
/// </summary>
public static class RoleCore
{
    private static readonly ConcurrentDictionary<string, CoreProcess> Cores = new();

    /// <summary>
    /// Milliseconds of silence after which a core is asked for a sign of life, and of further silence after which it is taken to hang.
    /// The answer itself is not timed: a person types a code, a process signs in.
    /// </summary>
    public static int Patience { get; set; } = 10_000;

    /// <summary>In bytes. An answer has a few kilobytes; a list of ten thousand profiles has a few megabytes.</summary>
    public static int LongestAnswer { get; set; } = 64 * 1024 * 1024;

    /// <summary>The process id of the core, which is started if it does not run.</summary>
    public static int GetProcessId(CorePlace place) => Get(place).Id;

    /// <summary>Sends one request and returns at once. The environment is the caller's; paths in the request start at the folder.</summary>
    /// <exception cref="RuntimeException">The core cannot be started; the record says why.</exception>
    public static CoreRequest Send(CorePlace place, string method, Hashtable parameters, IDictionary environment, string folder)
    {
        var request = new CoreRequest(method, parameters, environment);
        request.SendTo(place, folder);
        return request;
    }

    /// <summary>
    /// Waits until the request has its answer, and returns it; or nothing, when so many milliseconds have passed (-1: no limit). Ctrl+C ends
    /// the wait of a cmdlet; Cancel then tells the core.
    /// </summary>
    /// <exception cref="PipelineStoppedException">Ctrl+C was pressed.</exception>
    public static CoreRequest? Receive(CoreRequest request, int milliseconds, PSCmdlet? cmdlet) => Receive([request], milliseconds, cmdlet);

    /// <summary>The same for the first of many.</summary>
    internal static CoreRequest? Receive(IReadOnlyList<CoreRequest> requests, int milliseconds, PSCmdlet? cmdlet)
    {
        var until = Environment.TickCount64 + milliseconds;
        Task<byte[]>[]? tasks = null;
        while (true)
        {
            foreach (var request in requests)
            {
                if (!request.IsAnswered)
                    continue;
                if (request.TryRepeat())
                {
                    tasks = null;
                    continue;
                }
                request.Complete();
                return request;
            }
            if (cmdlet is { Stopping: true })
                throw new PipelineStoppedException();
            var left = milliseconds < 0 ? 100 : (int)Math.Min(100, until - Environment.TickCount64);
            if (left <= 0)
                return null;
            tasks ??= [.. requests.Select(request => request.Task)];
            if (Task.WaitAny(tasks, left) < 0)
                requests[0].Core.Watch();
        }
    }

    /// <summary>The running core, or a new one.</summary>
    internal static CoreProcess Get(CorePlace place)
    {
        if (Cores.TryGetValue(place.Path, out var core) && core.IsOfUse)
            return core;
        lock (Cores)
        {
            if (Cores.TryGetValue(place.Path, out core))
            {
                if (core.IsOfUse)
                    return core;
                core.Stop("It ended unexpectedly.");
            }
            return Cores[place.Path] = CoreProcess.Start(place);
        }
    }

    /// <summary>Starts the core in the background. What goes wrong is reported by the first command, which starts it again.</summary>
    internal static void StartInBackground() =>
        Task.Run(() =>
        {
            try
            {
                Get(CorePlace.Own);
            }
            catch (Exception error)
                when (error is RuntimeException or InvalidOperationException or IOException or UnauthorizedAccessException)
            {
                // The first command reports it.
            }
        });

    /// <summary>Ends the cores that nobody waits for: the module was removed. Another runspace that still has it starts a new one.</summary>
    internal static void EndIdle()
    {
        foreach (var core in Cores.Values)
            core.EndIfIdle();
    }

    internal static byte[] LineOf(long id, CoreRequest request, string folder)
    {
        using var bytes = new MemoryStream(4096);
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            writer.WriteString("jsonrpc", "2.0");
            writer.WriteNumber("id", id);
            writer.WriteString("method", request.Method);
            writer.WriteStartObject("params");
            writer.WriteStartObject("context");
            writer.WritePropertyName("environment");
            Json.Write(writer, request.Environment);
            writer.WriteString("workingDirectory", folder);
            writer.WriteEndObject();
            foreach (DictionaryEntry parameter in request.Parameters)
            {
                writer.WritePropertyName((string)parameter.Key);
                Json.Write(writer, parameter.Value);
            }
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
        bytes.WriteByte((byte)'\n');
        return bytes.ToArray();
    }
}
