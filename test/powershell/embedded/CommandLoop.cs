using System.Text;

namespace EmbeddedPowerShell;

/// <summary>
/// Prompts, reads and runs commands until the input ends or a command says <c>exit</c>. A line that is not a whole command
/// opens a block, which an empty line closes: so it is at pwsh's prompt and for the commands it reads from standard input.
/// </summary>
internal sealed class CommandLoop(Session session, EmbeddedHost host, bool isNested)
{
    private readonly HostUserInterface ui = host.UserInterface;
    private readonly List<string> history = [];
    private StringBuilder? block;

    internal void Run()
    {
        while (host.ExitCode is null && !LeavesNestedPrompt())
        {
            string? line;
            try
            {
                line = ReadCommandLine();
            }
            catch (OperationCanceledException)
            {
                block = null;
                continue;
            }
            if (line is null)
            {
                return;
            }
            Take(line);
        }
    }

    private void Take(string line)
    {
        if (block is not null && !string.IsNullOrWhiteSpace(line))
        {
            block.Append('\n').Append(line);
            return;
        }
        var command = block?.ToString() ?? line;
        block = null;
        if (!string.IsNullOrWhiteSpace(command) && !session.RunLine(command, isNested))
        {
            block = new StringBuilder(command);
        }
    }

    private string? ReadCommandLine()
    {
        var prompt = !ui.Echoes ? "" : block is not null ? ">> " : Prompt();
        if (!ui.ReadsStdin)
        {
            return LineEditor.Read(prompt, history, session.Complete);
        }
        if (prompt.Length > 0)
        {
            ui.Write(prompt);
        }
        return ui.ReadStdinLine();
    }

    private string Prompt() => session.Evaluate("prompt", isNested) is { Length: > 0 } prompt ? prompt : "PS>";

    private bool LeavesNestedPrompt()
    {
        if (!isNested || host.NestedPromptsToLeave == 0)
        {
            return false;
        }
        host.NestedPromptsToLeave--;
        return true;
    }
}
