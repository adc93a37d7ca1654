using System.Management.Automation;

namespace RoleCredentials;

/// <summary>
/// Sends requests on behalf of a cmdlet: writes to its streams, reports its errors, handles Ctrl+C, and prompts its user.
/// </summary>
internal static class CoreSession
{
    /// <summary>Sends a request without waiting; the cmdlet calls Receive. Ends the cmdlet if the core cannot start.</summary>
    internal static void Send(RoleCmdlet cmdlet, CoreRequest request)
    {
        if (Terminal.IsDebugging(cmdlet))
            WriteDebug(cmdlet, "->", request.Method, request.Request);
        try
        {
            request.SendTo(cmdlet.CoreFolder, cmdlet.Folder);
        }
        catch (RuntimeException error)
        {
            cmdlet.ThrowTerminatingError(error.ErrorRecord);
        }
    }

    /// <summary>
    /// Waits for the first response. If it asks for an MFA code, prompts for the code and sends the request again with it. If it needs a
    /// sign-in, offers it, and sends the request again.
    /// </summary>
    internal static TRequest? Receive<TRequest>(RoleCmdlet cmdlet, List<TRequest> requests, int milliseconds)
        where TRequest : CoreRequest
    {
        while (true)
        {
            var answered = RoleCore.Receive(requests, milliseconds, cmdlet);
            if (answered is null)
                return null;
            foreach (var note in answered.Notes)
                cmdlet.WriteStep(note);
            if (Terminal.IsDebugging(cmdlet))
                WriteDebug(cmdlet, "<-", answered.Method, answered.Response);
            if (answered.Error is { Id: "SsoLoginRequired" } && SignInOffer.TrySignIn(cmdlet, answered))
            {
                Send(cmdlet, answered);
                continue;
            }
            if (
                answered.Error is not { Id: "MfaRequired", MfaSerial: { } serial } error
                || answered.Request is not UseRoleParams { InvocationId: not null } parameters
                || !TakeMfaCode(cmdlet, serial, error.MfaProblem, parameters)
            )
                return answered;
            Send(cmdlet, answered);
        }
    }

    /// <summary>
    /// Prompts for the code of one device and adds it to the parameters. Returns false if the user cannot be prompted or enters nothing;
    /// the caller then reports the error.
    /// </summary>
    internal static bool TakeMfaCode(RoleCmdlet cmdlet, string serial, string? problem, UseRoleParams parameters)
    {
        string? code = null;
        try
        {
            // Say why the profile's mfa_process gave no code.
            if (problem is not null)
                cmdlet.WriteWarning(problem);
            code = HostPrompt.Read(cmdlet, $"MFA code of {serial}", isSecret: false);
        }
        finally
        {
            // Without a code (no user, empty input, Ctrl+C), let the core ask another request that waits for the same code.
            if (string.IsNullOrEmpty(code))
            {
                var abandoned = new AbandonParams { InvocationId = parameters.InvocationId! };
                RoleCore.Notify(cmdlet.CoreFolder, Methods.Abandon, abandoned, cmdlet.Folder);
            }
        }
        if (string.IsNullOrEmpty(code))
            return false;
        parameters.TokenCodes = new Dictionary<string, string>(StringComparer.Ordinal) { [serial] = code };
        return true;
    }

    // Writes a request or response with its secrets masked.
    private static void WriteDebug(RoleCmdlet cmdlet, string direction, string method, Message? content) =>
        cmdlet.WriteDebug($"{direction} {method} {(content is null ? "null" : Json.Text(content))}");
}
