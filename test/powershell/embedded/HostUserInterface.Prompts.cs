using System.Collections;
using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace EmbeddedPowerShell;

internal sealed partial class HostUserInterface
{
    public override Dictionary<string, PSObject?> Prompt(string caption, string message, Collection<FieldDescription> descriptions)
    {
        RequireInteractive();
        WriteHeading(caption, message);
        if (descriptions.Any(field => !string.IsNullOrEmpty(field.HelpMessage)))
        {
            WriteLine("(Type !? for Help.)");
        }
        var answers = new Dictionary<string, PSObject?>();
        foreach (var field in descriptions)
        {
            var type = TypeOf(field);
            var answer = type.IsAssignableTo(typeof(IList)) ? AskList(field, type) : Ask(field, type, $"{field.Name}: ");
            if (answer is null)
            {
                // The input has ended: the engine takes an empty answer for a prompt that was canceled.
                WriteLine();
                return [];
            }
            answers[field.Name] = PSObject.AsPSObject(answer);
        }
        return answers;
    }

    private object? AskList(FieldDescription field, Type type)
    {
        var element = type.GetElementType() ?? typeof(object);
        var items = new ArrayList();
        while (Ask(field, element, $"{field.Name}[{items.Count}]: ", mayBeEmpty: true) is { } item)
        {
            if (item is "" or SecureString { Length: 0 })
            {
                return LanguagePrimitives.ConvertTo(items, type, System.Globalization.CultureInfo.InvariantCulture);
            }
            items.Add(item);
        }
        return null;
    }

    private object? Ask(FieldDescription field, Type type, string prompt, bool mayBeEmpty = false)
    {
        while (true)
        {
            Write(prompt);
            if (type == typeof(SecureString))
            {
                return ReadLineAsSecureString();
            }
            if (type == typeof(PSCredential))
            {
                WriteLine();
                return PromptForCredential(null!, null!, null!, "");
            }
            string? line = ReadLine();
            if (line is null || (line.Length == 0 && mayBeEmpty))
            {
                return line;
            }
            if (line == "!?")
            {
                WriteLine(string.IsNullOrEmpty(field.HelpMessage) ? $"No help is available for {field.Name}." : field.HelpMessage);
                continue;
            }
            try
            {
                return LanguagePrimitives.ConvertTo(line, type, System.Globalization.CultureInfo.CurrentCulture);
            }
            catch (PSInvalidCastException error) when (error.InnerException is FormatException or OverflowException)
            {
                WriteLine($"Cannot recognize \"{line}\" as a {type.FullName} due to a format error.");
            }
        }
    }

    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
    {
        RequireInteractive();
        WriteHeading(caption, message);
        var options = choices.Select(Choice.Of).ToList();
        while (true)
        {
            WriteWrapped([
                .. options.Select(option => $"[{option.Key}] {option.Label}  "),
                "[?] Help ",
                defaultChoice < 0 ? "" : $"(default is \"{options[defaultChoice].Key}\"): ",
            ]);
            var answer = ReadAnswer();
            if (answer.Length == 0 && defaultChoice >= 0)
            {
                return defaultChoice;
            }
            if (answer == "?")
            {
                WriteHelp(options);
            }
            else if (options.FindIndex(option => option.Means(answer)) is >= 0 and var picked)
            {
                return picked;
            }
        }
    }

    public Collection<int> PromptForChoice(string? caption, string? message, Collection<ChoiceDescription> choices, IEnumerable<int>? defaultChoices)
    {
        RequireInteractive();
        WriteHeading(caption, message);
        var options = choices.Select(Choice.Of).ToList();
        var defaults = (defaultChoices ?? []).ToList();
        foreach (var option in options)
        {
            WriteLine($"[{option.Key}] {option.Label}");
        }
        WriteLine("[?] Help");
        if (defaults.Count > 0)
        {
            WriteLine($"(default {(defaults.Count == 1 ? "is" : "choices are")} \"{string.Join("\",\"", defaults.Select(index => options[index].Key))}\")");
        }
        var picked = new Collection<int>();
        while (true)
        {
            Write($"Choice[{picked.Count}]: ");
            var answer = ReadAnswer();
            if (answer.Length == 0)
            {
                return picked.Count > 0 ? picked : new Collection<int>(defaults);
            }
            if (answer == "?")
            {
                WriteHelp(options);
            }
            else if (options.FindIndex(option => option.Means(answer)) is >= 0 and var index)
            {
                picked.Add(index);
            }
        }
    }

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
        PromptForCredential(caption, message, userName, targetName, PSCredentialTypes.Default, PSCredentialUIOptions.Default);

    public override PSCredential PromptForCredential(
        string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options)
    {
        RequireInteractive();
        WriteHeading(caption, message);
        string? user = userName;
        while (string.IsNullOrEmpty(user))
        {
            Write("User: ");
            user = ReadLine();
            if (user is null)
            {
                return null!;
            }
        }
        Write($"Password for user {user}: ");
        var password = ReadLineAsSecureString();
        WriteLine();
        return new PSCredential(string.IsNullOrEmpty(targetName) ? user : $@"{targetName}\{user}", password);
    }

    private void WriteHeading(string? caption, string? message)
    {
        if (!string.IsNullOrEmpty(caption))
        {
            WriteLine();
            Write(ConsoleColor.White, RawUI.BackgroundColor, caption);
            WriteLine();
        }
        if (!string.IsNullOrEmpty(message))
        {
            WriteLine(message);
        }
    }

    private static Type TypeOf(FieldDescription field) =>
        LanguagePrimitives.TryConvertTo<Type?>(field.ParameterAssemblyFullName, out var type) ||
        LanguagePrimitives.TryConvertTo(field.ParameterTypeFullName, out type)
            ? type ?? typeof(string)
            : typeof(string);

    private void WriteWrapped(IEnumerable<string> parts)
    {
        var column = 0;
        foreach (var part in parts)
        {
            var fits = column + part.Length < RawUI.WindowSize.Width;
            Write(fits ? part : Environment.NewLine + part.TrimEnd());
            column = fits ? column + part.Length : part.Length;
        }
    }

    private string ReadAnswer() =>
        ReadLine()?.Trim() ??
        throw new PSInvalidOperationException("The prompt was canceled.");

    private void WriteHelp(List<Choice> options)
    {
        foreach (var option in options)
        {
            WriteLine($"{option.Key} - {option.Help}");
        }
    }

    /// <summary>One option of a choice: <c>&amp;Yes</c> is picked by Y or by Yes, one without a key by its label.</summary>
    private sealed record Choice(string Key, string Label, string Help)
    {
        internal static Choice Of(ChoiceDescription description)
        {
            var mark = description.Label.IndexOf('&');
            var label = mark < 0 ? description.Label : description.Label.Remove(mark, 1).Trim();
            var key = mark >= 0 && mark + 1 < description.Label.Length ? char.ToUpperInvariant(description.Label[mark + 1]).ToString() : label;
            return new Choice(key, label, description.HelpMessage);
        }

        internal bool Means(string answer) =>
            answer.Equals(Key, StringComparison.CurrentCultureIgnoreCase) || answer.Equals(Label, StringComparison.CurrentCultureIgnoreCase);
    }
}
