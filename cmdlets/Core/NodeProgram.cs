using System.Management.Automation;

namespace RoleCredentials;

/// <summary>Finds Node.js.</summary>
internal static class NodeProgram
{
    /// <summary>The recommended action if Node.js is missing, too old, or does not start.</summary>
    internal const string HowToGetNode =
        $"Install Node.js 20.3 or later from https://nodejs.org, or set {NodeVariable} to its absolute path.";

    private const string NodeVariable = "ROLE_CREDENTIALS_NODE";

    /// <summary>
    /// The absolute path of Node.js: ROLE_CREDENTIALS_NODE, or else the first node in an absolute folder of PATH. Never searches the
    /// current folder.
    /// </summary>
    internal static string Find()
    {
        if (Environment.GetEnvironmentVariable(NodeVariable) is { Length: > 0 } named)
        {
            if (Programs.IsBatchFile(named))
                throw NotFound(named);
            if (Path.IsPathFullyQualified(named) && File.Exists(named))
                return named;
            throw CoreFailure.Exception(
                "NodeNotFound",
                $"{NodeVariable} is '{named}', which is not the absolute path of a file.",
                $"Set it to the absolute path of Node.js 20.3 or later, or remove it to use the node on PATH. Node.js is at https://nodejs.org.",
                named
            );
        }
        return Programs.Find("node") ?? throw NotFound(Programs.FindBatchFile("node"));
    }

    internal static RuntimeException NotFound(string? batchFile) =>
        batchFile is null
            ? CoreFailure.Exception("NodeNotFound", "Node.js is not on PATH.", HowToGetNode, "node")
            : CoreFailure.Exception(
                "NodeNotFound",
                $"Node.js is a batch file, which the module does not run: {batchFile}",
                $"Add the folder of node.exe to PATH, or set {NodeVariable} to its absolute path.",
                batchFile
            );
}
