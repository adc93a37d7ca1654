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
        LoadManifest();
        LoadedVersion.WarnOfOthers();
        var start = Environment.GetEnvironmentVariable("ROLE_CREDENTIALS_START");
        if (!string.Equals(start, "late", StringComparison.OrdinalIgnoreCase))
            RoleCore.StartInBackground();
    }

    // (Get-Module RoleCredentials).Path is the assembly. A job or a runspace that imports it needs the types and the views of the manifest too.
    private static void LoadManifest()
    {
        var copy = new PSObject();
        copy.TypeNames.Insert(0, "Deserialized.RoleCredentials.RoleCredentials");
        if (copy.Members["PSStandardMembers"] is not null)
            return;
        var manifest = Path.Combine(Path.GetDirectoryName(CoreFolder.Own.Path)!, "RoleCredentials.psd1");
        if (File.Exists(manifest))
            ScriptBlock.Create("Microsoft.PowerShell.Core\\Import-Module -Global ([WildcardPattern]::Escape($args[0]))").Invoke(manifest);
    }

    public void OnRemove(PSModuleInfo psModuleInfo)
    {
        SessionScripts.Forget();
        RoleCore.EndIdle();
    }
}
