using System.Management.Automation;
using System.Security.Cryptography;

namespace RoleCredentials;

/// <summary>The core's folder. The build compiles the SHA-256 of each of the core's files into this assembly.</summary>
public sealed class CorePlace
{
    private CorePlace(string module)
    {
        Folder = System.IO.Path.Combine(module, "core");
        Path = System.IO.Path.Combine(Folder, "role-credentials.cjs");
    }

    /// <summary>The absolute path of the file that Node starts.</summary>
    public string Path { get; }

    internal string Folder { get; }

    /// <summary>The core beside this assembly.</summary>
    public static CorePlace Own { get; } =
        new(System.IO.Path.GetDirectoryName(System.IO.Path.GetDirectoryName(typeof(CorePlace).Assembly.Location))!);

    /// <summary>
    /// The core of a cmdlet's module. A process loads an assembly only once, so a second copy of the module uses its own core with the
    /// assembly of the first copy.
    /// </summary>
    internal static CorePlace Of(RoleCmdlet cmdlet)
    {
        if (cmdlet.MyInvocation.MyCommand.Module?.ModuleBase is not { } module)
            return Own;
        var place = new CorePlace(module);
        return place.Folder == Own.Folder || !Directory.Exists(place.Folder) ? Own : place;
    }

    /// <summary>
    /// Asserts that the core's files are those that were built with this assembly. A signature of the assembly covers their hashes.
    /// </summary>
    /// <exception cref="RuntimeException">A file is missing or changed.</exception>
    internal void AssertUnchanged()
    {
        // Lines of "HASH  NAME", as sha256sum writes them.
        using var resource = typeof(CorePlace).Assembly.GetManifestResourceStream("core-hashes.txt")!;
        using var reader = new StreamReader(resource);
        while (reader.ReadLine()?.Split("  ") is [var hash, var name])
        {
            var file = System.IO.Path.Combine(Folder, name);
            if (!File.Exists(file))
            {
                throw CoreFailure.Exception(
                    "CoreMissing",
                    $"A file of the module's core is missing: {file}",
                    "Install the module again; in a checkout, run 'npm run build'.",
                    file
                );
            }
            if (!Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file))).Equals(hash, StringComparison.OrdinalIgnoreCase))
            {
                throw CoreFailure.Exception(
                    "CoreChanged",
                    $"The module's core was not built with the loaded assembly: {file}",
                    "Start a new session if you updated the module. In a checkout, run 'npm run build'; otherwise install the module again.",
                    file
                );
            }
        }
    }

    /// <summary>
    /// The absolute path of Node.js: ROLE_CREDENTIALS_NODE, or else the first node in an absolute folder of PATH. Never searches the
    /// current folder.
    /// </summary>
    internal static string FindNode()
    {
        if (Environment.GetEnvironmentVariable(NodeVariable) is { Length: > 0 } named)
        {
            if (Programs.IsBatchFile(named))
                throw NodeNotFound(named);
            if (System.IO.Path.IsPathFullyQualified(named) && File.Exists(named))
                return named;
            throw CoreFailure.Exception(
                "NodeNotFound",
                $"{NodeVariable} is '{named}', which is not the absolute path of a file.",
                $"Set it to the absolute path of Node.js 20.3 or later, or remove it to use the node on PATH. Node.js is at https://nodejs.org.",
                named
            );
        }
        return Programs.Find("node") ?? throw NodeNotFound(Programs.FindBatchFile("node"));
    }

    /// <summary>The recommended action if Node.js is missing, too old, or does not start.</summary>
    internal const string HowToGetNode =
        $"Install Node.js 20.3 or later from https://nodejs.org, or set {NodeVariable} to its absolute path.";

    private const string NodeVariable = "ROLE_CREDENTIALS_NODE";

    internal static RuntimeException NodeNotFound(string? batchFile) =>
        batchFile is null
            ? CoreFailure.Exception("NodeNotFound", "Node.js is not on PATH.", HowToGetNode, "node")
            : CoreFailure.Exception(
                "NodeNotFound",
                $"Node.js is a batch file, which the module does not run: {batchFile}",
                $"Add the folder of node.exe to PATH, or set {NodeVariable} to its absolute path.",
                batchFile
            );
}
