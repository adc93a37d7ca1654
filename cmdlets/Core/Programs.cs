namespace RoleCredentials;

/// <summary>Finds programs on PATH.</summary>
internal static class Programs
{
    /// <summary>
    /// The absolute path of a program. Given only a name, searches the absolute folders of PATH, and never the current folder. Never a batch
    /// file, because cmd would parse its arguments.
    /// </summary>
    internal static string? Find(string name) => Find(name, OperatingSystem.IsWindows());

    /// <summary>A batch file of that name on PATH, which version managers on Windows install.</summary>
    internal static string? FindBatchFile(string name) => FindBatchFile(name, OperatingSystem.IsWindows());

    internal static string? Find(string name, bool isWindows)
    {
        if (Path.IsPathFullyQualified(name))
            return File.Exists(name) && !IsBatchFile(name) ? name : null;
        // Windows runs only .exe and .com directly. A file without an extension is a script for another shell, such as npm's.
        var isComplete = !isWindows || Path.GetExtension(name).ToLowerInvariant() is ".exe" or ".com";
        return InPath(name, isComplete ? [""] : [".exe", ".com"]);
    }

    /// <summary>Whether only cmd can run the program.</summary>
    internal static bool IsBatchFile(string path) =>
        OperatingSystem.IsWindows() && Path.GetExtension(path.TrimEnd('.', ' ')).ToLowerInvariant() is ".cmd" or ".bat";

    internal static string? FindBatchFile(string name, bool isWindows) => isWindows ? InPath(name, [".cmd", ".bat"]) : null;

    private static string? InPath(string name, string[] endings)
    {
        if (name.Contains('/') || name.Contains('\\'))
            return null;
        return (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator)
            .Select(entry => entry.Trim('"'))
            .Where(Path.IsPathFullyQualified)
            .SelectMany(folder => endings.Select(ending => Path.Combine(folder, name + ending)))
            .FirstOrDefault(File.Exists);
    }
}
