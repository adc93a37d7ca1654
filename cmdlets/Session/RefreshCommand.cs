namespace RoleCredentials;

/// <summary>
/// Builds the command line for the SDK's process credentials. The SDK passes it to sh, or to cmd on Windows, so it is quoted for these.
/// Only the paths of Node and the core need quotes; the arguments are plain words. See docs/decisions/0008. The command lives as long as the
/// session, so it names the core of the loaded version: another version might read the request in another way.
/// </summary>
internal static class RefreshCommand
{
    internal static string Of(CoreFolder coreFolder, string[] arguments)
    {
        var node = NodeProgram.Find();
        var words = string.Join(' ', arguments);
        // cmd strips the first and the last quote.
        if (OperatingSystem.IsWindows())
            return $"\"set \"NODE_OPTIONS=\" & \"{node}\" \"{coreFolder.EntryFile}\" {words}\"";
        return $"unset NODE_OPTIONS; exec {Quoted(node)} {Quoted(coreFolder.EntryFile)} {words}";
    }

    // Avoids backslashes, because the SDK doubles them before it calls sh.
    private static string Quoted(string path) => $"'{path.Replace("'", "'\"'\"'")}'";
}
