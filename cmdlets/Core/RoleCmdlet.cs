using System.Collections;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>The base class of all cmdlets.</summary>
public abstract class RoleCmdlet : PSCmdlet
{
    // Parameters that select the credentials, or the profile and the file to change.
    private static readonly string[] IdentityParameters =
    [
        "RoleArn",
        "ProfileName",
        "ProfileLocation",
        "StoreAs",
        "RoleName",
        "AccountId",
        "SsoSession",
        "StartUrl",
        "SourceProfile",
        "Credential",
        "AccessKey",
        "SecretKey",
        "SamlAssertion",
        "PrincipalArn",
        "WebIdentityToken",
    ];

    private CorePlace? place;

    internal CorePlace Place => place ??= CorePlace.Of(this);

    private protected string Folder => CoreSession.FolderOf(this);

    private bool IsWhatIf =>
        MyInvocation.BoundParameters.TryGetValue("WhatIf", out var given)
            ? LanguagePrimitives.IsTrue(given)
            : LanguagePrimitives.IsTrue(SessionState.PSVariable.GetValue("WhatIfPreference"));

    protected override void BeginProcessing()
    {
        foreach (var name in IdentityParameters)
        {
            // An empty variable on the command line is a mistake: going on would use credentials or a file that the user did not choose.
            if (!MyInvocation.BoundParameters.TryGetValue(name, out var given) || !OptionalAttribute.HoldsEmpty(given))
                continue;
            // An empty string removes a setting of a profile.
            if (
                OptionalAttribute.PlainObject(given) is ""
                && MyInvocation.MyCommand.Parameters[name].Attributes.OfType<OptionalAttribute>().Any(one => one.IsEmptyKept)
            )
                continue;
            throw ThrowTerminating(
                name == "Credential" ? "CredentialInvalid" : "ParameterConflict",
                OptionalAttribute.PlainObject(given) is IList { Count: > 0 } ? $"An element of -{name} is empty." : $"-{name} is empty.",
                $"Check the variable passed to -{name}, or omit -{name}.",
                name
            );
        }
    }

    /// <summary>Whether to continue: ShouldProcess, except that -Force skips the confirmation.</summary>
    private protected bool IsConfirmed(string target, string action, bool isForced) =>
        (isForced && !IsWhatIf) || ShouldProcess(target, action);

    /// <summary>
    /// Sends a request and returns its result. Prompts for an MFA code if the core asks for one. An error ends the cmdlet.
    /// </summary>
    internal TResult Ask<TParams, TResult>(Method<TParams, TResult> method, TParams parameters, IDictionary? environment = null)
        where TParams : RequestParams
        where TResult : Message
    {
        var answered = Request(method, parameters, environment);
        if (answered.ErrorRecord is not null)
            ThrowTerminatingError(answered.ErrorRecord);
        return answered.Result!;
    }

    /// <summary>The same, but the caller handles the error.</summary>
    // Requests start from the session's original identity, not from an entered role.
    internal CoreRequest<TParams, TResult> Request<TParams, TResult>(
        Method<TParams, TResult> method,
        TParams parameters,
        IDictionary? environment = null
    )
        where TParams : RequestParams
        where TResult : Message =>
        CoreSession.Request(this, Place, method, parameters, environment ?? RoleStack.EnvironmentOf(isChain: false));

    /// <summary>Renews the entered roles that are due.</summary>
    private protected void UpdateEnteredRoles()
    {
        if (RoleStack.Count > 0)
            SessionScripts.Invoke(this, Place, "Update-EnteredRole", this);
    }

    internal void WriteStep(string text) => Terminal.WriteStep(this, text);

    // These hide PowerShell's methods, so that no cmdlet can forget to escape.
    private protected new void WriteVerbose(string text) => WriteStep(text);

    private protected new void WriteDebug(string text) => Terminal.WriteDebug(this, text);

    internal new void WriteWarning(string text) => Terminal.WriteWarning(this, text);

    private protected new void WriteProgress(ProgressRecord progress) => Terminal.WriteProgress(this, progress);

    internal new bool ShouldProcess(string target, string action) => Terminal.ShouldProcess(this, target, action);

    /// <summary>Ends the cmdlet. Callers throw the returned exception, so that the compiler knows that the code ends here.</summary>
    internal Exception ThrowTerminating(
        string id,
        string message,
        string action,
        string? target,
        ErrorCategory category = ErrorCategory.InvalidArgument
    ) => RoleRequest.ThrowTerminating(this, id, message, action, target, category);

    /// <summary>The value of -ProfileLocation as a full path; null if it was not given.</summary>
    private protected string? PathOf(string? profileLocation) =>
        string.IsNullOrEmpty(profileLocation) ? null : RoleRequest.ResolveProfileLocation(this, profileLocation);
}
