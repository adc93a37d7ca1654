using System.Management.Automation;

namespace RoleCredentials;

/// <summary>The browser of -Browser, with the profile of -BrowserProfile.</summary>
/// <param name="Program">The path of the program, or on macOS of the application.</param>
internal sealed record BrowserChoice(string Name, BrowserKind Kind, string Program, BrowserProfile? Profile)
{
    internal string Text => Profile is null ? Name : $"{Name}, profile {Profile.Name}";

    /// <summary>
    /// The browser to open the link with, or null for the default one. A container needs Firefox, which is the default for it.
    /// </summary>
    /// <exception cref="PipelineStoppedException">The cmdlet ended with an error.</exception>
    internal static BrowserChoice? Read(RoleCmdlet cmdlet, string? browser, string? profile, bool isForContainer)
    {
        if (browser is null && profile is not null && !isForContainer)
            throw cmdlet.ThrowConflict(
                "-BrowserProfile needs the browser that has the profile.",
                "Pass -Browser, for example -Browser Chrome.",
                "-BrowserProfile"
            );
        if ((browser ?? (isForContainer ? "Firefox" : null)) is not { } name)
            return null;
        var known = KnownBrowser.Named(name);
        var choice = Find(cmdlet, name, known);
        if (isForContainer && choice.Kind != BrowserKind.Firefox)
            throw cmdlet.ThrowConflict(
                $"-Container needs Firefox: {choice.Name} has no containers.",
                "Pass -Browser Firefox, or -BrowserProfile in place of -Container.",
                "-Container"
            );
        return profile is null ? choice : choice with { Profile = FindProfile(cmdlet, profile, choice, known) };
    }

    /// <summary>The words of the command that opens the link.</summary>
    internal List<string> CommandFor(string link) => CommandFor(link, OperatingSystem.IsMacOS());

    internal List<string> CommandFor(string link, bool isMac)
    {
        string[] profile =
            Profile is null ? []
            : Kind == BrowserKind.Firefox ? ["-P", Profile.Id]
            : [$"--profile-directory={Profile.Id}"];
        if (!isMac || !Program.EndsWith(".app", StringComparison.OrdinalIgnoreCase))
            return [Program, .. profile, link];
        // A second instance hands the link to the first one that has the profile. Only this passes arguments to an application.
        return Kind == BrowserKind.Other
            ? ["/usr/bin/open", "-a", Program, link]
            : ["/usr/bin/open", "-n", "-a", Program, "--args", .. profile, link];
    }

    private static BrowserChoice Find(RoleCmdlet cmdlet, string name, KnownBrowser? known)
    {
        if (!name.Contains('/') && !name.Contains('\\'))
        {
            if (
                (known?.Name.Equals(name, StringComparison.OrdinalIgnoreCase) == true ? known.Find() : Programs.Find(name)) is { } installed
            )
                return new BrowserChoice(known?.Name ?? name, known?.Kind ?? BrowserKind.Other, installed, null);
            var others = KnownBrowser.Installed.Select(one => one.Name).ToArray();
            throw cmdlet.ThrowTerminating(
                "BrowserNotFound",
                $"The browser '{name}' is not installed.",
                others.Length == 0 ? "Pass the path of a browser." : $"Pass the path of a browser, or one of: {string.Join(", ", others)}.",
                "-Browser",
                ErrorCategory.ResourceUnavailable
            );
        }
        var path = FilePath.Resolve(cmdlet, name, "BrowserNotFound", "Pass the path of a browser's program.");
        var isApp = OperatingSystem.IsMacOS() && Directory.Exists(path);
        if (!isApp && !File.Exists(path))
            throw cmdlet.ThrowTerminating(
                "BrowserNotFound",
                $"There is no browser at {path}.",
                "Correct the path.",
                "-Browser",
                ErrorCategory.ResourceUnavailable
            );
        return new BrowserChoice(known?.Name ?? Path.GetFileName(path), known?.Kind ?? BrowserKind.Other, path, null);
    }

    private static BrowserProfile FindProfile(RoleCmdlet cmdlet, string name, BrowserChoice browser, KnownBrowser? known)
    {
        if (known is null || known.Kind == BrowserKind.Other)
            throw cmdlet.ThrowConflict(
                $"The profiles of {browser.Name} are not known.",
                "Omit -BrowserProfile, or pass Chrome, Edge, Firefox, Chromium, Brave or Vivaldi to -Browser.",
                "-BrowserProfile"
            );
        var profiles = BrowserProfile.Of(known);
        var found = BrowserProfile.Named(profiles, name);
        if (found.Count == 1)
            return found[0];
        // A browser creates a profile that does not exist, in which the user is signed in nowhere.
        throw cmdlet.ThrowTerminating(
            "BrowserProfileNotFound",
            found.Count == 0 ? $"{known.Name} has no profile '{name}'." : $"{known.Name} has {found.Count} profiles named '{name}'.",
            found.Count > 0 ? $"Name its folder: {string.Join(", ", found.Select(one => one.Id))}."
                : profiles.Count > 0 ? $"Its profiles are: {string.Join(", ", profiles.Select(one => one.Name))}."
                : $"Start {known.Name} once, and create the profile there.",
            "-BrowserProfile",
            ErrorCategory.ObjectNotFound
        );
    }
}
