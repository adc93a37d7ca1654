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

    private CoreFolder? coreFolder;

    internal CoreFolder CoreFolder => coreFolder ??= CoreFolder.Of(this);

    /// <summary>The folder that relative paths of a request start from.</summary>
    internal string Folder
    {
        get
        {
            var location = SessionState.Path.CurrentLocation;
            if (location.Provider.Name != "FileSystem")
                location = SessionState.Path.CurrentFileSystemLocation;
            // ProviderPath resolves the provider, drive and folder again, so avoid it where possible. A network share has no drive.
            return location.Drive is { } drive ? Path.Combine(drive.Root, drive.CurrentLocation) : location.ProviderPath;
        }
    }

    private bool IsWhatIf =>
        MyInvocation.BoundParameters.TryGetValue("WhatIf", out var given)
            ? LanguagePrimitives.IsTrue(given)
            : LanguagePrimitives.IsTrue(SessionState.PSVariable.GetValue("WhatIfPreference"));

    protected override void BeginProcessing()
    {
        RefuseSecrets();
        foreach (var name in IdentityParameters)
        {
            // An empty variable on the command line is a mistake: going on would use credentials or a file that the user did not choose.
            if (!MyInvocation.BoundParameters.TryGetValue(name, out var given) || !GivenValue.HoldsEmpty(given))
                continue;
            // An empty string removes a setting of a profile.
            if (
                GivenValue.Plain(given) is ""
                && MyInvocation.MyCommand.Parameters[name].Attributes.OfType<OptionalAttribute>().Any(one => one.IsEmptyKept)
            )
                continue;
            throw ThrowTerminating(
                name == "Credential" ? "CredentialInvalid" : "ParameterConflict",
                GivenValue.Plain(given) is IList { Count: > 0 } ? $"An element of -{name} is empty." : $"-{name} is empty.",
                $"Check the variable passed to -{name}, or omit -{name}.",
                name
            );
        }
    }

    // PowerShell converts a copy of credentials to text for any parameter, and the text holds their secrets.
    private void RefuseSecrets()
    {
        foreach (var (name, value) in MyInvocation.BoundParameters)
        {
            var texts = GivenValue.Plain(value) is string text ? [text] : value as string[] ?? [];
            if (!texts.Any(one => one is not null && Redaction.HoldsSecretOfObject(one)))
                continue;
            throw ThrowTerminating(
                "CredentialInvalid",
                $"-{name} received credentials, but takes none.",
                "Pass credentials with -Credential, or in the pipeline.",
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
        where TResult : Message
    {
        var request = new CoreRequest<TParams, TResult>(method, parameters, environment ?? RoleStack.EnvironmentOf(isChain: false));
        CoreSession.Send(this, request);
        try
        {
            return CoreSession.Receive(this, [request], -1)!;
        }
        finally
        {
            request.Cancel();
        }
    }

    /// <summary>Renews the entered roles that are due.</summary>
    private protected void UpdateEnteredRoles()
    {
        if (RoleStack.Count > 0)
            SessionScripts.Invoke(this, "Update-EnteredRole", this);
    }

    internal void WriteStep(string text) => Terminal.WriteStep(this, text);

    /// <summary>Writes a line as Write-Host does: on the terminal and in a transcript, but not in the output.</summary>
    internal void Show(string line) => WriteInformation(new HostInformationMessage { Message = Terminal.Escape(line) }, ["PSHOST"]);

    // These hide PowerShell's methods, so that no cmdlet can forget to escape.
    private protected new void WriteVerbose(string text) => WriteStep(text);

    internal new void WriteDebug(string text) => base.WriteDebug(Terminal.Escape(text));

    internal new void WriteWarning(string text) => Terminal.WriteWarning(this, text);

    internal new void WriteProgress(ProgressRecord progress)
    {
        progress.Activity = Terminal.Escape(progress.Activity);
        progress.StatusDescription = Terminal.Escape(progress.StatusDescription);
        base.WriteProgress(progress);
    }

    internal new bool ShouldProcess(string target, string action) => base.ShouldProcess(Terminal.Escape(target), Terminal.Escape(action));

    /// <summary>Ends the cmdlet. Callers throw the returned exception, so that the compiler knows that the code ends here.</summary>
    internal Exception ThrowTerminating(
        string id,
        string message,
        string action,
        string? target,
        ErrorCategory category = ErrorCategory.InvalidArgument
    ) => ThrowTerminating(CoreFailure.Create(id, message, action, target, category));

    /// <summary>The same for a parameter that does not go with the others.</summary>
    internal Exception ThrowConflict(string message, string action, string parameter) =>
        ThrowTerminating("ParameterConflict", message, action, parameter);

    internal virtual Exception ThrowTerminating(ErrorRecord record)
    {
        ThrowTerminatingError(record);
        return new PipelineStoppedException();
    }

    /// <summary>The value of -ProfileLocation as a full path; null if it was not given.</summary>
    internal string? PathOf(string? profileLocation) =>
        string.IsNullOrEmpty(profileLocation)
            ? null
            : FilePath.Resolve(this, profileLocation, "ProfileLocationInvalid", "Name a file, such as ~/.aws/credentials.");
}
