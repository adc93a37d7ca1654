namespace RoleCredentials;

/// <summary>How the command line selects the profile of a browser.</summary>
internal enum BrowserKind
{
    /// <summary>--profile-directory, with the profiles in `Local State`.</summary>
    Chromium,

    /// <summary>-P, with the profiles in `profiles.ini`.</summary>
    Firefox,

    /// <summary>A browser whose profiles the command line cannot select.</summary>
    Other,
}

/// <summary>A browser that -Browser names, and where its installer puts it on each system.</summary>
/// <param name="ProgramNames">Its programs on Linux and Windows, without .exe.</param>
/// <param name="App">Its application on macOS.</param>
/// <param name="Folders">The folders of its profiles: on Linux below the folder for settings, on Windows below AppData, and on macOS.</param>
internal sealed record KnownBrowser(string Name, BrowserKind Kind, string[] ProgramNames, string App, BrowserFolders Folders)
{
    internal static IReadOnlyList<KnownBrowser> All { get; } =
    [
        Chromium(
            "Chrome",
            ["google-chrome-stable", "google-chrome", "chrome"],
            "Google Chrome",
            "google-chrome",
            "Google/Chrome",
            "Google/Chrome"
        ),
        Chromium(
            "Edge",
            ["microsoft-edge-stable", "microsoft-edge", "msedge"],
            "Microsoft Edge",
            "microsoft-edge",
            "Microsoft/Edge",
            "Microsoft Edge"
        ),
        new(
            "Firefox",
            BrowserKind.Firefox,
            ["firefox", "firefox-esr"],
            "Firefox",
            new(["~/.mozilla/firefox", "mozilla/firefox", "~/snap/firefox/common/.mozilla/firefox"], "Mozilla/Firefox", "Firefox")
        ),
        Chromium("Chromium", ["chromium", "chromium-browser"], "Chromium", "chromium", "Chromium", "Chromium"),
        Chromium(
            "Brave",
            ["brave-browser-stable", "brave-browser", "brave"],
            "Brave Browser",
            "BraveSoftware/Brave-Browser",
            "BraveSoftware/Brave-Browser",
            "BraveSoftware/Brave-Browser"
        ),
        Chromium("Vivaldi", ["vivaldi-stable", "vivaldi"], "Vivaldi", "vivaldi", "Vivaldi", "Vivaldi"),
        new("Safari", BrowserKind.Other, [], "Safari", new([], "", "")),
    ];

    /// <summary>The installed ones, in the order of the table.</summary>
    internal static IEnumerable<KnownBrowser> Installed => All.Where(browser => browser.Find() is not null);

    /// <summary>The browser of a name, ignoring case, or the one whose program or application has the name of this file.</summary>
    internal static KnownBrowser? Named(string name)
    {
        var file = Path.GetFileName(Path.TrimEndingDirectorySeparator(name));
        var plain = Path.GetExtension(file).ToLowerInvariant() is ".exe" or ".app" ? Path.GetFileNameWithoutExtension(file) : file;
        bool Is(string other) => plain.Equals(other, StringComparison.OrdinalIgnoreCase);
        return All.FirstOrDefault(browser => Is(browser.Name))
            ?? All.FirstOrDefault(browser => browser.ProgramNames.Any(Is) || Is(browser.App));
    }

    /// <summary>The path of the installed program, or on macOS of the application. Null if it is not installed.</summary>
    internal string? Find()
    {
        if (OperatingSystem.IsMacOS())
        {
            string[] places =
            [
                "/Applications",
                Path.Combine(Home, "Applications"),
                "/System/Applications",
                "/System/Cryptexes/App/System/Applications",
            ];
            return places.Select(place => Path.Combine(place, $"{App}.app")).FirstOrDefault(Directory.Exists);
        }
        if (OperatingSystem.IsWindows() && ProgramNames.Select(WindowsAppPaths.Find).FirstOrDefault(path => path is not null) is { } path)
            return path;
        return ProgramNames.Select(Programs.Find).FirstOrDefault(path => path is not null);
    }

    /// <summary>The folders that may hold its profiles.</summary>
    internal IEnumerable<string> ProfileFolders()
    {
        if (OperatingSystem.IsMacOS())
            return [Path.Combine(Home, "Library", "Application Support", Folders.Mac)];
        if (OperatingSystem.IsWindows())
        {
            // Firefox's profiles roam with the user; the others' stay on the machine.
            return Kind == BrowserKind.Firefox
                ? [Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData), Folders.Windows)]
                : [Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), Folders.Windows, "User Data")];
        }
        var settings = Environment.GetEnvironmentVariable("XDG_CONFIG_HOME");
        if (string.IsNullOrEmpty(settings))
            settings = Path.Combine(Home, ".config");
        return Folders.Linux.Select(folder =>
            folder.StartsWith("~/", StringComparison.Ordinal) ? Path.Combine(Home, folder[2..]) : Path.Combine(settings, folder)
        );
    }

    private static string Home => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    // The names of the folders are in each browser's documentation of its user data directory.
    private static KnownBrowser Chromium(string name, string[] programs, string app, string linux, string windows, string mac) =>
        new(name, BrowserKind.Chromium, programs, app, new([linux, $"~/snap/{programs[0]}/common/{linux}"], windows, mac));
}

/// <summary>On Linux, a folder that begins with ~/ is below the home folder.</summary>
internal sealed record BrowserFolders(string[] Linux, string Windows, string Mac);
