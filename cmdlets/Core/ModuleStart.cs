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
        LoadedVersion.WarnOfOthers();
        var start = Environment.GetEnvironmentVariable("ROLE_CREDENTIALS_START");
        if (!string.Equals(start, "late", StringComparison.OrdinalIgnoreCase))
            RoleCore.StartInBackground();
    }

    public void OnRemove(PSModuleInfo psModuleInfo)
    {
        SessionScripts.Forget();
        RoleCore.EndIdle();
    }
}
