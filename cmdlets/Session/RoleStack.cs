using System.Collections;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>
/// Whose identity the environment of this process has: a stack of frames, the roles that were entered and the script blocks that run as a
/// role. $env: belongs to the process, and so does the stack: docs/decisions/0007.
/// </summary>
public static class RoleStack
{
    private static readonly object Gate = new();
    private static readonly List<RoleFrame> Stack = [];

    // Flows into the runspaces that a script block starts: for them to wait for their turn would be to wait for themselves.
    private static readonly AsyncLocal<object?> Flow = new();

    // The runspace that runs a script block as a role, or changes the stack: one at a time.
    private static Guid holder = Guid.Empty;

    /// <summary>
    /// How often (milliseconds) it is looked whether a role is due for renewal. By the clock on the wall, because a timer stands still in a
    /// sleeping machine.
    /// </summary>
    public static int RenewalInterval { get; set; } = 20_000;

    /// <summary>The frames as they are at this moment, the bottom first.</summary>
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
    /// The environment for a request: that of the original identity, beneath all roles; or as the role that this runspace is. What was
    /// set by hand since a role was entered counts as it stands.
    /// </summary>
    public static IDictionary EnvironmentOf(bool isChain)
    {
        lock (Gate)
        {
            var environment = Environment.GetEnvironmentVariables();
            if (Stack.Count == 0)
                return environment;
            var bottom = isChain ? OwnCount([.. Stack]) : 0;
            foreach (var name in IdentityVariables.Names)
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
                if (value is null)
                    environment.Remove(name);
                else
                    environment[name] = value;
            }
            return environment;
        }
    }

    /// <summary>
    /// How many of the frames, from the bottom, are this runspace's identity: roles that were entered hold for all, a block for its own
    /// runspace and those that it starts.
    /// </summary>
    public static int OwnCount(RoleFrame[] frames)
    {
        var count = 0;
        for (var index = 0; index < frames.Length; index++)
        {
            // What is beneath one's own block is one's own, too.
            if (frames[index].IsBlock ? frames[index].IsOwn || IsWithin(frames[index]) : index == count)
                count = index + 1;
        }
        return count;
    }

    /// <summary>Whether this runspace has the turn.</summary>
    public static bool HasTurn
    {
        get
        {
            lock (Gate)
                return holder == RoleFrame.CurrentRunspace;
        }
    }

    /// <summary>
    /// Waits until no other runspace runs a block as a role, so that none sees another's identity. Within one's own block one has the turn
    /// already: whoever did not have it before calls ExitTurn in a finally block.
    /// </summary>
    public static void EnterTurn(PSCmdlet cmdlet)
    {
        var me = RoleFrame.CurrentRunspace;
        var isSaid = false;
        for (var started = Environment.TickCount64; ; Thread.Sleep(10))
        {
            RoleFrame? around;
            lock (Gate)
            {
                if (holder == Guid.Empty)
                    holder = me;
                if (holder == me)
                    return;
                around = Stack.FindLast(IsWithin);
            }
            if (around is not null)
            {
                throw RoleRequest.ThrowTerminating(
                    cmdlet,
                    "RoleBusy",
                    $"This runs within a block that runs as {around.Name}, and the environment of a process has one identity at a time.",
                    "Change the role outside of that block, or take credentials from Use-Role without -ScriptBlock and pass them with -Credential.",
                    around.Name,
                    ErrorCategory.ResourceBusy
                );
            }
            if (cmdlet.Stopping)
                throw new PipelineStoppedException();
            if (isSaid || Environment.TickCount64 - started <= 2000)
                continue;
            isSaid = true;
            Terminal.WriteStep(cmdlet, "Another runspace runs a block as a role: waiting for it to end.");
        }
    }

    /// <summary>Gives the turn back, if this runspace has it.</summary>
    public static void ExitTurn()
    {
        lock (Gate)
            if (holder == RoleFrame.CurrentRunspace)
                holder = Guid.Empty;
    }

    /// <summary>What the flow of this runspace is part of, for a block to put back.</summary>
    public static object? CurrentFlow
    {
        get => Flow.Value;
        set => Flow.Value = value;
    }

    /// <summary>Becomes the frame's identity. The caller has the turn.</summary>
    public static void Push(RoleFrame frame)
    {
        lock (Gate)
        {
            frame.Before = IdentityVariables.Get();
            Stack.Add(frame);
            IdentityVariables.Set(frame.Set);
        }
    }

    /// <summary>Takes frames away until so many are left, and restores what the lowest of them found. Returns those that are gone, the top first.</summary>
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
            frame.Pending?.Cancel();
        return gone;
    }

    /// <summary>While somebody who is not the role deals with the output of a block.</summary>
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
    /// Puts renewed credentials wherever the old ones are: into the environment, or into what the frames above found and started from.
    /// Whether the frame is the one on top.
    /// </summary>
    public static bool Renew(RoleFrame frame, Hashtable result)
    {
        lock (Gate)
        {
            var place = Stack.IndexOf(frame);
            if (place < 0)
                return false;
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
            return isTop;
        }
    }

    private static bool IsWithin(RoleFrame frame) => Flow.Value is { } flow && ReferenceEquals(flow, frame.Token);
}
