using System.Collections;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>
/// The stack of identities in the environment of this process: entered roles, and script blocks that run as a role. The stack belongs to
/// the process because $env: does: docs/decisions/0007.
/// </summary>
public static class RoleStack
{
    private static readonly object Gate = new();
    private static readonly List<RoleFrame> Stack = [];

    // Flows into the runspaces that a script block starts. If they waited for the block's turn to end, they would deadlock.
    private static readonly AsyncLocal<RoleFrame?> Flow = new();

    // The runspace that currently runs a script block as a role or changes the stack.
    private static Guid holder = Guid.Empty;

    /// <summary>
    /// Milliseconds between checks whether a role is due for renewal. Each check compares wall-clock times, because timers stop while the
    /// machine sleeps.
    /// </summary>
    public static int RenewalInterval { get; set; } = 20_000;

    /// <summary>A snapshot of the frames, bottom first.</summary>
    public static RoleFrame[] Frames
    {
        get
        {
            lock (Gate)
                return [.. Stack];
        }
    }

    public static int Count
    {
        get
        {
            lock (Gate)
                return Stack.Count;
        }
    }

    /// <summary>
    /// The environment for a request: with the session's original identity, or with this runspace's current role if isChain. Keeps
    /// variables that the user changed after entering a role.
    /// </summary>
    public static IDictionary EnvironmentOf(bool isChain)
    {
        lock (Gate)
        {
            var environment = IdentityVariables.GetAll();
            if (Stack.Count == 0)
                return environment;
            var bottom = isChain ? OwnCount([.. Stack]) : 0;
            var (config, credentials) = (ValueBeneath("AWS_CONFIG_FILE", 0), ValueBeneath("AWS_SHARED_CREDENTIALS_FILE", 0));
            foreach (var name in IdentityVariables.Names)
            {
                if (ValueBeneath(name, bottom) is { } value)
                    environment[name] = value;
                else
                    environment.Remove(name);
            }
            // The request still names profiles of the files that -Serve hides from programs.
            if (Stack.Take(bottom).Any(frame => frame.Endpoint is not null && frame.Suspended is null))
            {
                environment[IdentityVariables.HiddenConfigFile] = config ?? "";
                environment[IdentityVariables.HiddenCredentialsFile] = credentials ?? "";
            }
            return environment;

            string? ValueBeneath(string name, int bottom)
            {
                var value = environment[name] as string;
                for (var index = Stack.Count - 1; index >= bottom; index--)
                {
                    var frame = Stack[index];
                    if (frame.Suspended is not null || !frame.Set.TryGetValue(name, out var set))
                        continue;
                    if (!string.Equals(value, set, StringComparison.Ordinal))
                        break;
                    value = frame.Before.GetValueOrDefault(name);
                }
                return value;
            }
        }
    }

    /// <summary>
    /// How many frames, from the bottom, apply to this runspace. Entered roles apply to all runspaces; a block applies to its own runspace
    /// and to those that it starts.
    /// </summary>
    public static int OwnCount(RoleFrame[] frames)
    {
        var count = 0;
        for (var index = 0; index < frames.Length; index++)
        {
            // All frames beneath this runspace's block apply too.
            if (frames[index].IsBlock ? frames[index].IsOwn || frames[index] == CurrentFlow : index == count)
                count = index + 1;
        }
        return count;
    }

    /// <summary>
    /// Waits until no other runspace runs a block as a role, so that no runspace sees another's identity. Within its own block, a runspace
    /// has the turn already. Disposing the result ends the turn that this call began.
    /// </summary>
    public static IDisposable EnterTurn(RoleCmdlet cmdlet)
    {
        var me = RoleFrame.CurrentRunspace;
        var isSaid = false;
        for (var started = Environment.TickCount64; ; Thread.Sleep(10))
        {
            RoleFrame? around;
            lock (Gate)
            {
                if (holder == me)
                    return new Turn(Guid.Empty);
                if (holder == Guid.Empty)
                    return new Turn(holder = me);
                around = Stack.FindLast(frame => frame == CurrentFlow);
            }
            if (around is not null)
            {
                throw cmdlet.ThrowTerminating(
                    "RoleBusy",
                    $"A script block that runs as {around.Name} started this runspace, and a process has only one identity at a time.",
                    "Change the role outside that block, or get credentials from Use-Role without -ScriptBlock and pass them with -Credential.",
                    around.Name,
                    ErrorCategory.ResourceBusy
                );
            }
            if (cmdlet.Stopping)
                throw new PipelineStoppedException();
            if (isSaid || Environment.TickCount64 - started <= 2000)
                continue;
            isSaid = true;
            cmdlet.WriteStep("Waiting for another runspace to finish a script block that runs as a role.");
        }
    }

    /// <summary>The frame of the block that this code runs in. A block sets it and later restores the previous one.</summary>
    public static RoleFrame? CurrentFlow
    {
        get => Flow.Value;
        set => Flow.Value = value;
    }

    /// <summary>Switches to the frame's identity. The caller has the turn.</summary>
    public static void Push(RoleFrame frame)
    {
        lock (Gate)
        {
            frame.Before = IdentityVariables.Get();
            Stack.Add(frame);
            IdentityVariables.Set(frame.Set);
        }
    }

    /// <summary>Removes frames until the given number remain, and restores the variables. Returns the removed frames, top first.</summary>
    public static RoleFrame[] Pop(int left)
    {
        RoleFrame[] gone;
        lock (Gate)
        {
            if (Stack.Count <= left)
                return [];
            IdentityVariables.Set(Stack[left].Before);
            gone = [.. Stack.Skip(left).Reverse()];
            Stack.RemoveRange(left, Stack.Count - left);
        }
        foreach (var frame in gone)
        {
            frame.Pending?.Cancel();
            frame.Endpoint?.Close();
        }
        return gone;
    }

    /// <summary>Restores the previous identity while later commands in the pipeline process a block's output.</summary>
    public static void Suspend(RoleFrame frame)
    {
        lock (Gate)
        {
            frame.Suspended = IdentityVariables.Get();
            IdentityVariables.Set(frame.Before);
        }
    }

    public static void Resume(RoleFrame frame)
    {
        lock (Gate)
        {
            if (frame.Suspended is null)
                return;
            IdentityVariables.Set(frame.Suspended);
            frame.Suspended = null;
        }
    }

    /// <summary>
    /// Replaces the old credentials with renewed ones: in the environment, and in the variables that the frames above saved or started
    /// from. Does nothing if the frame is no longer on the stack.
    /// </summary>
    internal static void Renew(RoleFrame frame, UseRoleResult result)
    {
        lock (Gate)
        {
            var place = Stack.IndexOf(frame);
            if (place < 0)
                return;
            var old = frame.Set;
            frame.Take(result);
            frame.Failure = null;
            var isTop = place == Stack.Count - 1;
            var places = Stack.Skip(place + 1).SelectMany(above => new[] { above.Before, above.Environment }).ToList();
            if (frame.Suspended is not null)
                places.Add(frame.Suspended);
            foreach (var (name, value) in frame.Set)
            {
                var before = old.GetValueOrDefault(name);
                foreach (var values in places)
                {
                    if (string.Equals(values.GetValueOrDefault(name), before, StringComparison.Ordinal))
                        values[name] = value;
                }
                if (isTop && string.Equals(Environment.GetEnvironmentVariable(name), before, StringComparison.Ordinal))
                    Environment.SetEnvironmentVariable(name, value);
            }
        }
    }

    private sealed class Turn(Guid runspace) : IDisposable
    {
        public void Dispose()
        {
            lock (Gate)
                if (holder == runspace)
                    holder = Guid.Empty;
        }
    }
}
