using System.Management.Automation;
using System.Management.Automation.Host;

namespace RoleCredentials;

/// <summary>
/// Lets the user choose from a list at the terminal: typing filters it, the arrow keys move, Enter chooses and Esc cancels. Reads keys and
/// writes lines through the host, so it works wherever PowerShell has a console: locally, in Windows Terminal and over SSH.
/// </summary>
internal sealed class RolePicker
{
    private const int LongestList = 12;

    private readonly RoleCmdlet cmdlet;
    private readonly PSHostUserInterface ui;
    private readonly string question;
    private readonly IReadOnlyList<RoleChoice> choices;
    private RoleChoice[] shown;
    private string typed = "";
    private int selected;
    private int drawnLines;

    private RolePicker(RoleCmdlet cmdlet, string question, IReadOnlyList<RoleChoice> choices)
    {
        this.cmdlet = cmdlet;
        ui = cmdlet.Host.UI;
        this.question = question;
        this.choices = choices;
        shown = [.. choices];
    }

    /// <summary>Lets the user choose.</summary>
    /// <returns>The choice, or null after Esc.</returns>
    /// <exception cref="PipelineStoppedException">Ctrl+C was pressed, or the cmdlet ended with InputRequired: there is no terminal.</exception>
    internal static RoleChoice? Pick(RoleCmdlet cmdlet, string question, IReadOnlyList<RoleChoice> choices, string action)
    {
        if (!HostPrompt.HasTerminal(cmdlet))
        {
            throw cmdlet.ThrowTerminating(
                "InputRequired",
                "No role is named, and there is no terminal to choose one at.",
                action,
                null,
                ErrorCategory.InvalidOperation
            );
        }
        return new RolePicker(cmdlet, question, choices).Run();
    }

    private RoleChoice? Run()
    {
        // Read Ctrl+C as a key: .NET would otherwise delay it while it waits for a key.
        var isConsole = cmdlet.Host.Name == "ConsoleHost";
        var wasInput = isConsole && Console.TreatControlCAsInput;
        if (isConsole)
            Console.TreatControlCAsInput = true;
        try
        {
            while (true)
            {
                Draw();
                var key = ui.RawUI.ReadKey(ReadKeyOptions.NoEcho | ReadKeyOptions.IncludeKeyDown | ReadKeyOptions.AllowCtrlC);
                switch (key.Character)
                {
                    case '\x03':
                        throw new PipelineStoppedException();
                    case '\x1b':
                        return null;
                    case '\r' or '\n' when shown.Length > 0:
                        return shown[selected];
                    case '\b' or '\x7f':
                        if (typed != "")
                            Filter(typed[..^1]);
                        break;
                    case >= ' ':
                        Filter(typed + key.Character);
                        break;
                    default:
                        Move(key.VirtualKeyCode);
                        break;
                }
            }
        }
        finally
        {
            Erase();
            if (isConsole)
                Console.TreatControlCAsInput = wasInput;
        }
    }

    private void Move(int key)
    {
        const int pageUp = 33,
            pageDown = 34,
            end = 35,
            home = 36,
            up = 38,
            down = 40;
        selected = key switch
        {
            up => selected - 1,
            down => selected + 1,
            pageUp => selected - LongestList,
            pageDown => selected + LongestList,
            home => 0,
            end => shown.Length - 1,
            _ => selected,
        };
        selected = Math.Clamp(selected, 0, Math.Max(0, shown.Length - 1));
    }

    private void Filter(string text)
    {
        typed = text;
        shown = [.. choices.Where(choice => choice.Matches(text))];
        selected = 0;
    }

    private void Draw()
    {
        var size = ui.RawUI.WindowSize;
        var height = Math.Clamp(size.Height - 3, 1, LongestList);
        var width = Math.Max(20, size.Width - 1);
        var first = Math.Max(0, selected - height + 1);
        var lines = new List<string> { Fit($"{question} {Terminal.Escape(typed)}", width) };
        for (var index = first; index < Math.Min(shown.Length, first + height); index++)
        {
            var line = Fit($"{(index == selected ? ">" : " ")} {shown[index].Label}", width);
            lines.Add(index == selected ? $"\x1b[7m{line}\x1b[0m" : line);
        }
        lines.Add(Fit($"  {shown.Length} of {choices.Count}. Type to filter; Enter chooses, Esc leaves.", width));
        Erase();
        ui.Write(string.Join("\r\n", lines));
        drawnLines = lines.Count;
    }

    // Moves the cursor to the first line and clears everything below.
    private void Erase()
    {
        if (drawnLines == 0)
            return;
        ui.Write($"\r{(drawnLines > 1 ? $"\x1b[{drawnLines - 1}A" : "")}\x1b[J");
        drawnLines = 0;
    }

    // Shortens a line to the given number of cells. East Asian letters take two cells.
    private string Fit(string text, int width)
    {
        if (ui.RawUI.LengthInBufferCells(text) <= width)
            return text;
        var kept = text.Length;
        while (kept > 0 && ui.RawUI.LengthInBufferCells(text[..kept]) >= width)
            kept--;
        if (kept > 0 && char.IsHighSurrogate(text[kept - 1]))
            kept--;
        return text[..kept] + "…";
    }
}
