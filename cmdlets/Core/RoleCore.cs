using System.Collections;
using System.Collections.Concurrent;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>
/// The only entry to Node: nothing else in the module starts the core or talks to it. Each PowerShell process has one Node child, shared by
/// all runspaces. Importing the module starts it; a request starts a new one if it has died.
/// </summary>
public static class RoleCore
{
    private static readonly ConcurrentDictionary<string, CoreProcess> Cores = new();

    /// <summary>
    /// Milliseconds of silence before a core is pinged, and milliseconds before an unanswered ping means that it hangs. Requests have no
    /// timeout of their own, because a user may be typing a code or a process may be signing in.
    /// </summary>
    public static int Patience { get; set; } = 10_000;

    /// <summary>In bytes. A response has a few kilobytes; a list of ten thousand profiles has a few megabytes.</summary>
    internal const int LongestAnswer = 64 * 1024 * 1024;

    /// <summary>The process id of the core. Starts the core if it is not running.</summary>
    public static int GetProcessId(CoreFolder coreFolder) => Get(coreFolder).Id;

    /// <summary>
    /// Sends a request and returns at once. Takes the caller's environment, and the folder that relative paths start from.
    /// </summary>
    /// <exception cref="RuntimeException">The core cannot start; the record says why.</exception>
    internal static CoreRequest<TParams, TResult> Send<TParams, TResult>(
        CoreFolder coreFolder,
        Method<TParams, TResult> method,
        TParams parameters,
        IDictionary environment,
        string folder
    )
        where TParams : RequestParams
        where TResult : Message
    {
        var request = new CoreRequest<TParams, TResult>(method, parameters, environment);
        request.SendTo(coreFolder, folder);
        return request;
    }

    /// <summary>Sends a request to the running core, if there is one, and does not wait for its response.</summary>
    internal static void Notify<TParams, TResult>(CoreFolder coreFolder, Method<TParams, TResult> method, TParams parameters, string folder)
        where TParams : RequestParams
        where TResult : Message
    {
        if (!Cores.TryGetValue(coreFolder.EntryFile, out var core) || !core.IsOfUse)
            return;
        try
        {
            Send(coreFolder, method, parameters, new Dictionary<string, string>(), folder);
        }
        catch (RuntimeException)
        {
            // The core has just ended, and no new one starts.
        }
    }

    /// <summary>
    /// Waits for the first response to any of several requests and returns its request, or null after the timeout in milliseconds (-1: no
    /// limit). Ctrl+C ends the wait; call Cancel to notify the core.
    /// </summary>
    /// <exception cref="PipelineStoppedException">Ctrl+C was pressed.</exception>
    internal static TRequest? Receive<TRequest>(List<TRequest> requests, int milliseconds, RoleCmdlet? cmdlet)
        where TRequest : CoreRequest
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
    internal static CoreProcess Get(CoreFolder coreFolder)
    {
        if (Cores.TryGetValue(coreFolder.EntryFile, out var core) && core.IsOfUse)
            return core;
        lock (Cores)
        {
            if (Cores.TryGetValue(coreFolder.EntryFile, out core))
            {
                if (core.IsOfUse)
                    return core;
                core.Stop("It ended unexpectedly.");
            }
            return Cores[coreFolder.EntryFile] = CoreProcess.Start(coreFolder);
        }
    }

    /// <summary>Starts the core in the background. If that fails, the first command tries again and reports the error.</summary>
    internal static void StartInBackground() => Task.Run(() => Get(CoreFolder.Own));

    /// <summary>Ends idle cores after the module is removed. Another runspace that still has the module starts a new one.</summary>
    internal static void EndIdle()
    {
        // Programs use the endpoint of a role while this process sends no request.
        if (RoleStack.Frames.Any(frame => frame.Endpoint is not null))
            return;
        foreach (var core in Cores.Values)
            core.EndIfIdle();
    }
}
