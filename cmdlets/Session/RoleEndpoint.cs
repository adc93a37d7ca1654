using System.Collections;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>
/// A credentials endpoint that the core serves on loopback, from which programs get a role's credentials and renew them: -Serve.
/// </summary>
public sealed class RoleEndpoint
{
    private readonly CorePlace place;
    private readonly string folder;
    private readonly string url;
    private readonly string token;
    private readonly Hashtable settings;

    private RoleEndpoint(CorePlace place, string folder, Hashtable opened)
    {
        this.place = place;
        this.folder = folder;
        url = (string)opened["url"]!;
        token = (string)opened["token"]!;
        settings = (Hashtable)opened["variables"]!;
    }

    /// <summary>The variables that lead programs to the endpoint, and hide from them whatever they prefer to it.</summary>
    // SDKs prefer the default profile to an endpoint, so programs must not read the AWS files.
    internal IEnumerable<KeyValuePair<string, string?>> Variables =>
        [
            new("AWS_CONTAINER_CREDENTIALS_FULL_URI", url),
            new("AWS_CONTAINER_AUTHORIZATION_TOKEN", token),
            new("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", null),
            new("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", null),
            new("AWS_CONFIG_FILE", NullDevice),
            new("AWS_SHARED_CREDENTIALS_FILE", NullDevice),
            .. settings
                .Cast<DictionaryEntry>()
                .Select(entry => new KeyValuePair<string, string?>((string)entry.Key, entry.Value as string)),
        ];

    private static string NullDevice => OperatingSystem.IsWindows() ? "NUL" : "/dev/null";

    /// <summary>Opens an endpoint for the credentials that a request returned.</summary>
    /// <exception cref="PipelineStoppedException">The cmdlet was ended with an error.</exception>
    public static RoleEndpoint Open(PSCmdlet cmdlet, CorePlace place, Hashtable request, Hashtable result, IDictionary environment)
    {
        var current = new Hashtable();
        foreach (var name in new[] { "accessKeyId", "secretAccessKey", "sessionToken", "expiration", "accountId", "roleArn" })
            if (result[name] is string value)
                current[name] = value;
        var parameters = new Hashtable { ["request"] = request, ["current"] = current };
        var answered = CoreSession.Request(cmdlet, place, "endpoint/open", parameters, environment);
        if (answered.ErrorRecord is not null)
            cmdlet.ThrowTerminatingError(answered.ErrorRecord);
        return new RoleEndpoint(place, CoreSession.FolderOf(cmdlet), answered.Result!);
    }

    /// <summary>Ends it. A core that has ended has closed it already.</summary>
    internal void Close() => RoleCore.Notify(place, "endpoint/close", new Hashtable { ["url"] = url }, folder);
}
