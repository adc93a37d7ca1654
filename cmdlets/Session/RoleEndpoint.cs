using System.Collections;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>
/// A credentials endpoint that the core serves on loopback, from which programs get a role's credentials and renew them: -Serve.
/// </summary>
internal sealed class RoleEndpoint(CorePlace place, string folder, OpenedEndpoint opened, string noProfiles)
{
    /// <summary>The variables that lead programs to the endpoint, and hide from them whatever they prefer to it.</summary>
    // SDKs prefer the default profile to an endpoint, so programs must not read the AWS files: docs/decisions/0009.
    internal IEnumerable<KeyValuePair<string, string?>> Variables =>
        [
            new("AWS_CONTAINER_CREDENTIALS_FULL_URI", opened.Url),
            new("AWS_CONTAINER_AUTHORIZATION_TOKEN", opened.Token),
            new("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", null),
            new("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", null),
            new("AWS_CONFIG_FILE", noProfiles),
            new("AWS_SHARED_CREDENTIALS_FILE", noProfiles),
            .. opened.Variables.Select(entry => new KeyValuePair<string, string?>(entry.Key, entry.Value)),
        ];

    /// <summary>Opens an endpoint for the credentials that a request returned.</summary>
    /// <exception cref="PipelineStoppedException">The cmdlet ended with an error.</exception>
    internal static RoleEndpoint Open(RoleCmdlet cmdlet, UseRoleParams request, UseRoleResult result, IDictionary environment)
    {
        var noProfiles = NoProfiles.FindOrCreate(cmdlet);
        var parameters = new OpenEndpointParams { Request = request, Current = result };
        return new RoleEndpoint(cmdlet.Place, cmdlet.Folder, cmdlet.Ask(Methods.OpenEndpoint, parameters, environment), noProfiles);
    }

    /// <summary>Ends it. A core that has ended has closed it already.</summary>
    internal void Close() => RoleCore.Notify(place, Methods.CloseEndpoint, new CloseEndpointParams { Url = opened.Url }, folder);
}
