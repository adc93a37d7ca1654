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
    internal static string ReadRequired(PSCmdlet cmdlet, string prompt, bool isSecret) => Read(cmdlet, prompt, isSecret)
        ?? throw RoleRequest.ThrowTerminating(cmdlet, "InputRequired", $"There is nobody to ask for: {prompt}.", $"Give it by parameter; Get-Help {cmdlet.MyInvocation.MyCommand.Name} shows how.", prompt, ErrorCategory.InvalidOperation);

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
            if (isSecret && Console.IsInputRedirected && cmdlet.Host.Name == "ConsoleHost") return ReadPipedLine(cmdlet.Host.UI, prompt);
            var field = new FieldDescription(prompt);
            if (isSecret) field.SetParameterType(typeof(SecureString));
            var answers = cmdlet.Host.UI.Prompt("", "", new Collection<FieldDescription> { field });
            return answers is not null && answers.TryGetValue(prompt, out var answer) && answer is not null ? TextOf(answer).Trim() : null;
        }
        catch (Exception error) when (error is not PipelineStoppedException)
        {
            // That there is nobody to ask is no error of the user's.
            return null;
        }
    }

    /// <summary>Which of some (nine at most) the person at the host chooses; -1 where nobody can be asked.</summary>
    internal static int Choose(PSCmdlet cmdlet, string caption, string message, IEnumerable<string> labels, IEnumerable<string> explanations)
    {
        // The host shows a choice as "[key] label", the key being what follows the ampersand: it stands at the end, so that it is not
        // shown twice.
        var choices = labels.Zip(explanations, (label, explanation) => new ChoiceDescription(Terminal.Escape(label), Terminal.Escape(explanation)));
        try
        {
            return cmdlet.Host.UI.PromptForChoice(caption, message, new Collection<ChoiceDescription>(choices.ToList()), 0);
        }
        catch (Exception error) when (error is not PipelineStoppedException)
        {
            return -1;
        }
    }

    /// <summary>The text of a secret given as text, as SecureString, or as the password of a PSCredential.</summary>
    internal static string TextOf(object? secret) => (secret is PSObject wrapped ? wrapped.BaseObject : secret) switch
    {
        PSCredential credential => TextOf(credential.Password),
        SecureString hidden => new NetworkCredential("", hidden).Password,
        var other => RoleRequest.TextOf(other),
    };

    // Nothing under -NonInteractive, or at the end of the input.
    private static string? ReadPipedLine(PSHostUserInterface host, string prompt)
    {
        try
        {
            // A host that has nobody refuses this before it sees that there is nothing to choose from. (Of Prompt, the engine sees to that
            // before it asks the host.)
            host.PromptForChoice("", "", [], 0);
        }
        catch (ArgumentException)
        {
            // Somebody is there.
            host.WriteLine($"{prompt}: ");
            return Console.In.ReadLine()?.Trim();
        }
        return null;
    }
}
