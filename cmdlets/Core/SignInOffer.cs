using System.Collections;
using System.Collections.Concurrent;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>Offers the sign-in to IAM Identity Center at a terminal when a request needs it.</summary>
internal static class SignInOffer
{
    private const string Subject = "IAM Identity Center";

    // When the user last answered for a session, and whether the user signed in. Other requests that failed before then follow the answer.
    private static readonly ConcurrentDictionary<string, (long At, bool SignedIn)> Answers = new();

    /// <summary>Whether the user has signed in, so that the request can be sent again.</summary>
    internal static bool TrySignIn(PSCmdlet cmdlet, CorePlace place, CoreRequest failed)
    {
        if (failed.Error?["signIn"] is not Hashtable where)
            return false;
        var name = View.Text(where["ssoSession"]) ?? View.Text(where["profileName"]) ?? View.Text(where["startUrl"]) ?? Subject;
        var key = string.Join('\n', View.Text(failed.Environment["HOME"]), name);
        if (Answers.TryGetValue(key, out var answer) && answer.At > failed.SentAt)
            return answer.SignedIn;
        if (!HostPrompt.HasTerminal(cmdlet))
            return false;
        var isWanted =
            HostPrompt.Read(cmdlet, $"{failed.ErrorRecord!.Exception.Message} Sign in now? [Y/n]", isSecret: false) is { } text
            && !text.StartsWith('n')
            && !text.StartsWith('N');
        var signedIn = isWanted && SignIn(cmdlet, place, failed, where);
        Answers[key] = (Environment.TickCount64, signedIn);
        return signedIn;
    }

    private static bool SignIn(PSCmdlet cmdlet, CorePlace place, CoreRequest failed, Hashtable where)
    {
        var parameters = new Hashtable(where);
        if (failed.Parameters["profileLocation"] is { } location)
            parameters["profileLocation"] = location;
        var ended = BrowserSignIn.Run(cmdlet, place, "identity-center/sign-in", parameters, failed.Environment, Subject, noBrowser: false);
        if (ended.ErrorRecord is not null)
            cmdlet.WriteError(ended.ErrorRecord);
        return ended.ErrorRecord is null;
    }
}
