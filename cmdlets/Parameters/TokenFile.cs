using System.Management.Automation;

namespace RoleCredentials;

/// <summary>Finds the file that a parameter names, if its text is a path.</summary>
internal static class TokenFile
{
    /// <summary>The absolute path, or null if the text is not the path of a file that exists.</summary>
    internal static string? Find(PSCmdlet cmdlet, string text)
    {
        try
        {
            var path = cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath(text, out var provider, out _);
            return provider.Name == "FileSystem" && File.Exists(path) ? path : null;
        }
        catch (Exception error) when (error is RuntimeException or ArgumentException or NotSupportedException)
        {
            return null;
        }
    }
}
