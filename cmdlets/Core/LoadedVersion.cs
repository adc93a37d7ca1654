using System.Management.Automation;
using System.Text.RegularExpressions;

namespace RoleCredentials;

/// <summary>
/// A process loads one version of this assembly. When another version is imported, .NET or PowerShell rejects it with an error that names
/// neither the loaded version nor a solution, and no code of the new version runs. So the loaded version writes a warning.
/// </summary>
internal static class LoadedVersion
{
    private static int isWatching;
    private static long warned = long.MinValue / 2;

    internal static Version Own => typeof(LoadedVersion).Assembly.GetName().Version!;

    internal static void WarnOfOthers()
    {
        if (Interlocked.Exchange(ref isWatching, 1) == 0)
            AppDomain.CurrentDomain.FirstChanceException += (_, thrown) => Warn(thrown.Exception);
    }

    private static string? OtherVersion(Exception error)
    {
        if (error is FileLoadException && Regex.Match(error.Message, "'RoleCredentials, Version=([0-9.]+),") is { Success: true } match)
            return Version.TryParse(match.Groups[1].Value, out var other) && other != Own ? other.ToString(3) : null;
        // .NET 8 names no assembly, and a copy of the loaded assembly fails at its types. The line that imports the module names it.
        return
            error is RuntimeException { ErrorRecord: { FullyQualifiedErrorId: { } id } record }
            && id.StartsWith("FormatXmlUpdateException,", StringComparison.Ordinal)
            && $"{record.InvocationInfo?.Line} {error.Message}".Contains("RoleCredentials", StringComparison.OrdinalIgnoreCase)
            ? "another version"
            : null;
    }

    private static void Warn(Exception error)
    {
        if (OtherVersion(error) is not { } other)
            return;
        try
        {
            // PowerShell rethrows the same error several times.
            if (Environment.TickCount64 - Interlocked.Read(ref warned) < 5000)
                return;
            var text = $"RoleCredentials {Own.ToString(3)} is loaded in this session and stays. Start a new session to use {other}.";
            ScriptBlock.Create("param($text) $Host.UI.WriteWarningLine($text)").Invoke(text);
            Interlocked.Exchange(ref warned, Environment.TickCount64);
        }
        catch (Exception failed) when (failed is RuntimeException or InvalidOperationException or ArgumentException or IOException)
        {
            // The import reports its own error. While PowerShell loads assemblies, a runspace that could show the warning may be missing.
        }
    }
}
