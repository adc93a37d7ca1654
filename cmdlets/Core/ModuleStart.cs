using System.Management.Automation;

namespace RoleCredentials;

/// <summary>
/// Importing the module starts the core in the background, and removing the module ends it. With ROLE_CREDENTIALS_START=late, the first
/// command starts the core instead.
/// </summary>
public sealed class ModuleStart : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    public void OnImport()
    {
        AssertManifest();
        LoadedVersion.WarnOfOthers();
        var start = Environment.GetEnvironmentVariable("ROLE_CREDENTIALS_START");
        if (!string.Equals(start, "late", StringComparison.OrdinalIgnoreCase))
            RoleCore.StartInBackground();
    }

    // The manifest loads the types and the views first. Without them, PowerShell shows the secrets of credentials.
    private static void AssertManifest()
    {
        if (PSObject.AsPSObject(new RoleCredentials()).Members["PSStandardMembers"] is null)
            throw new InvalidOperationException(
                "Import RoleCredentials.psd1 instead of its assembly: only the manifest loads the views, which mask secrets."
            );
    }

    public void OnRemove(PSModuleInfo psModuleInfo)
    {
        SessionScripts.Forget();
        RoleCore.EndIdle();
    }
}
