using System.Management.Automation;
using System.Security;
using System.Text;
using System.Text.RegularExpressions;

namespace EmbeddedPowerShell;

/// <summary>
/// Edits one line at a terminal: arrows, Home and End, history, Tab. It redraws by moving relative to where it is and never
/// asks the terminal for the cursor, because a terminal that does not answer (a test's) would hang the program.
/// </summary>
internal sealed partial class LineEditor
{
    private readonly string prompt;
    private readonly List<string> history;
    private readonly Func<string, int, CommandCompletion>? complete;
    private readonly StringBuilder text = new();
    private int cursor;
    private int historyPosition;
    private int cursorRow;
    private CommandCompletion? completion;

    private LineEditor(string prompt, List<string> history, Func<string, int, CommandCompletion>? complete)
    {
        this.prompt = prompt;
        this.history = history;
        this.complete = complete;
        historyPosition = history.Count;
    }

    /// <summary>Reads a line below a prompt, and adds it to the history. Null at the end of input (Ctrl+D on an empty line).</summary>
    /// <exception cref="OperationCanceledException">Ctrl+C was pressed.</exception>
    internal static string? Read(string prompt, List<string> history, Func<string, int, CommandCompletion> complete)
    {
        var line = new LineEditor(prompt, history, complete).Edit();
        if (!string.IsNullOrWhiteSpace(line) && history.LastOrDefault() != line)
        {
            history.Add(line);
        }
        return line;
    }

    /// <summary>Reads an answer that a running command asked for, on the line where it put its question.</summary>
    /// <exception cref="PipelineStoppedException">Ctrl+C was pressed.</exception>
    internal static string? ReadAnswer(string question)
    {
        try
        {
            return new LineEditor(question, [], complete: null).Edit();
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }
    }

    /// <summary>Reads a secret and shows a star for each character.</summary>
    /// <exception cref="PipelineStoppedException">Ctrl+C was pressed.</exception>
    internal static SecureString ReadSecret()
    {
        var secret = new SecureString();
        WithControlCAsInput(() =>
        {
            for (var key = Console.ReadKey(intercept: true); key.Key != ConsoleKey.Enter; key = Console.ReadKey(intercept: true))
            {
                if (IsControl(key, ConsoleKey.C))
                {
                    throw new PipelineStoppedException();
                }
                if (key.Key == ConsoleKey.Backspace && secret.Length > 0)
                {
                    secret.RemoveAt(secret.Length - 1);
                    Console.Write("\b \b");
                }
                else if (!char.IsControl(key.KeyChar))
                {
                    secret.AppendChar(key.KeyChar);
                    Console.Write('*');
                }
            }
            return 0;
        });
        Console.WriteLine();
        return secret;
    }

    private string? Edit() => WithControlCAsInput(() =>
    {
        // Only the last line of a prompt is ever drawn again.
        var lastLine = prompt.LastIndexOf('\n') + 1;
        Console.Write(prompt[..lastLine]);
        Draw();
        while (true)
        {
            var key = Console.ReadKey(intercept: true);
            if (key.Key == ConsoleKey.Enter)
            {
                cursor = text.Length;
                Draw();
                Console.WriteLine();
                return text.ToString();
            }
            if (IsControl(key, ConsoleKey.C))
            {
                Console.WriteLine("^C");
                throw new OperationCanceledException();
            }
            if (IsControl(key, ConsoleKey.D) && text.Length == 0)
            {
                Console.WriteLine();
                return null;
            }
            Apply(key);
            Draw();
        }
    });

    private void Apply(ConsoleKeyInfo key)
    {
        if (key.Key != ConsoleKey.Tab)
        {
            completion = null;
        }
        switch (key)
        {
            case { Key: ConsoleKey.Tab }: CompleteNext(backwards: key.Modifiers.HasFlag(ConsoleModifiers.Shift)); break;
            case { Key: ConsoleKey.LeftArrow }: cursor = Math.Max(0, cursor - 1); break;
            case { Key: ConsoleKey.RightArrow }: cursor = Math.Min(text.Length, cursor + 1); break;
            case { Key: ConsoleKey.Home }: cursor = 0; break;
            case { Key: ConsoleKey.End }: cursor = text.Length; break;
            case { Key: ConsoleKey.UpArrow }: Recall(-1); break;
            case { Key: ConsoleKey.DownArrow }: Recall(+1); break;
            case { Key: ConsoleKey.Backspace } when cursor > 0: text.Remove(--cursor, 1); break;
            case { Key: ConsoleKey.Delete } when cursor < text.Length: text.Remove(cursor, 1); break;
            case { Key: ConsoleKey.Escape }: Replace(""); break;
            case var _ when IsControl(key, ConsoleKey.A): cursor = 0; break;
            case var _ when IsControl(key, ConsoleKey.E): cursor = text.Length; break;
            case var _ when IsControl(key, ConsoleKey.U): text.Remove(0, cursor); cursor = 0; break;
            case var _ when IsControl(key, ConsoleKey.K): text.Remove(cursor, text.Length - cursor); break;
            case var _ when !char.IsControl(key.KeyChar): text.Insert(cursor++, key.KeyChar); break;
        }
    }

    private void Recall(int step)
    {
        historyPosition = Math.Clamp(historyPosition + step, 0, history.Count);
        Replace(historyPosition < history.Count ? history[historyPosition] : "");
    }

    private void Replace(string line)
    {
        text.Clear().Append(line);
        cursor = line.Length;
    }

    private void CompleteNext(bool backwards)
    {
        completion ??= complete?.Invoke(text.ToString(), cursor);
        if (completion?.GetNextResult(!backwards) is not { } match)
        {
            return;
        }
        text.Remove(completion.ReplacementIndex, completion.ReplacementLength).Insert(completion.ReplacementIndex, match.CompletionText);
        completion.ReplacementLength = match.CompletionText.Length;
        cursor = completion.ReplacementIndex + match.CompletionText.Length;
    }

    private void Draw()
    {
        var width = Console.WindowWidth > 0 ? Console.WindowWidth : 80;
        var shown = prompt[(prompt.LastIndexOf('\n') + 1)..];
        var start = Width(Escape().Replace(shown, ""));
        var end = start + Width(text.ToString());
        var at = start + Width(text.ToString(0, cursor));
        var screen = new StringBuilder();
        Move(screen, -cursorRow, 'B', 'A');
        screen.Append('\r').Append(shown).Append(text);
        if (end > 0 && end % width == 0)
        {
            // A terminal stays in the last column until the next character; take it to the next row at once.
            screen.Append("\n\r");
        }
        screen.Append("\u001b[J");
        Move(screen, at / width - end / width, 'B', 'A');
        screen.Append('\r');
        Move(screen, at % width, 'C', 'D');
        cursorRow = at / width;
        Console.Write(screen);
    }

    private static void Move(StringBuilder screen, int steps, char forwards, char backwards)
    {
        if (steps != 0)
        {
            screen.Append("\u001b[").Append(Math.Abs(steps)).Append(steps > 0 ? forwards : backwards);
        }
    }

    private static int Width(string line) => line.EnumerateRunes().Sum(rune => rune.Value switch
    {
        >= 0x1100 and <= 0x115F or >= 0x2E80 and <= 0xA4CF or >= 0xAC00 and <= 0xD7A3 or >= 0xF900 and <= 0xFAFF => 2,
        >= 0xFE30 and <= 0xFE6F or >= 0xFF00 and <= 0xFF60 or >= 0xFFE0 and <= 0xFFE6 or >= 0x1F300 and <= 0x1FAFF => 2,
        _ => 1,
    });

    private static bool IsControl(ConsoleKeyInfo key, ConsoleKey letter) => key.Key == letter && key.Modifiers == ConsoleModifiers.Control;

    private static T WithControlCAsInput<T>(Func<T> read)
    {
        Console.TreatControlCAsInput = true;
        try
        {
            return read();
        }
        finally
        {
            Console.TreatControlCAsInput = false;
        }
    }

    [GeneratedRegex(@"\x1b\[[0-9;?]*[A-Za-z]")]
    private static partial Regex Escape();
}
