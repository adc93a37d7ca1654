using System.Globalization;
using System.Management.Automation.Host;

namespace EmbeddedPowerShell;

/// <summary>What the engine knows of the program around it: its name, its user interface, and how to end it.</summary>
internal sealed class EmbeddedHost(HostUserInterface ui) : PSHost
{
    // Scripts compare $Host.Name with this to tell a console from an editor.
    public override string Name => "ConsoleHost";
    public override Version Version => Program.EngineVersion;
    public override Guid InstanceId { get; } = Guid.NewGuid();
    public override PSHostUserInterface UI => ui;
    public override CultureInfo CurrentCulture { get; } = CultureInfo.CurrentCulture;
    public override CultureInfo CurrentUICulture { get; } = CultureInfo.CurrentUICulture;

    internal HostUserInterface UserInterface => ui;

    /// <summary>The code of an <c>exit</c> that ended the session, or null while it goes on.</summary>
    internal int? ExitCode { get; private set; }

    /// <summary>Runs a prompt inside the running pipeline; the session sets it once it has a runspace.</summary>
    internal Action? NestedPrompt { get; set; }

    /// <summary>Counts <c>exit</c> and <c>$Host.ExitNestedPrompt()</c> of nested prompts that have not been left yet.</summary>
    internal int NestedPromptsToLeave { get; set; }

    public override void SetShouldExit(int exitCode) => ExitCode ??= exitCode;

    public override void EnterNestedPrompt() => NestedPrompt?.Invoke();

    public override void ExitNestedPrompt() => NestedPromptsToLeave++;

    // A child program gets the terminal as it is; there is no mode of ours to save and restore.
    public override void NotifyBeginApplication() => ui.EndProgress();

    public override void NotifyEndApplication()
    {
    }
}
