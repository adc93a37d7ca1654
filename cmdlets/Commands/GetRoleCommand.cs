/*
.SYNOPSIS
Shows who this session is: the roles that were entered, the last one
first.

.DESCRIPTION
Get-Role shows the roles that Enter-Role and the script blocks of
Use-Role have put on top of each other, without a call to AWS. Where no
role is entered it shows, at depth 0, who the environment and the
profiles say one is, as far as that can be told without a call.

With -Verify it asks STS who the session really is, and shows the answer
in VerifiedArn. A role that is about to end is renewed first, if it can
be without an MFA code.

.PARAMETER Verify
Asks STS (GetCallerIdentity, which needs no permission) with the
credentials that the environment holds now.

.INPUTS
None.

.OUTPUTS
RoleCredentials.Role. Depth, Name, Account, Role, RoleArn, AssumedRole,
ProfileName, Source, Region, Expiration (a DateTime in UTC), MinutesLeft,
Renews (whether it renews itself), Chained, VerifiedArn.

.EXAMPLE
PS> Get-Role

Depth Name           Account      Role           Region            Left Renews
----- ----           -------      ----           ------            ---- ------
    0 default                                    eu-west-1

No role is entered: this is the default profile, whose keys say nothing
of their account.

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

The role that was entered, with all that is known of it.

.EXAMPLE
PS> (Get-Role -Verify)[0].VerifiedArn
arn:aws:sts::123456789012:assumed-role/Admin/RoleCredentials-session-1795470455

What STS says.

.NOTES
Error ids with -Verify, each followed by ',Get-Role': what STS answers to
Use-Role, such as CredentialsExpired or StsUnreachable. Without it: those
of the files, FileBroken and FileUnreadable, where no role is entered.

.LINK
https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html

.LINK
Enter-Role

.LINK
Exit-Role

.LINK
Get-RolePrompt
*/
using System.Collections;
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
            ? Ask("identity/get", new Hashtable { ["invocationId"] = Guid.NewGuid().ToString() }, RoleStack.EnvironmentOf(isChain: true))
            : null;
        // Another runspace's block is not who this one is.
        var count = RoleStack.OwnCount(frames);
        for (var depth = count; depth > 0; depth--)
            Write(RoleView.Of(frames[depth - 1], depth), depth == count ? verified : null);
        if (count == 0)
            Write(RoleView.OfOriginal(Ask("identity/describe", [])), verified);
    }

    private void Write(PSObject view, Hashtable? verified)
    {
        if (verified is not null)
            RoleView.Verify(view, verified);
        WriteObject(view);
    }
}
