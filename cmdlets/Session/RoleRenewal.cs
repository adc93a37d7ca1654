using System.Management.Automation;

namespace RoleCredentials;

/// <summary>Renews the credentials of a frame: requests its role again.</summary>
public static class RoleRenewal
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMinutes(1);

    /// <summary>Sends the request, and sets the next attempt, whatever the result.</summary>
    public static void Send(RoleFrame frame, CorePlace place)
    {
        frame.RetryAt = DateTime.UtcNow + RetryInterval;
        var request = frame.Request with { InvocationId = Guid.NewGuid().ToString() };
        try
        {
            frame.Pending = RoleCore.Send(place, Methods.UseRole, request, frame.EnvironmentThen(), frame.Folder);
        }
        catch (RuntimeException error)
        {
            frame.Failure = error.GetBaseException().Message;
        }
    }

    /// <summary>
    /// Takes the renewed credentials, or stores the reason of the failure. Returns false if the response is not there within the milliseconds.
    /// </summary>
    /// <exception cref="PipelineStoppedException">Ctrl+C was pressed.</exception>
    public static bool TryComplete(RoleFrame frame, CorePlace place, int milliseconds, RoleCmdlet? cmdlet)
    {
        if (frame.Pending is not { } pending || RoleCore.Receive([pending], milliseconds, cmdlet) is null)
            return false;
        frame.Pending = null;
        if (pending.Result is { } result)
        {
            RoleStack.Renew(frame, result);
            return true;
        }
        frame.Failure = pending.ErrorRecord!.Exception.Message;
        if (pending.Error is { Id: "MfaRequired" })
        {
            frame.Renewal = "code";
            var abandoned = new AbandonParams { InvocationId = pending.Parameters.InvocationId! };
            RoleCore.Send(place, Methods.Abandon, abandoned, new Dictionary<string, string>(), frame.Folder);
        }
        return true;
    }
}
