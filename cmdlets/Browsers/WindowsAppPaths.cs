using System.Runtime.Versioning;
using Microsoft.Win32;

namespace RoleCredentials;

/// <summary>The programs that Windows starts by name: installers register them under App Paths, the user's own before the machine's.</summary>
internal static class WindowsAppPaths
{
    private const string Key = @"SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\";

    [SupportedOSPlatform("windows")]
    internal static string? Find(string program)
    {
        foreach (var root in new[] { Registry.CurrentUser, Registry.LocalMachine })
        {
            using var key = root.OpenSubKey($"{Key}{program}.exe");
            var path = (key?.GetValue(null) as string)?.Trim('"');
            if (Path.IsPathFullyQualified(path ?? "") && File.Exists(path))
                return path;
        }
        return null;
    }
}
