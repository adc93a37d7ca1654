using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace RoleCredentials;

/// <summary>Prompts the user for one line.</summary>
internal static class HostPrompt
{
    /// <summary>Prompts, and ends the cmdlet with an error if the user cannot be prompted.</summary>
    internal static string ReadRequired(RoleCmdlet cmdlet, string prompt, bool isSecret) =>
        Read(cmdlet, prompt, isSecret)
        ?? throw cmdlet.ThrowTerminating(
            "InputRequired",
            $"This session cannot prompt for a value: {prompt}.",
            $"Pass the value as a parameter; Get-Help {cmdlet.MyInvocation.MyCommand.Name} shows how.",
            prompt,
            ErrorCategory.InvalidOperation
        );

    /// <summary>
    /// Prompts and returns the trimmed input, or null if the user cannot be prompted. A secret is not echoed.
    /// </summary>
    // Uses Prompt, because a non-interactive host rejects it before it writes anything. ReadLine would write the question first.
    internal static string? Read(RoleCmdlet cmdlet, string prompt, bool isSecret)
    {
        prompt = Terminal.Escape(prompt);
        try
        {
            // A console host echoes a piped line and records it in the transcript, and on Unix pwsh ends the whole script when it reads a
            // secret from a pipe. So read a piped secret directly, as the host would.
            if (isSecret && Console.IsInputRedirected && cmdlet.Host.Name == "ConsoleHost")
                return ReadPipedLine(cmdlet.Host.UI, prompt);
            var field = new FieldDescription(prompt);
            if (isSecret)
                field.SetParameterType(typeof(SecureString));
            var answers = cmdlet.Host.UI.Prompt("", "", new Collection<FieldDescription> { field });
            return answers is not null && answers.TryGetValue(prompt, out var answer) && answer is not null
                ? GivenValue.SecretOf(answer).Trim()
                : null;
        }
        catch (Exception error) when (error is not PipelineStoppedException)
        {
            // The host cannot prompt. The caller decides whether that is an error.
            return null;
        }
    }

    /// <summary>Whether the session has a terminal that reads single keys and moves its cursor.</summary>
    internal static bool HasTerminal(RoleCmdlet cmdlet)
    {
        if (Console.IsInputRedirected || Console.IsOutputRedirected)
            return false;
        try
        {
            return IsInteractive(cmdlet.Host.UI) && cmdlet.Host.UI.SupportsVirtualTerminal && cmdlet.Host.UI.RawUI.WindowSize.Width > 0;
        }
        catch (Exception error) when (error is not PipelineStoppedException)
        {
            // A host without a console may throw any exception.
            return false;
        }
    }

    // Returns null with -NonInteractive, and at the end of the input.
    private static string? ReadPipedLine(PSHostUserInterface host, string prompt)
    {
        if (!IsInteractive(host))
            return null;
        host.WriteLine($"{prompt}: ");
        return Console.In.ReadLine()?.Trim();
    }

    // With -NonInteractive, the host rejects PromptForChoice before it checks the empty list of choices. (The engine checks the arguments
    // of Prompt before it calls the host, so Prompt cannot detect this.)
    private static bool IsInteractive(PSHostUserInterface host)
    {
        try
        {
            host.PromptForChoice("", "", [], 0);
            return false;
        }
        catch (ArgumentException)
        {
            return true;
        }
    }
}
