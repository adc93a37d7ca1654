using System.Globalization;
using System.Management.Automation;
using System.Reflection;
using System.Text;

namespace RoleCredentials;

/// <summary>
/// Makes text safe for a terminal. All views, streams, prompts and errors use it. Names come from files that anyone may have written, so an
/// escape sequence in a name must not reach the terminal. The core's counterpart is escapeForTerminal.
/// </summary>
public static class Terminal
{
    private static readonly MethodInfo EscapedString = typeof(Terminal).GetMethod(nameof(ToEscapedString))!;
    private static readonly MethodInfo EscapedLines = typeof(Terminal).GetMethod(nameof(ToEscapedLines))!;

    /// <summary>
    /// Writes every control, bidirectional and invisible character as \uXXXX, and masks the secrets of an object that PowerShell converted
    /// to text for a parameter.
    /// </summary>
    internal static string Escape(string text)
    {
        text = Redaction.MaskObject(text);
        return NeedsEscape(text)
            ? string.Concat(text.EnumerateRunes().Select(rune => IsUnsafe(rune) ? CodesOf($"{rune}") : $"{rune}"))
            : text;
    }

    /// <summary>
    /// A property value that scripts read unchanged and that every view shows escaped. PowerShell's formatting calls the ToString attached
    /// here; binding, comparison and string expansion use the string itself.
    /// </summary>
    internal static object? Shown(object? value) => value is string text && NeedsEscape(text) ? Attach(text, EscapedString) : value;

    /// <summary>The same for text of several lines: keeps line breaks.</summary>
    internal static object? ShownLines(object? value) => value is string text && NeedsEscape(text) ? Attach(text, EscapedLines) : value;

    /// <summary>The attached ToString; PowerShell requires a public method.</summary>
    public static string ToEscapedString(PSObject text) => Escape((string)text.BaseObject);

    /// <summary>The attached ToString for text of several lines.</summary>
    public static string ToEscapedLines(PSObject text) => string.Join('\n', ((string)text.BaseObject).Split('\n').Select(Escape));

    /// <summary>Writes a warning for a cmdlet.</summary>
    public static void WriteWarning(PSCmdlet cmdlet, string text) => cmdlet.WriteWarning(Escape(text));

    /// <summary>
    /// Writes one step for -Verbose. With -Debug alone, writes it to the debug stream, because PowerShell would prompt at each verbose
    /// line.
    /// </summary>
    public static void WriteStep(PSCmdlet cmdlet, string text)
    {
        if (!IsDebugging(cmdlet) || cmdlet.MyInvocation.BoundParameters.ContainsKey("Verbose"))
            cmdlet.WriteVerbose(Escape(text));
        else
            cmdlet.WriteDebug(Escape(text));
    }

    internal static bool IsDebugging(PSCmdlet cmdlet) =>
        cmdlet.MyInvocation.BoundParameters.TryGetValue("Debug", out var given)
            ? LanguagePrimitives.IsTrue(given)
            : cmdlet.SessionState.PSVariable.GetValue("DebugPreference") is ActionPreference preference
                && preference != ActionPreference.SilentlyContinue;

    private static PSObject Attach(string text, MethodInfo toString)
    {
        var shown = new PSObject(text);
        shown.Members.Add(new PSCodeMethod("ToString", toString));
        return shown;
    }

    private static string CodesOf(string character) => string.Concat(character.Select(unit => $"\\u{(int)unit:x4}"));

    // Most names are plain ASCII.
    private static bool NeedsEscape(string text) =>
        text.AsSpan().IndexOfAnyExceptInRange(' ', '~') >= 0 && text.EnumerateRunes().Any(IsUnsafe);

    // .NET has the Unicode categories; the code points below are the rest of Default_Ignorable_Code_Point.
    private static bool IsUnsafe(Rune rune) =>
        Rune.GetUnicodeCategory(rune)
            is UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
        || rune.Value
            is 0x034f
                or 0x115f
                or 0x1160
                or 0x17b4
                or 0x17b5
                or (>= 0x180b and <= 0x180f)
                or 0x2065
                or 0x3164
                or (>= 0xfe00 and <= 0xfe0f)
                or 0xffa0
                or (>= 0xfff0 and <= 0xfff8)
                or (>= 0xe0000 and <= 0xe0fff);
}
