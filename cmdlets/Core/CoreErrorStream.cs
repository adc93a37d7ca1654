using System.Text;
using System.Text.RegularExpressions;

namespace RoleCredentials;

/// <summary>What Node prints to stderr before it exits, such as that it is too old. The core itself prints nothing.</summary>
internal sealed class CoreErrorStream
{
    private readonly StreamReader errors;
    private readonly StringBuilder text = new();
    private readonly Thread reader;

    internal CoreErrorStream(StreamReader errors)
    {
        this.errors = errors;
        reader = CoreProcess.StartReader(Read);
    }

    /// <summary>The text, or null if Node still holds the stream open.</summary>
    internal string? ReadToEnd() => reader.Join(500) ? text.ToString() : null;

    /// <summary>The version of a Node that is too old for the core.</summary>
    internal static string? OldVersionIn(string text)
    {
        // src/entry.ts prints this.
        var tooOld = Regex.Match(text, @"role-credentials needs Node\.js \d+(?:\.\d+)* or later; this is (v\d+(?:\.\d+)*)");
        return tooOld.Success ? tooOld.Groups[1].Value : null;
    }

    /// <summary>The line with the error that ended Node.</summary>
    internal static string? ErrorIn(string text) =>
        text.Split('\n').FirstOrDefault(line => line.Contains("Error:", StringComparison.Ordinal)) is { } error
            ? string.Concat(error.Trim().Select(one => one is >= ' ' and <= '~' ? one : '?'))
            : null;

    // Keeps the first lines, and reads the rest so that the pipe never fills.
    private void Read()
    {
        var buffer = new char[4096];
        try
        {
            for (int count; (count = errors.Read(buffer, 0, buffer.Length)) > 0; )
            {
                if (text.Length < buffer.Length)
                    text.Append(buffer, 0, count);
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // The core was stopped.
        }
        errors.Dispose();
    }
}
