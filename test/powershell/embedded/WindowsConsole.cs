using System.Runtime.InteropServices;

namespace EmbeddedPowerShell;

/// <summary>The console of Windows shows colours and moves the cursor by escape sequences only after it was asked to.</summary>
internal static partial class WindowsConsole
{
    private const int StandardOutput = -11;
    private const uint VirtualTerminalProcessing = 4;

    internal static void UnderstandEscapes()
    {
        if (!OperatingSystem.IsWindows() || Console.IsOutputRedirected)
        {
            return;
        }
        var output = GetStdHandle(StandardOutput);
        if (GetConsoleMode(output, out var mode))
        {
            SetConsoleMode(output, mode | VirtualTerminalProcessing);
        }
    }

    [LibraryImport("kernel32")]
    private static partial nint GetStdHandle(int handle);

    [LibraryImport("kernel32")]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool GetConsoleMode(nint console, out uint mode);

    [LibraryImport("kernel32")]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool SetConsoleMode(nint console, uint mode);
}
