using System.Collections;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>Renews the credentials of a frame, or of -AutoRefresh: requests the role again.</summary>
public static class RoleRenewal
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMinutes(1);

    /// <summary>Sends the request, and sets the next attempt, whatever the result.</summary>
    public static void Send(RoleFrame frame, CoreFolder coreFolder)
    {
        frame.RetryAt = DateTime.UtcNow + RetryInterval;
        try
        {
            frame.Pending = Repeat(coreFolder, frame.Request, frame.EnvironmentThen(), frame.Folder);
        }
        catch (RuntimeException error)
        {
            frame.Failure = error.GetBaseException().Message;
        }
    }

    /// <summary>
    /// Takes the renewed credentials, or stores the reason of the failure. Returns false if no response arrives in time.
    /// </summary>
    /// <exception cref="PipelineStoppedException">Ctrl+C was pressed.</exception>
    public static bool TryComplete(RoleFrame frame, CoreFolder coreFolder, int milliseconds, RoleCmdlet? cmdlet)
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
            RoleCore.Notify(coreFolder, Methods.Abandon, abandoned, frame.Folder);
        }
        return true;
    }

    /// <summary>
    /// A function that renews the credentials of -AutoRefresh when a script reads them, without a cmdlet. It returns null if that fails; the
    /// old credentials then stay.
    /// </summary>
    internal static Func<UseRoleResult?> WhenRead(CoreFolder coreFolder, UseRoleParams request, IDictionary environment, string folder) =>
        () =>
        {
            try
            {
                return RoleCore.Receive([Repeat(coreFolder, request, environment, folder)], 30_000, null)?.Result;
            }
            catch (RuntimeException)
            {
                // The core cannot start.
                return null;
            }
        };

    private static CoreRequest<UseRoleParams, UseRoleResult> Repeat(
        CoreFolder coreFolder,
        UseRoleParams request,
        IDictionary environment,
        string folder
    ) => RoleCore.Send(coreFolder, Methods.UseRole, request with { InvocationId = Guid.NewGuid().ToString() }, environment, folder);
}
