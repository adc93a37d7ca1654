using System.Globalization;
using System.Management.Automation;
using System.Text;

namespace RoleCredentialsModule;

/// <summary>Errors of the border between PowerShell and Node, in the form of those that the core answers: id, category, target, next step.</summary>
public static class CoreFailure
{
    /// <param name="id">What PowerShell completes to <c>Id,Use-Role</c>.</param>
    /// <param name="message">What happened.</param>
    /// <param name="action">What to do next.</param>
    /// <param name="target">What it happened to, if anything.</param>
    /// <param name="category">One of PowerShell's.</param>
    public static ErrorRecord Create(string id, string message, string? action, string? target, ErrorCategory category = ErrorCategory.ResourceUnavailable)
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
    public static string Inert(string text)
    {
        StringBuilder? safe = null;
        var from = 0;
        for (var index = 0; index < text.Length; index++)
        {
            if (!IsUnsafe(text[index])) continue;
            safe ??= new StringBuilder();
            safe.Append(text, from, index - from).Append("\\u").Append(((int)text[index]).ToString("x4", CultureInfo.InvariantCulture));
            from = index + 1;
        }
        return safe is null ? text : safe.Append(text, from, text.Length - from).ToString();
    }

    private static bool IsUnsafe(char one) => one
        is <= '\u001f'
        or (>= '\u007f' and <= '\u009f')
        or '\u061c'
        or (>= '\u200b' and <= '\u200f')
        or (>= '\u2028' and <= '\u202e')
        or (>= '\u2060' and <= '\u2069')
        or '\ufeff'
        or (>= '\ufff9' and <= '\ufffb');
}
