using System.Collections;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>
/// Sends requests on behalf of a cmdlet: writes to its streams, reports its errors, handles Ctrl+C, and prompts its user.
/// </summary>
public static class CoreSession
{
    /// <summary>Sends a request and waits for the response. The caller handles an error response.</summary>
    internal static CoreRequest Request(PSCmdlet cmdlet, CorePlace place, string method, Hashtable parameters, IDictionary environment)
    {
        var request = Send(cmdlet, place, method, parameters, environment);
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
    internal static CoreRequest Send(PSCmdlet cmdlet, CorePlace place, string method, Hashtable parameters, IDictionary environment) =>
        Send(cmdlet, place, new CoreRequest(method, parameters, environment));

    internal static CoreRequest Send(PSCmdlet cmdlet, CorePlace place, CoreRequest request)
    {
        if (Terminal.IsDebugging(cmdlet))
            WriteDebug(cmdlet, "->", request.Method, request.Parameters);
        try
        {
            request.SendTo(place, FolderOf(cmdlet));
        }
        catch (RuntimeException error)
        {
            cmdlet.ThrowTerminatingError(error.ErrorRecord);
        }
        return request;
    }

    /// <summary>
    /// Waits for the first response. If it asks for an MFA code, prompts for the code and sends the request again with it.
    /// </summary>
    internal static CoreRequest? Receive(PSCmdlet cmdlet, CorePlace place, IReadOnlyList<CoreRequest> requests, int milliseconds)
    {
        while (true)
        {
            var answered = RoleCore.Receive(requests, milliseconds, cmdlet);
            if (answered is null)
                return null;
            foreach (var note in answered.Notes)
                Terminal.WriteStep(cmdlet, note);
            if (Terminal.IsDebugging(cmdlet))
                WriteDebug(cmdlet, "<-", answered.Method, answered.Error ?? answered.Result);
            if (answered.Error?["id"] is not "MfaRequired" || answered.Parameters["invocationId"] is null)
                return answered;
            if (!TakeMfaCode(cmdlet, place, answered.Error, answered.Parameters, answered.Environment))
                return answered;
            Send(cmdlet, place, answered);
        }
    }

    /// <summary>
    /// Prompts for the code of one device and adds it to the parameters. Returns false if the user cannot be prompted or enters nothing;
    /// the caller then reports the error.
    /// </summary>
    internal static bool TakeMfaCode(PSCmdlet cmdlet, CorePlace place, Hashtable error, Hashtable parameters, IDictionary environment)
    {
        var serial = (string)error["mfaSerial"]!;
        string? code = null;
        try
        {
            // Say why the profile's mfa_process gave no code.
            if (error["mfaProblem"] is string problem)
                Terminal.WriteWarning(cmdlet, problem);
            code = HostPrompt.Read(cmdlet, $"MFA code of {serial}", isSecret: false);
        }
        finally
        {
            // Without a code (no user, empty input, Ctrl+C), let the core ask another request that waits for the same code.
            if (string.IsNullOrEmpty(code))
            {
                Send(cmdlet, place, "role/abandon", new Hashtable { ["invocationId"] = parameters["invocationId"] }, environment);
            }
        }
        if (string.IsNullOrEmpty(code))
            return false;
        parameters["tokenCodes"] = new Hashtable { [serial] = code };
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
    private static void WriteDebug(PSCmdlet cmdlet, string direction, string method, object? content) =>
        Terminal.WriteDebug(cmdlet, $"{direction} {method} {Json.Text(WithoutSecrets(content))}");

    private static object? WithoutSecrets(object? content)
    {
        switch (content)
        {
            case IDictionary members:
                var shown = new Hashtable(StringComparer.Ordinal);
                foreach (DictionaryEntry member in members)
                {
                    shown[member.Key] =
                        member.Value is not null
                        && member.Key
                            is "secretAccessKey"
                                or "sessionToken"
                                or "tokenCode"
                                or "tokenCodes"
                                or "assertion"
                                or "token"
                                or "link"
                                or "url"
                            ? "****"
                            : WithoutSecrets(member.Value);
                }
                return shown;
            case IList items:
                return items.Cast<object?>().Select(WithoutSecrets).ToArray();
            default:
                return content;
        }
    }
}
