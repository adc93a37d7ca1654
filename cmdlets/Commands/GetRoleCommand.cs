/*
.SYNOPSIS
Shows the identity of this session: the entered roles, the last one
first.

.DESCRIPTION
Get-Role shows the stack of roles from Enter-Role and the script blocks of
Use-Role, without a call to AWS. If no role is entered, it shows the
identity from the environment and the profiles, at depth 0, as far as that
is known without a call.

With -Verify it asks STS for the session's identity, and shows the result
in VerifiedArn. It first renews a role that is about to expire, unless
that needs an MFA code.

.PARAMETER Verify
Calls STS (GetCallerIdentity, which needs no permission) with the
current credentials of the environment.

.INPUTS
None.

.OUTPUTS
RoleCredentials.Role. Depth, Name, Account, Role, RoleArn, AssumedRole,
ProfileName, SourceProfile (if one was named), SourceGiven (whether keys, a
token or -Chain were the source), Source, Region, Expiration (a DateTime in
UTC), MinutesLeft, Renews (whether it renews itself), Served
(whether programs get its credentials from an endpoint: -Serve), Chained,
VerifiedArn.

.EXAMPLE
PS> Get-Role

Depth Name           Account      Role           Region            Left Renews
----- ----           -------      ----           ------            ---- ------
    0 default                                    eu-west-1

No role is entered: this is the default profile. Its account is unknown,
because keys do not name their account.

.EXAMPLE
PS> Enter-Role -ProfileName prod
PS> Get-Role | Format-List

Depth       : 1
Name        : prod
ProfileName : prod
Source      : Enter-Role
RoleArn     : arn:aws:iam::123456789012:role/Admin
AssumedRole : arn:aws:sts::123456789012:assumed-role/Admin/RoleCredentials-
              session-1795470455
Account     : 123456789012
Region      : eu-west-1
Expiration  : 2026-11-23 22:47:35Z (in 59 min)
Renews      : True

Shows all known properties of the entered role.

.EXAMPLE
PS> (Get-Role -Verify)[0].VerifiedArn
arn:aws:sts::123456789012:assumed-role/Admin/RoleCredentials-session-1795470455

Asks STS for the identity.

.NOTES
Error ids with -Verify, each followed by
',RoleCredentials.GetRoleCommand': the STS errors of Use-Role, such as
CredentialsExpired or StsUnreachable. Without it, if no role is entered:
FileBroken and FileUnreadable.

.LINK
https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html

.LINK
Enter-Role

.LINK
Exit-Role

.LINK
Get-RolePrompt
*/
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>Shows the stack of roles, or the identity beneath it.</summary>
[Cmdlet("Get", "Role")]
[OutputType(typeof(PSCustomObject))]
public sealed class GetRoleCommand : RoleCmdlet
{
    [Parameter]
    public SwitchParameter Verify { get; set; }

    protected override void EndProcessing()
    {
        UpdateEnteredRoles();
        var frames = RoleStack.Frames;
        var verified = Verify
            ? Ask(
                Methods.GetIdentity,
                new UseRoleParams { InvocationId = Guid.NewGuid().ToString() },
                RoleStack.EnvironmentOf(isChain: true)
            )
            : null;
        // A script block in another runspace does not apply to this one.
        var count = RoleStack.OwnCount(frames);
        for (var depth = count; depth > 0; depth--)
            Write(RoleView.Of(frames[depth - 1], depth), depth == count ? verified : null);
        if (count == 0)
            Write(RoleView.OfOriginal(Ask(Methods.DescribeIdentity, new Nothing())), verified);
    }

    private void Write(PSObject view, CallerIdentity? verified)
    {
        if (verified is not null)
            RoleView.Verify(view, verified);
        WriteObject(view);
    }
}
