namespace RoleCredentials;

/// <summary>
/// The command line for the SDK's own process credentials. The SDK hands it to sh, on Windows to cmd, so it is quoted for these. The
/// arguments are words of our own; what has to be quoted is where Node and the core lie. See docs/decisions/0008.
/// </summary>
internal static class RefreshCommand
{
    internal static string Of(CorePlace place, object[] arguments)
    {
        var node = CorePlace.FindNode();
        var words = string.Join(' ', arguments);
        // cmd takes the first and the last quote away.
        if (OperatingSystem.IsWindows())
            return $"\"set \"NODE_OPTIONS=\" & \"{node}\" \"{place.Path}\" {words}\"";
        return $"unset NODE_OPTIONS; exec {Quoted(node)} {Quoted(place.Path)} {words}";
    }

    // Without a backslash, which the SDK doubles on the way to sh.
    private static string Quoted(string path) => $"'{path.Replace("'", "'\"'\"'")}'";
}
