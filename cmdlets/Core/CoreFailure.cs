using System.Globalization;
using System.Management.Automation;
using System.Text;

namespace RoleCredentials;

/// <summary>Errors of the border between PowerShell and Node, in the form of those that the core answers: id, category, target, next step.</summary>
internal static class CoreFailure
{
    /// <param name="id">What PowerShell completes to <c>Id,Use-Role</c>.</param>
    /// <param name="message">What happened.</param>
    /// <param name="action">What to do next.</param>
    /// <param name="target">What it happened to, if anything.</param>
    /// <param name="category">One of PowerShell's.</param>
    internal static ErrorRecord Create(string id, string message, string? action, string? target, ErrorCategory category = ErrorCategory.ResourceUnavailable)
    {
        var text = Inert(message);
        return new ErrorRecord(new InvalidOperationException(text), id, category, target is null ? null : Inert(target))
        {
            ErrorDetails = new ErrorDetails(text) { RecommendedAction = action is null ? "" : Inert(action) },
        };
    }

    /// <summary>The same as an exception, for where no cmdlet is at hand.</summary>
    internal static RuntimeException Exception(string id, string message, string action, string target)
    {
        var record = Create(id, message, action, target);
        return new RuntimeException(record.Exception.Message, record.Exception, record);
    }

    /// <summary>The text with every control, bidirectional and invisible character shown as \uXXXX, as in the core.</summary>
    internal static string Inert(string text)
    {
        var safe = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (!IsUnsafe(rune))
            {
                safe.Append(rune.ToString());
                continue;
            }
            foreach (var unit in rune.ToString()) safe.Append("\\u").Append(((int)unit).ToString("x4", CultureInfo.InvariantCulture));
        }
        return safe.ToString();
    }

    // What controls, formats or separates lines; and what else Unicode lists as Default_Ignorable_Code_Point, of which .NET knows nothing.
    private static bool IsUnsafe(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        || rune.Value
        is 0x034f or 0x115f or 0x1160 or 0x17b4 or 0x17b5 or (>= 0x180b and <= 0x180f) or 0x2065 or 0x3164 or (>= 0xfe00 and <= 0xfe0f) or 0xffa0
        or (>= 0xfff0 and <= 0xfff8) or (>= 0xe0000 and <= 0xe0fff);
}
