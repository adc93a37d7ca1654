using System.Diagnostics;

namespace RoleCredentials;

/// <summary>Starts Node on the bundle.</summary>
internal static class CoreStart
{
    // A core may idle for hours after it has resolved a thousand roles. On Node 24 it then holds 180 MB, or 85 MB with these flags, which
    // limit the young generation to 1 MB instead of 16 and make the heap grow less. bench/workplace.mjs uses the same flags.
    private static readonly string[] MemoryFlags = ["--max-semi-space-size=1", "--optimize-for-size"];

    private static readonly string[] Inherited =
    [
        "SystemRoot",
        "SystemDrive",
        "TEMP",
        "TMP",
        "TMPDIR",
        "TZ",
        "DBUS_SESSION_BUS_ADDRESS",
        "XDG_RUNTIME_DIR",
    ];

    /// <summary>
    /// Starts Node with pipes for its streams and a minimal environment: no keys, no NODE_OPTIONS, no LD_PRELOAD. Each request carries the
    /// caller's environment. The library that opens the keychain reads the process's own, so the addresses of D-Bus are among the
    /// variables.
    /// </summary>
    internal static Process Start(string node, CorePlace place)
    {
        var start = new ProcessStartInfo(node)
        {
            // Windows locks the working directory of a process, so use one that is never replaced.
            WorkingDirectory = OperatingSystem.IsWindows() ? Path.GetPathRoot(Environment.SystemDirectory) : "/",
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in MemoryFlags.Append(place.Path).Append("serve"))
            start.ArgumentList.Add(argument);
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
                CorePlace.HowToGetNode,
                node
            );
        }
    }
}
