using System.Collections;

namespace RoleCredentials;

/// <summary>The requests for many roles that one cmdlet sends, and their responses, as they arrive or in the order of the requests.</summary>
internal sealed class RoleQueue(RoleCmdlet cmdlet, bool isInOrder)
{
    private readonly List<RoleUse> open = [];
    private readonly List<RoleUse> ready = [];
    private int next;

    /// <summary>How many requests wait for a response.</summary>
    internal int OpenCount => open.Count;

    /// <summary>How many requests were sent: the index of the next one.</summary>
    internal int SentCount { get; private set; }

    internal void Send(RoleUse request)
    {
        request.Index = SentCount++;
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
    internal RoleUse? Take()
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

/// <summary>The request for one of the roles.</summary>
/// <param name="parameters">The parameters of the request.</param>
/// <param name="environment">The environment variables of the request.</param>
/// <param name="input">The input that it was made from.</param>
/// <param name="refreshCommand">The command that renews its credentials, with -AutoRefresh.</param>
internal sealed class RoleUse(UseRoleParams parameters, IDictionary environment, RoleInput input, string? refreshCommand)
    : CoreRequest<UseRoleParams, UseRoleResult>(Methods.UseRole, parameters, environment)
{
    internal RoleInput Input { get; } = input;

    internal string? RefreshCommand { get; } = refreshCommand;

    /// <summary>Its position among the requests of the cmdlet.</summary>
    internal int Index { get; set; }
}
