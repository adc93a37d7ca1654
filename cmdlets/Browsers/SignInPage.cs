using System.Net;
using System.Text;

namespace RoleCredentials;

/// <summary>
/// A page that redirects to a sign-in link. Every user of the machine can read the arguments of a process, so the browser gets the path of
/// this file, which only its owner can read, instead of the link. The file is deleted once the browser has had time to read it.
/// </summary>
internal sealed class SignInPage
{
    private const string FolderPrefix = "role-credentials-sign-in-";
    private const string FileName = "page.html";

    private SignInPage(string folder) => Folder = folder;

    /// <summary>How long a browser may take to start and read the page.</summary>
    internal static int Seconds { get; set; } = 30;

    internal string Folder { get; }

    internal string File => Path.Combine(Folder, FileName);

    internal string Link => new Uri(File).AbsoluteUri;

    /// <exception cref="IOException">The page cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The user may not write the page.</exception>
    internal static SignInPage Create(string link)
    {
        var parent = Parent();
        DeleteLeftovers(parent);
        var page = new SignInPage(Path.Combine(parent, FolderPrefix + Guid.NewGuid().ToString("N")));
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(page.Folder);
        }
        else
        {
            Directory.CreateDirectory(page.Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        using var file = new FileStream(page.File, options);
        file.Write(Encoding.UTF8.GetBytes(TextOf(link)));
        return page;
    }

    internal void Delete()
    {
        try
        {
            System.IO.File.Delete(File);
            Directory.Delete(Folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The file is gone, or still open: creating the next page deletes it.
        }
    }

    internal void DeleteLater() => _ = Task.Delay(TimeSpan.FromSeconds(Seconds)).ContinueWith(_ => Delete(), TaskScheduler.Default);

    // location.replace leaves no history entry for the page. The link and the refresh serve browsers without scripts.
    private static string TextOf(string link) =>
        $"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="referrer" content="no-referrer"><title>AWS sign-in</title></head>
            <body><a href="{WebUtility.HtmlEncode(link)}">Sign in to AWS</a><script>location.replace(document.links[0].href)</script>
            <noscript><meta http-equiv="refresh" content="0; url={WebUtility.HtmlEncode(link)}"></noscript></body></html>

            """;

    // The temporary folder; with snap, the home folder, because a snap browser has its own /tmp and cannot read hidden folders.
    private static string Parent()
    {
        var home = Environment.GetEnvironmentVariable("HOME");
        return OperatingSystem.IsLinux() && Directory.Exists("/snap") && Directory.Exists(home) ? home : Path.GetTempPath();
    }

    // Deletes pages that an earlier session left behind.
    private static void DeleteLeftovers(string parent)
    {
        var old = DateTime.UtcNow.AddSeconds(-2 * Seconds);
        // Everyone may write to the temporary folder, so don't follow a link, which may lead to a folder of this user.
        var options = new EnumerationOptions { AttributesToSkip = FileAttributes.ReparsePoint };
        foreach (var folder in Directory.EnumerateDirectories(parent, FolderPrefix + "*", options))
        {
            if (Directory.GetLastWriteTimeUtc(folder) < old)
                new SignInPage(folder).Delete();
        }
    }
}
