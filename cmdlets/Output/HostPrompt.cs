using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Net;
using System.Security;

namespace RoleCredentials;

/// <summary>One line from the person at the host.</summary>
internal static class HostPrompt
{
    /// <summary>The same; where nobody can be asked, that is the cmdlet's error.</summary>
    internal static string ReadRequired(PSCmdlet cmdlet, string prompt, bool isSecret) =>
        Read(cmdlet, prompt, isSecret)
        ?? throw RoleRequest.ThrowTerminating(
            cmdlet,
            "InputRequired",
            $"There is nobody to ask for: {prompt}.",
            $"Give it by parameter; Get-Help {cmdlet.MyInvocation.MyCommand.Name} shows how.",
            prompt,
            ErrorCategory.InvalidOperation
        );

    /// <summary>
    /// Asks, and returns what was typed without the space around it; nothing where nobody can be asked. A secret is not shown.
    /// </summary>
    // A host that has nobody refuses Prompt before it writes anything; ReadLine refuses after the question stands there.
    internal static string? Read(PSCmdlet cmdlet, string prompt, bool isSecret)
    {
        prompt = Terminal.Escape(prompt);
        try
        {
            // A console host repeats a line that comes through a pipe, and records it in the transcript; on Unix pwsh ends the whole
            // script when it is to read it as a secret. So such a line is taken from the pipe itself, as the host would.
            if (isSecret && Console.IsInputRedirected && cmdlet.Host.Name == "ConsoleHost")
                return ReadPipedLine(cmdlet.Host.UI, prompt);
            var field = new FieldDescription(prompt);
            if (isSecret)
                field.SetParameterType(typeof(SecureString));
            var answers = cmdlet.Host.UI.Prompt("", "", new Collection<FieldDescription> { field });
            return answers is not null && answers.TryGetValue(prompt, out var answer) && answer is not null ? TextOf(answer).Trim() : null;
        }
        catch (Exception error) when (error is not PipelineStoppedException)
        {
            // That there is nobody to ask is no error of the user's.
            return null;
        }
    }

    /// <summary>Whether a person is at a terminal that takes single keys and moves its cursor.</summary>
    internal static bool HasTerminal(PSCmdlet cmdlet)
    {
        if (Console.IsInputRedirected || Console.IsOutputRedirected)
            return false;
        try
        {
            return IsInteractive(cmdlet.Host.UI) && cmdlet.Host.UI.SupportsVirtualTerminal && cmdlet.Host.UI.RawUI.WindowSize.Width > 0;
        }
        catch (Exception error) when (error is not PipelineStoppedException)
        {
            // A host without a console says so in its own way.
            return false;
        }
    }

    /// <summary>The text of a secret given as text, as SecureString, or as the password of a PSCredential.</summary>
    internal static string TextOf(object? secret) =>
        (secret is PSObject wrapped ? wrapped.BaseObject : secret) switch
        {
            PSCredential credential => TextOf(credential.Password),
            SecureString hidden => new NetworkCredential("", hidden).Password,
            var other => RoleRequest.TextOf(other),
        };

    // Null under -NonInteractive, or at the end of the input.
    private static string? ReadPipedLine(PSHostUserInterface host, string prompt)
    {
        if (!IsInteractive(host))
            return null;
        host.WriteLine($"{prompt}: ");
        return Console.In.ReadLine()?.Trim();
    }

    // A host under -NonInteractive refuses this question before it sees that there is nothing to choose from. (Of Prompt, the engine sees
    // to that before it asks the host.)
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
