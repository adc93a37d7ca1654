using System.Collections;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>Asks the core on behalf of a cmdlet: its streams, its errors, its Ctrl+C, and the person at its host.</summary>
public static class CoreSession
{
    /// <summary>Sends a request and waits for its answer. Whether that is an error is left to the caller.</summary>
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

    /// <summary>Sends a request for a cmdlet, which waits with Receive. That the core cannot be started ends the cmdlet.</summary>
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
    /// Waits for the first of the requests to be answered. An answer that wants an MFA code is followed by the prompt and by the request
    /// again, with the code.
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
            if (!TakeMfaCode(cmdlet, place, (string)answered.Error["mfaSerial"]!, answered.Parameters, answered.Environment))
                return answered;
            Send(cmdlet, place, answered);
        }
    }

    /// <summary>
    /// Asks the person at the host for the code of one device, and puts it into the parameters of the next request. False where nobody
    /// can be asked: the error stands.
    /// </summary>
    internal static bool TakeMfaCode(PSCmdlet cmdlet, CorePlace place, string serial, Hashtable parameters, IDictionary environment)
    {
        string? code = null;
        try
        {
            code = HostPrompt.Read(cmdlet, $"MFA code of {serial}", isSecret: false);
        }
        finally
        {
            // Nobody there, nothing typed, or Ctrl+C: whoever waits for this code is asked instead.
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
        // PowerShell's own way to the same path looks for provider and drive once more, and for the folder. A share is on no drive.
        return location.Drive is { } drive ? Path.Combine(drive.Root, drive.CurrentLocation) : location.ProviderPath;
    }

    // What goes over the border, with whatever is secret as stars.
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
                        && member.Key is "secretAccessKey" or "sessionToken" or "tokenCode" or "tokenCodes" or "link" or "url"
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
