using System.Collections;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>What the cmdlets have in common. Each is named as the command is, for an error's id ends in the name of the class.</summary>
public abstract class RoleCmdlet : PSCmdlet
{
    private CorePlace? place;

    private protected CorePlace Place => place ??= CorePlace.Of(this);

    private protected string Folder => CoreSession.FolderOf(this);

    private bool IsWhatIf =>
        MyInvocation.BoundParameters.TryGetValue("WhatIf", out var given)
            ? LanguagePrimitives.IsTrue(given)
            : LanguagePrimitives.IsTrue(SessionState.PSVariable.GetValue("WhatIfPreference"));

    /// <summary>Whether to go on: ShouldProcess, except that -Force asks for no confirmation.</summary>
    private protected bool IsConfirmed(string target, string action, bool isForced) =>
        (isForced && !IsWhatIf) || ShouldProcess(target, action);

    /// <summary>Asks the core for one thing and waits for it. An error ends the cmdlet; an MFA code that is wanted is asked for.</summary>
    private protected Hashtable Ask(string method, Hashtable parameters, IDictionary? environment = null)
    {
        var answered = Request(method, parameters, environment);
        if (answered.ErrorRecord is not null)
            ThrowTerminatingError(answered.ErrorRecord);
        return answered.Result!;
    }

    /// <summary>The same, but an error is left to the caller.</summary>
    // A role that was entered is not who one is for the core: it starts from the identity beneath.
    private protected CoreRequest Request(string method, Hashtable parameters, IDictionary? environment = null) =>
        CoreSession.Request(this, Place, method, parameters, environment ?? RoleStack.EnvironmentOf(isChain: false));

    /// <summary>A request as it is, and once more with what would come of it.</summary>
    private protected static Hashtable WhatIf(Hashtable request) => new(request) { ["whatIf"] = true };

    /// <summary>Renews what is due of the roles that were entered.</summary>
    private protected void UpdateEnteredRoles()
    {
        if (RoleStack.Count > 0)
            SessionScripts.Invoke(this, Place, "Update-EnteredRole", this);
    }

    private protected void WriteStep(string text) => Terminal.WriteStep(this, text);

    // These stand in front of PowerShell's own, so that no cmdlet can forget to escape.
    private protected new void WriteVerbose(string text) => WriteStep(text);

    private protected new void WriteDebug(string text) => Terminal.WriteDebug(this, text);

    private protected new void WriteWarning(string text) => Terminal.WriteWarning(this, text);

    private protected new void WriteProgress(ProgressRecord progress) => Terminal.WriteProgress(this, progress);

    private protected new bool ShouldProcess(string target, string action) => Terminal.ShouldProcess(this, target, action);

    /// <summary>Ends the cmdlet; to be thrown, so that the compiler knows.</summary>
    private protected Exception ThrowTerminating(
        string id,
        string message,
        string action,
        string? target,
        ErrorCategory category = ErrorCategory.InvalidArgument
    ) => RoleRequest.ThrowTerminating(this, id, message, action, target, category);

    /// <summary>Where the profiles of a request lie, if that was given.</summary>
    private protected Hashtable At(string? profileLocation)
    {
        var request = new Hashtable();
        if (!string.IsNullOrEmpty(profileLocation))
            request["profileLocation"] = RoleRequest.ResolveProfileLocation(this, profileLocation);
        return request;
    }
}
