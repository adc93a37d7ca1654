using System.Management.Automation.Runspaces;
using System.Text;

namespace EmbeddedPowerShell;

/// <summary>
/// The switches of <c>pwsh</c> that matter to a test, with its abbreviations: <c>-c</c>, <c>-f</c>, <c>-nop</c>, <c>-noni</c> and so on.
/// What comes after <c>-Command</c> is the command, what comes after <c>-File</c> are the script's arguments.
/// </summary>
internal sealed class CommandLine
{
    internal const int UsageError = 64;

    internal string? Command { get; private set; }
    internal string? File { get; private set; }
    internal List<CommandParameter> Arguments { get; } = [];
    internal bool CommandsFromStdin { get; private set; }
    internal bool NoExit { get; private set; }
    internal bool NoLogo { get; private set; }
    internal bool NoProfile { get; private set; }
    internal bool NonInteractive { get; private set; }
    internal bool ShowVersion { get; private set; }
    internal string? WorkingDirectory { get; private set; }
    internal string? ExecutionPolicy { get; private set; }
    internal string? Error { get; private set; }

    /// <summary>True when the end of the command or the file is the end of the program.</summary>
    internal bool RunsOnce => (Command is not null || File is not null) && !NoExit;

    // The first column is the name, the second the shortest abbreviation that pwsh takes for it.
    private static readonly (string Name, string Shortest)[] Switches =
    [
        ("version", "v"), ("noexit", "noe"), ("noprofile", "nop"), ("nologo", "nol"), ("noninteractive", "noni"), ("interactive", "i"),
        ("command", "c"), ("encodedcommand", "e"), ("file", "f"), ("workingdirectory", "wo"), ("wd", "wd"), ("executionpolicy", "ex"), ("ep", "ep"),
        ("outputformat", "o"), ("of", "of"), ("inputformat", "inp"), ("if", "if"), ("login", "l"), ("mta", "mta"), ("sta", "sta"),
        ("noprofileloadtime", "noprofilel"),
    ];

    internal static CommandLine Parse(string[] arguments)
    {
        var line = new CommandLine();
        var rest = new Queue<string>(arguments);
        while (line.Error is null && rest.TryDequeue(out var argument))
        {
            line.Take(argument, rest);
        }
        return line;
    }

    private void Take(string argument, Queue<string> rest)
    {
        if (!argument.StartsWith('-'))
        {
            TakeFile(argument, rest);
            return;
        }
        var key = argument.TrimStart('-').ToLowerInvariant();
        var name = Array.Find(Switches, known => key.Length >= known.Shortest.Length && known.Name.StartsWith(key, StringComparison.Ordinal)).Name;
        switch (name)
        {
            case "version": ShowVersion = true; rest.Clear(); break;
            case "noexit": NoExit = true; break;
            case "noprofile": NoProfile = true; break;
            case "nologo": NoLogo = true; break;
            case "noninteractive": NonInteractive = true; break;
            case "interactive": NonInteractive = false; break;
            case "command": TakeCommand(argument, rest); break;
            case "encodedcommand": TakeEncodedCommand(argument, rest); break;
            case "file": TakeFile(Value(argument, rest), rest); break;
            case "workingdirectory" or "wd": WorkingDirectory = Value(argument, rest); break;
            case "executionpolicy" or "ep": ExecutionPolicy = Value(argument, rest); break;
            case "outputformat" or "of" or "inputformat" or "if": RequireText(argument, Value(argument, rest)); break;
            case "login" or "mta" or "sta" or "noprofileloadtime": break;
            default: TakeFile(argument, rest); break;
        }
    }

    private string? Value(string argument, Queue<string> rest)
    {
        if (rest.TryDequeue(out var value))
        {
            return value;
        }
        Error = $"Cannot process the command because of a missing parameter. A value must follow {argument}.";
        return null;
    }

    private void RequireText(string argument, string? value)
    {
        if (value is not null && !value.Equals("text", StringComparison.OrdinalIgnoreCase))
        {
            Error = $"{argument} {value} is not supported here: this PowerShell speaks text.";
        }
    }

    private void TakeCommand(string argument, Queue<string> rest)
    {
        if (rest.Count == 0)
        {
            Value(argument, rest);
        }
        else if (rest.Peek() != "-")
        {
            Command = string.Join(' ', rest);
            NoLogo = true;
        }
        else if (rest.Count > 1)
        {
            Error = "'-' was specified with the -Command parameter; no other arguments to -Command are permitted.";
        }
        else if (!Console.IsInputRedirected)
        {
            Error = "'-' was specified as the argument to the -Command parameter but standard input has not been redirected for this process.";
        }
        else
        {
            CommandsFromStdin = true;
            NoLogo = true;
        }
        rest.Clear();
    }

    private void TakeEncodedCommand(string argument, Queue<string> rest)
    {
        if (Value(argument, rest) is not { } encoded)
        {
            return;
        }
        try
        {
            Command = Encoding.Unicode.GetString(Convert.FromBase64String(encoded));
            NoLogo = true;
        }
        catch (FormatException)
        {
            Error = "Cannot process the command because the value specified with -EncodedCommand is not properly encoded.";
        }
    }

    private void TakeFile(string? path, Queue<string> rest)
    {
        if (path is null)
        {
            return;
        }
        if (!System.IO.File.Exists(path))
        {
            Error = $"The argument '{path}' is not recognized as the name of a script file. " +
                "Check the spelling of the name, or if a path was included, verify that the path is correct and try again.";
            return;
        }
        // A full path now, because a profile may change the directory before the script runs.
        File = Path.GetFullPath(path);
        NoLogo |= !NoExit;
        while (rest.TryDequeue(out var argument))
        {
            Arguments.Add(ScriptArgument(argument, rest));
        }
    }

    /// <summary><c>-Name</c>, <c>-Name:value</c>, <c>-Name: value</c> or a plain value, as <c>pwsh -File</c> reads them.</summary>
    private static CommandParameter ScriptArgument(string argument, Queue<string> rest)
    {
        if (argument.Length < 2 || argument[0] != '-')
        {
            return new CommandParameter(null, argument);
        }
        var colon = argument.IndexOf(':');
        if (colon < 0)
        {
            return new CommandParameter(argument);
        }
        if (colon == argument.Length - 1 && rest.TryDequeue(out var next))
        {
            return new CommandParameter(argument[..colon], next);
        }
        var value = argument[(colon + 1)..];
        return new CommandParameter(argument[..colon], bool.TryParse(value.TrimStart('$'), out var flag) ? flag : value);
    }
}
