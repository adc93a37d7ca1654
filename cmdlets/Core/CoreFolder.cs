using System.Management.Automation;
using System.Security.Cryptography;

namespace RoleCredentials;

/// <summary>The core's folder. The build compiles the SHA-256 of each of the core's files into this assembly.</summary>
public sealed class CoreFolder
{
    private CoreFolder(string module)
    {
        Path = System.IO.Path.Combine(module, "core");
        EntryFile = System.IO.Path.Combine(Path, "role-credentials.cjs");
    }

    /// <summary>The absolute path of the file that Node starts.</summary>
    public string EntryFile { get; }

    internal string Path { get; }

    /// <summary>The core beside this assembly.</summary>
    public static CoreFolder Own { get; } =
        new(System.IO.Path.GetDirectoryName(System.IO.Path.GetDirectoryName(typeof(CoreFolder).Assembly.Location))!);

    /// <summary>
    /// The core of a cmdlet's module. A process loads an assembly only once, so a second copy of the module uses its own core with the
    /// assembly of the first copy.
    /// </summary>
    internal static CoreFolder Of(RoleCmdlet cmdlet)
    {
        if (cmdlet.MyInvocation.MyCommand.Module?.ModuleBase is not { } module)
            return Own;
        var folder = new CoreFolder(module);
        return folder.Path == Own.Path || !Directory.Exists(folder.Path) ? Own : folder;
    }

    /// <summary>
    /// Asserts that the core's files are those that were built with this assembly. A signature of the assembly covers their hashes.
    /// </summary>
    /// <exception cref="RuntimeException">A file is missing or changed.</exception>
    internal void AssertUnchanged()
    {
        // Lines of "HASH  NAME", as sha256sum writes them.
        using var resource = typeof(CoreFolder).Assembly.GetManifestResourceStream("core-hashes.txt")!;
        using var reader = new StreamReader(resource);
        while (reader.ReadLine()?.Split("  ") is [var hash, var name])
        {
            var file = System.IO.Path.Combine(Path, name);
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
}
