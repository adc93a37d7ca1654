using System.Collections.Concurrent;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>Offers the sign-in to IAM Identity Center at a terminal when a request needs it.</summary>
internal static class SignInOffer
{
    // When the user last answered for a session, and whether the user signed in. Other requests that failed before then follow the answer.
    private static readonly ConcurrentDictionary<string, (long At, bool SignedIn)> Answers = new();

    /// <summary>Whether the user has signed in, so that the request can be sent again.</summary>
    internal static bool TrySignIn(RoleCmdlet cmdlet, CoreRequest failed)
    {
        if (failed.Error?.SignIn is not { } where)
            return false;
        var name = where.SsoSession ?? where.ProfileName ?? where.StartUrl ?? IdentityCenterCmdlet.Subject;
        var key = string.Join('\n', failed.Environment["HOME"] as string, name);
        if (Answers.TryGetValue(key, out var answer) && answer.At > failed.SentAt)
            return answer.SignedIn;
        if (!HostPrompt.HasTerminal(cmdlet))
            return false;
        var isWanted =
            HostPrompt.Read(cmdlet, $"{failed.ErrorRecord!.Exception.Message} Sign in now? [Y/n]", isSecret: false)
            is not (null or ['n' or 'N', ..]);
        var signedIn = isWanted && SignIn(cmdlet, failed, where);
        Answers[key] = (Environment.TickCount64, signedIn);
        return signedIn;
    }

    private static bool SignIn(RoleCmdlet cmdlet, CoreRequest failed, SignInPlace where)
    {
        var parameters = new StartSignInParams
        {
            SsoSession = where.SsoSession,
            ProfileName = where.ProfileName,
            StartUrl = where.StartUrl,
            SsoRegion = where.SsoRegion,
            Force = where.Force,
            ProfileLocation = failed.Request switch
            {
                UseRoleParams request => request.ProfileLocation,
                SsoSessionChoice request => request.ProfileLocation,
                _ => null,
            },
        };
        var (signedIn, error) = BrowserSignIn.Run(
            cmdlet,
            Methods.StartSignIn,
            parameters,
            IdentityCenterCmdlet.Subject,
            environment: failed.Environment
        );
        if (error is not null)
            cmdlet.WriteError(error);
        return signedIn is not null;
    }
}
