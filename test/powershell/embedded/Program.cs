using System.Management.Automation;
using System.Text;

namespace EmbeddedPowerShell;

/// <summary>Plays <c>pwsh</c> on the engine that NuGet carries, for machines without PowerShell.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        UseUtf8();
        WindowsConsole.UnderstandEscapes();
        var line = CommandLine.Parse(arguments);
        if (line.Error is not null)
        {
            Console.Error.WriteLine(line.Error);
            return CommandLine.UsageError;
        }
        if (line.ShowVersion)
        {
            Console.WriteLine($"PowerShell {EngineVersion}");
            return 0;
        }
        var host = new EmbeddedHost(new HostUserInterface
        {
            NonInteractive = line.NonInteractive,
            ReadsStdin = line.CommandsFromStdin || Console.IsInputRedirected,
            Echoes = !line.CommandsFromStdin,
        });
        return new Session(line, host).Run();
    }

    internal static Version EngineVersion => typeof(PSObject).Assembly.GetName().Version is { } version
        ? new Version(version.Major, version.Minor, version.Build)
        : new Version(7, 6);

    private static void UseUtf8()
    {
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        if (Console.OutputEncoding.CodePage != utf8.CodePage)
        {
            Console.OutputEncoding = utf8;
        }
        if (Console.InputEncoding.CodePage != utf8.CodePage)
        {
            Console.InputEncoding = utf8;
        }
    }
}
