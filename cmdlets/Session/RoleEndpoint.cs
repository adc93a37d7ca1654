using System.Collections;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>
/// A credentials endpoint that the core serves on loopback, from which programs get a role's credentials and renew them: -Serve.
/// </summary>
internal sealed class RoleEndpoint(CoreFolder coreFolder, string folder, OpenedEndpoint opened, string emptyProfilesFile)
{
    internal IEnumerable<KeyValuePair<string, string?>> Variables => RoleVariables.OfEndpoint(opened, emptyProfilesFile);

    /// <summary>Opens an endpoint for the credentials that a request returned.</summary>
    /// <exception cref="PipelineStoppedException">The cmdlet ended with an error.</exception>
    internal static RoleEndpoint Open(RoleCmdlet cmdlet, UseRoleParams request, UseRoleResult result, IDictionary environment)
    {
        var emptyProfilesFile = EmptyProfilesFile.FindOrCreate(cmdlet);
        var parameters = new OpenEndpointParams { Request = request, Current = result };
        return new RoleEndpoint(
            cmdlet.CoreFolder,
            cmdlet.Folder,
            cmdlet.Ask(Methods.OpenEndpoint, parameters, environment),
            emptyProfilesFile
        );
    }

    /// <summary>Ends it. A core that has ended has closed it already.</summary>
    internal void Close() => RoleCore.Notify(coreFolder, Methods.CloseEndpoint, new CloseEndpointParams { Url = opened.Url }, folder);
}
