using System.Management.Automation;

namespace RoleCredentials;

/// <summary>Errors of the border between PowerShell and Node, in the form of those that the core answers: id, category, target, next step.</summary>
internal static class CoreFailure
{
    private static readonly Version ShowsAdvice = new(7, 5);
    private static readonly Version Engine = typeof(PSCmdlet).Assembly.GetName().Version ?? ShowsAdvice;

    /// <param name="id">What PowerShell completes to <c>Id,Use-Role</c>.</param>
    /// <param name="message">What happened.</param>
    /// <param name="action">What to do next.</param>
    /// <param name="target">What it happened to, if anything.</param>
    /// <param name="category">One of PowerShell's.</param>
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

    /// <summary>What PowerShell shows of an error. Before 7.5 it does not show the recommended action, so there the message ends with it.</summary>
    internal static string TextFor(Version engine, string message, string advice) =>
        advice == "" || engine >= ShowsAdvice ? message : $"{message} {advice}";

    /// <summary>The same as an exception, for where no cmdlet is at hand.</summary>
    internal static RuntimeException Exception(string id, string message, string action, string target)
    {
        var record = Create(id, message, action, target);
        return new RuntimeException(record.Exception.Message, record.Exception, record);
    }
}
