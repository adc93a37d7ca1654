using System.Text.Json;

namespace RoleCredentials;

/// <summary>A profile of a browser.</summary>
/// <param name="Id">What the command line takes: the folder for Chromium's family, the name for Firefox.</param>
/// <param name="Name">What the browser shows.</param>
internal sealed record BrowserProfile(string Id, string Name)
{
    // In bytes. Larger files are not a browser's.
    private const int MaximumLength = 64 * 1024 * 1024;

    /// <summary>The profiles of a browser. None if the browser has not run yet, or its list cannot be read.</summary>
    internal static IReadOnlyList<BrowserProfile> Of(KnownBrowser browser)
    {
        var file = browser.Kind == BrowserKind.Firefox ? "profiles.ini" : "Local State";
        foreach (var folder in browser.ProfileFolders())
        {
            if (TextOf(Path.Combine(folder, file)) is { } text)
                return browser.Kind == BrowserKind.Firefox ? OfFirefox(text) : OfChromium(text);
        }
        return [];
    }

    /// <summary>Those of a name: an exact id wins, then exact names, then names that differ in case only.</summary>
    internal static IReadOnlyList<BrowserProfile> Named(IReadOnlyList<BrowserProfile> profiles, string name)
    {
        if (profiles.FirstOrDefault(profile => profile.Id == name) is { } exact)
            return [exact];
        var same = profiles.Where(profile => profile.Name == name).ToArray();
        return same.Length > 0 ? same : [.. profiles.Where(profile => profile.Name.Equals(name, StringComparison.OrdinalIgnoreCase))];
    }

    // Local State is JSON: profile.info_cache has an object for each profile's folder.
    internal static IReadOnlyList<BrowserProfile> OfChromium(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return
            [
                .. json
                    .RootElement.GetProperty("profile")
                    .GetProperty("info_cache")
                    .EnumerateObject()
                    .Select(entry => new BrowserProfile(entry.Name, entry.Value.GetProperty("name").GetString() ?? entry.Name)),
            ];
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return [];
        }
    }

    // profiles.ini has a section [Profile0], [Profile1] and so on for each profile, with its Name.
    internal static IReadOnlyList<BrowserProfile> OfFirefox(string text)
    {
        var profiles = new List<BrowserProfile>();
        var isProfile = false;
        foreach (var line in text.Split('\n').Select(line => line.Trim()))
        {
            if (line.StartsWith('['))
                isProfile = line.StartsWith("[Profile", StringComparison.OrdinalIgnoreCase);
            else if (isProfile && line.StartsWith("Name=", StringComparison.OrdinalIgnoreCase) && line.Length > 5)
                profiles.Add(new BrowserProfile(line[5..], line[5..]));
        }
        return profiles;
    }

    private static string? TextOf(string path)
    {
        try
        {
            return new FileInfo(path) is { Exists: true, Length: < MaximumLength } ? File.ReadAllText(path) : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
