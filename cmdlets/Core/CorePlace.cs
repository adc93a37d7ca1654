using System.Management.Automation;

namespace RoleCredentials;

/// <summary>Where the core lies, and how it is known: the SHA-256 of each of its files stands in the module's manifest.</summary>
public sealed class CorePlace
{
    private readonly string manifest;

    private CorePlace(string module)
    {
        manifest = System.IO.Path.Combine(module, "RoleCredentials.psd1");
        Folder = System.IO.Path.Combine(module, "core");
        Path = System.IO.Path.Combine(Folder, "role-credentials.cjs");
    }

    /// <summary>The absolute path of the file that Node starts.</summary>
    public string Path { get; }

    internal string Folder { get; }

    /// <summary>Beside this assembly.</summary>
    public static CorePlace Own { get; } = new(System.IO.Path.GetDirectoryName(System.IO.Path.GetDirectoryName(typeof(CorePlace).Assembly.Location))!);

    /// <summary>
    /// That of a cmdlet's module. A process loads an assembly once: of two copies of the module the second has its own core, and the
    /// assembly of the first.
    /// </summary>
    internal static CorePlace Of(PSCmdlet cmdlet)
    {
        if (cmdlet.MyInvocation.MyCommand.Module?.ModuleBase is not { } module) return Own;
        var place = new CorePlace(module);
        return place.manifest == Own.manifest || !File.Exists(place.manifest) ? Own : place;
    }

    /// <summary>
    /// The core runs only as it was built: its hashes stand in the manifest, which is what a signature of the module covers. Asserted here
    /// is the file that Node starts.
    /// </summary>
    /// <exception cref="RuntimeException">It is missing, or another one.</exception>
    internal void AssertStart()
    {
        foreach (var (file, expected) in Hashes())
        {
            if (file != Path) continue;
            AssertUnchanged(file, expected);
            return;
        }
        throw Changed(Path);
    }

    /// <summary>The same for the files that this one loads when it is asked something.</summary>
    internal void AssertRest()
    {
        foreach (var (file, expected) in Hashes()) if (file != Path) AssertUnchanged(file, expected);
    }

    /// <summary>The absolute path of Node.js: the first in an absolute folder of PATH. The current folder is never looked in.</summary>
    internal static string FindNode() => Programs.Find("node") ?? throw NodeNotFound(Programs.FindBatchFile("node"));

    internal static RuntimeException NodeNotFound(string? batchFile) => batchFile is null
        ? CoreFailure.Exception("NodeNotFound", "Node.js is not on the PATH.", "Install Node.js 20 or later from https://nodejs.org.", "node")
        : CoreFailure.Exception("NodeNotFound", $"Node.js on the PATH is a batch file, which is not run: {batchFile}", "Add the folder of node.exe to the PATH.", batchFile);

    private static void AssertUnchanged(string file, string expected)
    {
        if (!File.Exists(file))
        {
            throw CoreFailure.Exception("CoreMissing", $"The module's core is not there: {file}", "In a checkout, 'npm run build' makes it; else install the module again.", file);
        }
        if (!string.Equals(Sha256.Hex(File.ReadAllBytes(file)), expected, StringComparison.OrdinalIgnoreCase)) throw Changed(file);
    }

    private static RuntimeException Changed(string file) =>
        CoreFailure.Exception("CoreChanged", $"The module's core is not the one that the manifest names: {file}", "In a checkout, 'npm run build' makes both; else install the module again.", file);

    // The lines 'name' = 'hash' of the manifest's CoreHashes. The core is started before there is a cmdlet that PowerShell gives them to.
    private IEnumerable<(string File, string Hash)> Hashes()
    {
        var isWithin = false;
        foreach (var line in File.ReadLines(manifest))
        {
            if (!isWithin)
            {
                isWithin = line.TrimStart().StartsWith("CoreHashes", StringComparison.Ordinal);
                continue;
            }
            var parts = line.Split('\'');
            if (parts.Length != 5) yield break;
            yield return (System.IO.Path.Combine(Folder, parts[1]), parts[3]);
        }
    }
}
