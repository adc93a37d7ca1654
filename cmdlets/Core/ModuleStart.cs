using System.Management.Automation;

namespace RoleCredentials;

/// <summary>
/// Starts the core at the import, without waiting for it: docs/decisions/0006. With ROLE_CREDENTIALS_START=late nothing is started before it
/// is needed.
/// </summary>
public sealed class ModuleStart : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    public void OnImport()
    {
        LoadedVersion.WarnOfOthers();
        if (!string.Equals(Environment.GetEnvironmentVariable("ROLE_CREDENTIALS_START"), "late", StringComparison.OrdinalIgnoreCase)) Rehearsal.Start();
    }

    public void OnRemove(PSModuleInfo psModuleInfo) => SessionScripts.Forget();
}
