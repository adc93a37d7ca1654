using System.Collections;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>
/// Lets the user sign in with the browser: opens the page, shows its address and code, and waits with a progress bar. Ctrl+C ends the
/// sign-in at once.
/// </summary>
internal static class BrowserSignIn
{
    private const int ProgressId = 7311;

    /// <summary>
    /// Runs a sign-in to its end. Returns the sign-in, or the error.
    /// </summary>
    /// <param name="cmdlet">The cmdlet whose user signs in.</param>
    /// <param name="method">The method that begins the sign-in.</param>
    /// <param name="parameters">The parameters of the method.</param>
    /// <param name="subject">Where to sign in: <c>IAM Identity Center</c>.</param>
    /// <param name="noBrowser">Whether the user opens the page.</param>
    /// <param name="environment">The caller's environment, if it is not the session's.</param>
    internal static (SignedIn? SignedIn, ErrorRecord? Error) Run<TParams>(
        RoleCmdlet cmdlet,
        Method<TParams, SignInStep> method,
        TParams parameters,
        string subject,
        bool noBrowser = false,
        IDictionary? environment = null
    )
        where TParams : RequestParams
    {
        environment ??= RoleStack.EnvironmentOf(isChain: false);
        var begun = cmdlet.Request(method, parameters, environment);
        var (step, error) = (begun.Result, begun.ErrorRecord);
        while (step is { State: "browser" or "elsewhere", SignInId: { } id } page)
        {
            var signIn = new WaitForSignInParams { SignInId = id };
            CoreRequest<WaitForSignInParams, SignInStep>? wait = null;
            try
            {
                if (page is { State: "browser", Link: { } link })
                    ShowPage(cmdlet, page, link, subject, noBrowser);
                if (page.WantsCode is true)
                    signIn = signIn with
                    {
                        AuthorizationCode = HostPrompt.ReadRequired(cmdlet, "Code that the page shows", isSecret: true),
                    };
                wait = new CoreRequest<WaitForSignInParams, SignInStep>(Methods.WaitForSignIn, signIn, environment);
                CoreSession.Send(cmdlet, wait);
                while (CoreSession.Receive(cmdlet, [wait], 1000) is null)
                    ShowProgress(cmdlet, page, subject);
            }
            finally
            {
                // Cancelling the wait ends the sign-in. Without a wait, abandon the sign-in.
                if (wait is not null)
                    wait.Cancel();
                else
                    RoleCore.Notify(cmdlet.CoreFolder, Methods.AbandonSignIn, signIn, cmdlet.Folder);
            }
            (step, error) = (wait.Result, wait.ErrorRecord);
        }
        cmdlet.WriteProgress(Progress(subject, "The sign-in has ended.", ProgressRecordType.Completed));
        return (step?.SignedIn, error);
    }

    private static void ShowPage(RoleCmdlet cmdlet, SignInStep page, string link, string subject, bool noBrowser)
    {
        var failure = noBrowser ? null : Browser.TryOpenPrivately(link);
        if (failure is not null)
            cmdlet.WriteWarning($"{failure.Exception.Message} Open the address yourself.");
        cmdlet.Show(
            noBrowser || failure is not null
                ? $"To sign in to {subject}, open this address:"
                : $"Sign in to {subject} in your browser. If it shows no page, open this address:"
        );
        cmdlet.Show(link);
        if (View.Text(page.UserCode) is not { } code)
            return;
        cmdlet.Show($"Check that the page shows the code {code}.");
        cmdlet.Show($"On another device, open {page.Address} and enter the code.");
    }

    private static void ShowProgress(RoleCmdlet cmdlet, SignInStep page, string subject)
    {
        var status = page.State is "elsewhere"
            ? "Another session is signing in. Use its browser page."
            : "Waiting for the browser. Ctrl+C ends the wait.";
        var progress = Progress(subject, status, ProgressRecordType.Processing);
        if (View.Time(page.Expiration) is { } end)
            progress.SecondsRemaining = Math.Max(0, (int)(end - DateTime.UtcNow).TotalSeconds);
        cmdlet.WriteProgress(progress);
    }

    private static ProgressRecord Progress(string subject, string status, ProgressRecordType type) =>
        new(ProgressId, $"Signing in to {subject}", status) { RecordType = type };
}
