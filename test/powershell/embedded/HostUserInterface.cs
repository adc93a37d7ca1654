using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;
using System.Text;

namespace EmbeddedPowerShell;

/// <summary>
/// Lines in and lines out. Errors go to stderr, everything else to stdout; colours appear at a terminal only.
/// The prompts for values, choices and credentials are in the other half of this class.
/// </summary>
internal sealed partial class HostUserInterface : PSHostUserInterface, IHostUISupportsMultipleChoiceSelection
{
    private readonly object console = new();
    private bool progressShown;

    /// <summary>Reading and prompting throw, as with <c>pwsh -NonInteractive</c>.</summary>
    internal bool NonInteractive { get; init; }

    /// <summary>Lines come from standard input instead of the keyboard.</summary>
    internal bool ReadsStdin { get; init; }

    /// <summary>Lines read from standard input are shown, as a terminal would; not so for commands of <c>-Command -</c>.</summary>
    internal bool Echoes { get; init; }

    private string unfinishedLine = "";

    public override PSHostRawUserInterface RawUI { get; } = new RawUserInterface();

    public override bool SupportsVirtualTerminal { get; } =
        !Console.IsOutputRedirected &&
        Environment.GetEnvironmentVariable("TERM") != "dumb" &&
        Environment.GetEnvironmentVariable("NO_COLOR") is null;

    public override string ReadLine()
    {
        RequireInteractive();
        // Null at the end of standard input is what pwsh gives as well, whatever the base class declares.
        if (ReadsStdin)
        {
            return ReadStdinLine()!;
        }
        // What stands on the line is drawn again with each key.
        var question = unfinishedLine;
        unfinishedLine = "";
        return LineEditor.ReadAnswer(question)!;
    }

    /// <summary>
    /// Reads a line of standard input, or null at its end. It is read character by character, so that what a command
    /// prints comes where its line was shown and the next reader finds the next line.
    /// </summary>
    internal string? ReadStdinLine()
    {
        var line = new StringBuilder();
        for (var next = Console.In.Read(); next >= 0; next = Console.In.Read())
        {
            var character = (char)next;
            if (character == '\r' && Console.In.Peek() == '\n')
            {
                continue;
            }
            if (Echoes)
            {
                Console.Out.Write(character);
            }
            if (character is '\n' or '\r')
            {
                return line.ToString();
            }
            line.Append(character);
        }
        return line.Length == 0 ? null : line.ToString();
    }

    public override SecureString ReadLineAsSecureString()
    {
        RequireInteractive();
        // pwsh reads secrets from the keyboard only and stops the pipeline where there is none; a test that
        // passed here and failed there would be worth nothing.
        if (Console.IsInputRedirected)
        {
            throw new PipelineStoppedException();
        }
        return LineEditor.ReadSecret();
    }

    public override void Write(string value)
    {
        lock (console)
        {
            EndProgress();
            var text = GetOutputString(value, SupportsVirtualTerminal);
            Console.Out.Write(text);
            unfinishedLine += text;
            unfinishedLine = unfinishedLine[(unfinishedLine.LastIndexOf('\n') + 1)..];
        }
    }

    public override void WriteLine(string value) => Write(value + Environment.NewLine);

    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value)
    {
        if (!SupportsVirtualTerminal)
        {
            Write(value);
            return;
        }
        lock (console)
        {
            Console.ForegroundColor = foregroundColor;
            if (backgroundColor != RawUI.BackgroundColor)
            {
                Console.BackgroundColor = backgroundColor;
            }
            Write(value);
            Console.ResetColor();
        }
    }

    public override void WriteErrorLine(string value)
    {
        // Errors are framed in empty lines, which pwsh keeps off stderr.
        if (string.IsNullOrEmpty(value))
        {
            return;
        }
        lock (console)
        {
            EndProgress();
            Console.Error.WriteLine(GetOutputString(value, SupportsVirtualTerminal && !Console.IsErrorRedirected));
        }
    }

    public override void WriteDebugLine(string message) => WriteStyled(PSStyle.Instance.Formatting.Debug, $"DEBUG: {message}");

    public override void WriteVerboseLine(string message) => WriteStyled(PSStyle.Instance.Formatting.Verbose, $"VERBOSE: {message}");

    public override void WriteWarningLine(string message) => WriteStyled(PSStyle.Instance.Formatting.Warning, $"WARNING: {message}");

    public override void WriteProgress(long sourceId, ProgressRecord record)
    {
        if (!SupportsVirtualTerminal)
        {
            return;
        }
        lock (console)
        {
            EndProgress();
            if (record.RecordType == ProgressRecordType.Processing)
            {
                Console.Out.Write(Fit(ProgressText(record)));
                progressShown = true;
            }
        }
    }

    /// <summary>Takes the progress line away, so that what is written next starts at a clean margin.</summary>
    internal void EndProgress()
    {
        if (progressShown)
        {
            Console.Out.Write("\r\u001b[K");
            progressShown = false;
        }
    }

    private void WriteStyled(string style, string text) =>
        WriteLine(SupportsVirtualTerminal ? style + text + PSStyle.Instance.Reset : text);

    private static string ProgressText(ProgressRecord record)
    {
        var percent = record.PercentComplete < 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" {record.PercentComplete}%");
        return $"{record.Activity}: {record.StatusDescription}{percent} {record.CurrentOperation}".TrimEnd();
    }

    private string Fit(string text)
    {
        var width = RawUI.WindowSize.Width - 1;
        return text.Length <= width ? text : text[..width];
    }

    private void RequireInteractive()
    {
        if (NonInteractive)
        {
            throw new PSInvalidOperationException("PowerShell is in NonInteractive mode. Read and Prompt functionality is not available.");
        }
    }
}
