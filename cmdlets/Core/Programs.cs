namespace RoleCredentials;

/// <summary>Programs of this machine.</summary>
internal static class Programs
{
    /// <summary>
    /// The absolute path of a program: the first in an absolute folder of PATH when only its name is given. The current folder is never
    /// looked in.
    /// </summary>
    internal static string? Find(string name)
    {
        if (Path.IsPathFullyQualified(name)) return File.Exists(name) ? name : null;
        if (name.Contains('/') || name.Contains('\\')) return null;
        string[] endings = OperatingSystem.IsWindows() ? [".exe", ""] : [""];
        foreach (var entry in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator))
        {
            var folder = entry.Trim('"');
            if (!Path.IsPathFullyQualified(folder)) continue;
            foreach (var ending in endings)
            {
                var path = Path.Combine(folder, name + ending);
                if (File.Exists(path)) return path;
            }
        }
        return null;
    }
}
