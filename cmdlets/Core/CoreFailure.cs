using System.Management.Automation;

namespace RoleCredentials;

/// <summary>Creates errors in the form of the core's own errors: id, category, target, recommended action.</summary>
internal static class CoreFailure
{
    private static readonly Version ShowsAdvice = new(7, 5);
    private static readonly Version Engine = typeof(PSObject).Assembly.GetName().Version ?? ShowsAdvice;

    /// <param name="id">The error id. PowerShell appends the class of the cmdlet: <c>Id,RoleCredentials.UseRoleCommand</c> (docs/decisions/0002).</param>
    /// <param name="message">What happened.</param>
    /// <param name="action">What to do next.</param>
    /// <param name="target">The object that the error is about, if any.</param>
    /// <param name="category">PowerShell's error category.</param>
    internal static ErrorRecord Create(
        string id,
        string message,
        string? action,
        string? target,
        ErrorCategory category = ErrorCategory.ResourceUnavailable
    )
    {
        var text = Terminal.Escape(message);
        var advice = action is null ? "" : Terminal.Escape(action);
        return new ErrorRecord(new InvalidOperationException(text), id, category, target is null ? null : Terminal.Escape(target))
        {
            ErrorDetails = new ErrorDetails(TextFor(Engine, text, advice)) { RecommendedAction = advice },
        };
    }

    /// <summary>The text that PowerShell shows. Before 7.5 PowerShell hides the recommended action, so append it to the message.</summary>
    internal static string TextFor(Version engine, string message, string advice) =>
        advice == "" || engine >= ShowsAdvice ? message : $"{message} {advice}";

    /// <summary>The same error as an exception, for code that has no cmdlet.</summary>
    internal static RuntimeException Exception(string id, string message, string action, string target)
    {
        var record = Create(id, message, action, target);
        return new RuntimeException(record.Exception.Message, record.Exception, record);
    }
}
