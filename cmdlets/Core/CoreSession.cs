using System.Collections;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>
/// Sends requests on behalf of a cmdlet: writes to its streams, reports its errors, handles Ctrl+C, and prompts its user.
/// </summary>
internal static class CoreSession
{
    /// <summary>Sends a request and waits for the response. The caller handles an error response.</summary>
    internal static CoreRequest<TParams, TResult> Request<TParams, TResult>(
        PSCmdlet cmdlet,
        CorePlace place,
        Method<TParams, TResult> method,
        TParams parameters,
        IDictionary environment
    )
        where TParams : RequestParams
        where TResult : Message
    {
        var request = new CoreRequest<TParams, TResult>(method, parameters, environment);
        Send(cmdlet, place, request);
        try
        {
            return Receive(cmdlet, place, [request], -1)!;
        }
        finally
        {
            request.Cancel();
        }
    }

    /// <summary>Sends a request without waiting; the cmdlet calls Receive. Ends the cmdlet if the core cannot start.</summary>
    internal static void Send(PSCmdlet cmdlet, CorePlace place, CoreRequest request)
    {
        if (Terminal.IsDebugging(cmdlet))
            WriteDebug(cmdlet, "->", request.Method, request.Request);
        try
        {
            request.SendTo(place, FolderOf(cmdlet));
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
    internal static TRequest? Receive<TRequest>(PSCmdlet cmdlet, CorePlace place, IReadOnlyList<TRequest> requests, int milliseconds)
        where TRequest : CoreRequest
    {
        while (true)
        {
            var answered = RoleCore.Receive(requests, milliseconds, cmdlet);
            if (answered is null)
                return null;
            foreach (var note in answered.Notes)
                Terminal.WriteStep(cmdlet, note);
            if (Terminal.IsDebugging(cmdlet))
                WriteDebug(cmdlet, "<-", answered.Method, answered.Response);
            if (answered.Error is { Id: "SsoLoginRequired" } && SignInOffer.TrySignIn(cmdlet, place, answered))
            {
                Send(cmdlet, place, answered);
                continue;
            }
            if (answered.Error is not { Id: "MfaRequired", MfaSerial: { } serial } error)
                return answered;
            if (answered.Request is not UseRoleParams { InvocationId: not null } parameters)
                return answered;
            if (!TakeMfaCode(cmdlet, place, serial, error.MfaProblem, parameters, answered.Environment))
                return answered;
            Send(cmdlet, place, answered);
        }
    }

    /// <summary>
    /// Prompts for the code of one device and adds it to the parameters. Returns false if the user cannot be prompted or enters nothing;
    /// the caller then reports the error.
    /// </summary>
    internal static bool TakeMfaCode(
        PSCmdlet cmdlet,
        CorePlace place,
        string serial,
        string? problem,
        UseRoleParams parameters,
        IDictionary environment
    )
    {
        string? code = null;
        try
        {
            // Say why the profile's mfa_process gave no code.
            if (problem is not null)
                Terminal.WriteWarning(cmdlet, problem);
            code = HostPrompt.Read(cmdlet, $"MFA code of {serial}", isSecret: false);
        }
        finally
        {
            // Without a code (no user, empty input, Ctrl+C), let the core ask another request that waits for the same code.
            if (string.IsNullOrEmpty(code))
            {
                var abandoned = new AbandonParams { InvocationId = parameters.InvocationId! };
                RoleCore.Notify(place, Methods.Abandon, abandoned, FolderOf(cmdlet));
            }
        }
        if (string.IsNullOrEmpty(code))
            return false;
        parameters.TokenCodes = new Dictionary<string, string>(StringComparer.Ordinal) { [serial] = code };
        return true;
    }

    internal static string FolderOf(PSCmdlet cmdlet)
    {
        var location = cmdlet.SessionState.Path.CurrentLocation;
        if (location.Provider.Name != "FileSystem")
            location = cmdlet.SessionState.Path.CurrentFileSystemLocation;
        // ProviderPath resolves the provider, drive and folder again, so avoid it where possible. A network share has no drive.
        return location.Drive is { } drive ? Path.Combine(drive.Root, drive.CurrentLocation) : location.ProviderPath;
    }

    // Writes a request or response with its secrets masked.
    private static void WriteDebug(PSCmdlet cmdlet, string direction, string method, Message? content) =>
        Terminal.WriteDebug(cmdlet, $"{direction} {method} {(content is null ? "null" : Json.Text(content))}");
}
