using System.Diagnostics;

namespace RoleCredentials;

/// <summary>Starts Node on the bundle.</summary>
internal static class CoreStart
{
    // A core may idle for hours after it has resolved a thousand roles. On Node 24 it then holds 156 MB, or 122 MB with this flag, which
    // limits each semi-space of the young generation to 1 MB instead of 16. bench/workplace.mjs uses the same flag.
    private const string MemoryFlag = "--max-semi-space-size=1";

    private static readonly string[] Inherited =
    [
        "SystemRoot",
        "SystemDrive",
        "TEMP",
        "TMP",
        "TMPDIR",
        "TZ",
        "HOME",
        "USERPROFILE",
        "DBUS_SESSION_BUS_ADDRESS",
        "XDG_RUNTIME_DIR",
    ];

    /// <summary>
    /// Starts Node with pipes for its streams and a minimal environment: no keys, no NODE_OPTIONS, no LD_PRELOAD. Each request carries the
    /// caller's environment. The home is that of the compile cache, and the library that opens the keychain reads the addresses of D-Bus.
    /// </summary>
    internal static Process Start(string node, CoreFolder coreFolder)
    {
        var start = new ProcessStartInfo(node, [MemoryFlag, coreFolder.EntryFile, "serve"])
        {
            // Windows locks the working directory of a process, so use one that is never replaced.
            WorkingDirectory = OperatingSystem.IsWindows() ? Path.GetPathRoot(Environment.SystemDirectory) : "/",
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        foreach (var name in Inherited)
        {
            var value = Environment.GetEnvironmentVariable(name);
            if (!string.IsNullOrEmpty(value))
                start.Environment[name] = value;
        }
        try
        {
            return Process.Start(start)!;
        }
        catch (Exception error) when (error is System.ComponentModel.Win32Exception or InvalidOperationException or IOException)
        {
            throw CoreFailure.Exception(
                "CoreNotStarted",
                $"Node.js at {node} cannot be started: {error.Message}",
                NodeProgram.HowToGetNode,
                node
            );
        }
    }
}
