using System.Management.Automation;

namespace RoleCredentials;

/// <summary>Resolves the path of a parameter against the caller's folder and drives.</summary>
internal static class FilePath
{
    /// <summary>The absolute path. The file need not exist.</summary>
    /// <exception cref="PipelineStoppedException">The cmdlet ended with an error.</exception>
    internal static string Resolve(RoleCmdlet cmdlet, string text, string errorId, string advice) =>
        TryResolve(cmdlet, text, out var problem)
        ?? throw cmdlet.ThrowTerminating(errorId, $"'{text}' is not the path of a file: {problem}", advice, text);

    /// <summary>The absolute path, or null if the text is not the path of a file that exists.</summary>
    internal static string? Find(RoleCmdlet cmdlet, string text) =>
        TryResolve(cmdlet, text, out _) is { } path && File.Exists(path) ? path : null;

    private static string? TryResolve(RoleCmdlet cmdlet, string text, out string problem)
    {
        problem = "It is not on a file system drive.";
        try
        {
            var path = cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath(text, out var provider, out _);
            return provider.Name == "FileSystem" ? path : null;
        }
        catch (Exception error) when (error is RuntimeException or ArgumentException or NotSupportedException)
        {
            problem = error.GetBaseException().Message;
            return null;
        }
    }
}
