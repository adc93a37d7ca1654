using System.Diagnostics;
using System.Management.Automation;
using System.Text;

namespace RoleCredentials;

/// <summary>
/// The user's browser: BROWSER as Python's webbrowser reads it, else what the system has for that. It is not waited for, and gets no AWS keys
/// along.
/// </summary>
internal static class Browser
{
    internal static void Open(PSCmdlet cmdlet, string link)
    {
        var start = StartOf(link)
            ?? throw RoleRequest.Ended(cmdlet, "BrowserNotFound", "No browser was found.", "Set BROWSER to the command of one, or take the link with -PassThru.", "BROWSER", ErrorCategory.ResourceUnavailable);
        try
        {
            Process.Start(start)?.Dispose();
        }
        catch (Exception error) when (error is System.ComponentModel.Win32Exception or InvalidOperationException or IOException)
        {
            // Not the exception itself: its text may hold the link.
            throw RoleRequest.Ended(cmdlet, "BrowserFailed", $"The browser ({Path.GetFileName(start.FileName)}) cannot be started.", "Set BROWSER to the command of another, or take the link with -PassThru.", "BROWSER", ErrorCategory.ResourceUnavailable);
        }
    }

    // How to start it; nothing when there is none.
    private static ProcessStartInfo? StartOf(string link)
    {
        var words = FindCommand(link);
        if (words is null) return OperatingSystem.IsWindows() ? new ProcessStartInfo(link) { UseShellExecute = true } : null;
        var start = new ProcessStartInfo { UseShellExecute = false };
        if (OperatingSystem.IsWindows())
        {
            start.FileName = words[0];
            words.RemoveAt(0);
        }
        else
        {
            // What a browser prints is no concern of the terminal.
            start.FileName = "/bin/sh";
            words.InsertRange(0, ["-c", "exec \"$@\" </dev/null >/dev/null 2>&1", "sh"]);
        }
        foreach (var word in words) start.ArgumentList.Add(word);
        foreach (var name in IdentityVariables.Names) start.Environment.Remove(name);
        return start;
    }

    // The words of the command, the link among them. BROWSER holds commands, separated as the folders of PATH are, with %s for the link.
    private static List<string>? FindCommand(string link)
    {
        var commands = (Environment.GetEnvironmentVariable("BROWSER") ?? "").Split(Path.PathSeparator).ToList();
        if (OperatingSystem.IsMacOS()) commands.Add("/usr/bin/open");
        else if (!OperatingSystem.IsWindows()) commands.AddRange(["xdg-open", "wslview", "sensible-browser"]);
        foreach (var command in commands.Select(command => command.Trim()))
        {
            // A path with spaces is one word where there is such a file.
            var words = File.Exists(command) ? [command] : WordsOf(command);
            if (words.Count == 0 || Programs.Find(words[0]) is not { } program) continue;
            words[0] = program;
            var hasPlace = words.Skip(1).Any(word => word.Contains("%s"));
            for (var index = 1; index < words.Count; index++) words[index] = words[index].Replace("%s", link);
            if (!hasPlace) words.Add(link);
            return words;
        }
        return null;
    }

    // Spaces separate, but not within double quotes.
    private static List<string> WordsOf(string command)
    {
        var words = new List<string>();
        StringBuilder? word = null;
        var isQuoted = false;
        foreach (var one in command)
        {
            if (one == '"')
            {
                isQuoted = !isQuoted;
                word ??= new StringBuilder();
            }
            else if (isQuoted || !char.IsWhiteSpace(one)) (word ??= new StringBuilder()).Append(one);
            else if (word is not null)
            {
                words.Add(word.ToString());
                word = null;
            }
        }
        if (word is not null) words.Add(word.ToString());
        return words;
    }
}
