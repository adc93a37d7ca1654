using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;
using System.Text.RegularExpressions;

namespace RoleCredentials;

/// <summary>
/// Opens links in a browser: the chosen one, or else the one that BROWSER names, parsed as Python's webbrowser does, or else the system's
/// default. It does not wait for the browser, and removes the AWS keys from the browser's environment.
/// </summary>
internal static class Browser
{
    private const string Advice = "Pass another one to -Browser, set BROWSER, or get the link with -PassThru.";

    /// <summary>
    /// Opens a sign-in link, which must not appear in the arguments of a process. Returns the error if no browser opened.
    /// </summary>
    internal static ErrorRecord? TryOpenPrivately(string link, BrowserChoice? choice = null)
    {
        SignInPage page;
        try
        {
            page = SignInPage.Create(link);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return CoreFailure.Create(
                "BrowserFailed",
                $"The page that signs the browser in cannot be written: {error.Message}",
                "Free some space in the folder for temporary files, or get the link with -PassThru.",
                "BROWSER",
                ErrorCategory.WriteError
            );
        }
        var failure = TryOpen(page.Link, choice, page);
        if (failure is not null)
            page.Delete();
        return failure;
    }

    /// <summary>Opens a link that holds no secret, such as that of a page. Returns the error if no browser opened.</summary>
    internal static ErrorRecord? TryOpen(string link, BrowserChoice? choice, SignInPage? page = null)
    {
        if ((choice?.CommandFor(link) ?? FindCommand(link)) is not { } words)
            return CoreFailure.Create("BrowserNotFound", "No browser was found.", Advice, "BROWSER");
        var start = OperatingSystem.IsWindows() ? new ProcessStartInfo(words[0], words.Skip(1)) : StartByShell(words, page);
        foreach (var name in IdentityVariables.Names)
            start.Environment.Remove(name);
        try
        {
            Process.Start(start)?.Dispose();
            if (OperatingSystem.IsWindows())
                page?.DeleteLater();
            return null;
        }
        catch (Exception error) when (error is System.ComponentModel.Win32Exception or InvalidOperationException or IOException)
        {
            // Don't pass the exception on: its text may contain the link.
            return CoreFailure.Create(
                "BrowserFailed",
                $"The browser ({choice?.Name ?? Path.GetFileName(words[0])}) cannot be started.",
                Advice,
                "BROWSER"
            );
        }
    }

    // Discards what the browser prints to the terminal, and deletes the page even if this PowerShell ends first.
    private static ProcessStartInfo StartByShell(List<string> words, SignInPage? page)
    {
        const string Run = "exec \"$@\" </dev/null >/dev/null 2>&1";
        const string RunThenDelete =
            "file=$1; seconds=$2; shift 2; trap '' HUP INT; exec </dev/null >/dev/null 2>&1; (trap - HUP INT; exec \"$@\") & PATH=/usr/bin:/bin; sleep \"$seconds\"; rm -f -- \"$file\"; rmdir -- \"${file%/*}\"";
        string[] first = page is null
            ? ["-c", Run, "sh"]
            : ["-c", RunThenDelete, "sh", page.File, SignInPage.Seconds.ToString(CultureInfo.InvariantCulture)];
        return new ProcessStartInfo("/bin/sh", [.. first, .. words]);
    }

    // Returns the words of the command, including the link. BROWSER holds a list of commands, separated like PATH; %s marks the link.
    private static List<string>? FindCommand(string link)
    {
        var commands = (Environment.GetEnvironmentVariable("BROWSER") ?? "").Split(Path.PathSeparator).ToList();
        if (OperatingSystem.IsMacOS())
            commands.Add("/usr/bin/open");
        else if (!OperatingSystem.IsWindows())
            commands.AddRange(["xdg-open", "wslview", "sensible-browser"]);
        foreach (var command in commands.Select(command => command.Trim()))
        {
            // If the whole text is the path of a file, it is one word, even with spaces.
            var words = File.Exists(command) ? [command] : WordsOf(command);
            if (words.Count == 0 || Programs.Find(words[0]) is not { } program)
                continue;
            words[0] = program;
            var hasPlace = words.Skip(1).Any(word => word.Contains("%s"));
            for (var index = 1; index < words.Count; index++)
                words[index] = words[index].Replace("%s", link);
            if (!hasPlace)
                words.Add(link);
            return words;
        }
        // rundll32 opens the link on Windows, so the browser does not inherit this process's environment.
        return OperatingSystem.IsWindows()
            ? [Path.Combine(Environment.SystemDirectory, "rundll32.exe"), "url.dll,FileProtocolHandler", link]
            : null;
    }

    // Splits at spaces outside double quotes.
    private static List<string> WordsOf(string command) =>
        [.. Regex.Matches(command, """(?:[^\s"]|"[^"]*(?:"|\z))+""").Select(word => word.Value.Replace("\"", ""))];
}
