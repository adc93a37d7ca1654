using System.Management.Automation;

namespace RoleCredentials;

/// <summary>The requests for many roles that one cmdlet sends, and their responses, as they arrive or in the order of the requests.</summary>
internal sealed class RoleQueue(RoleCmdlet cmdlet, bool isInOrder)
{
    private readonly List<CoreRequest<UseRoleParams, UseRoleResult>> open = [];
    private readonly List<CoreRequest<UseRoleParams, UseRoleResult>> ready = [];
    private int next;

    /// <summary>How many requests wait for a response.</summary>
    internal int OpenCount => open.Count;

    /// <summary>How many requests were sent: the index of the next one.</summary>
    internal int SentCount { get; private set; }

    internal void Send(CoreRequest<UseRoleParams, UseRoleResult> request)
    {
        SentCount++;
        CoreSession.Send(cmdlet, request);
        open.Add(request);
    }

    /// <summary>Collects the available responses, and waits up to the milliseconds for the first one.</summary>
    internal void Receive(int milliseconds)
    {
        for (; open.Count > 0; milliseconds = 0)
        {
            if (CoreSession.Receive(cmdlet, open, milliseconds) is not { } answered)
                break;
            open.Remove(answered);
            ready.Add(answered);
        }
    }

    /// <summary>Removes and returns the next request that has a response, or null if no response has arrived.</summary>
    internal CoreRequest<UseRoleParams, UseRoleResult>? Take()
    {
        var first = ready.MinBy(one => one.Index);
        if (first is null || (isInOrder && first.Index != next))
            return null;
        ready.Remove(first);
        next++;
        return first;
    }

    /// <summary>Cancels the requests that wait for a response.</summary>
    internal void Cancel()
    {
        foreach (var request in open)
            request.Cancel();
    }
}
