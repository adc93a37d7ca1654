/*
.SYNOPSIS
Signs out of AWS IAM Identity Center.

.DESCRIPTION
Disconnect-IdentityCenter ends a sign-in to IAM Identity Center, and removes
its token from ~/.aws/sso/cache, where the AWS CLI keeps it too. It also
removes the cached credentials that came from the sign-in: those of the
session's roles, and those of the profiles that use the session. Credentials
that a script already holds stay valid until they expire.

If IAM Identity Center cannot be reached, the cmdlet removes the token
anyway, and writes a warning.

.INPUTS
None.

.OUTPUTS
None.

.EXAMPLE
PS> Disconnect-IdentityCenter -SsoSession corp -Verbose
VERBOSE: Performing the operation "Sign out" on target "IAM Identity Center (corp)".
VERBOSE: Signed out of corp.

Signs out of a stored session.

.EXAMPLE
PS> Disconnect-IdentityCenter -ProfileName staff -WhatIf
What if: Performing the operation "Sign out" on target "IAM Identity Center (corp)".

Shows which session a profile uses, without signing out.

.EXAMPLE
PS> Disconnect-IdentityCenter -StartUrl https://my-company.awsapps.com/start -SsoRegion eu-west-1

Ends a sign-in that needed no stored session. There is no output.

.NOTES
Error ids, each followed by
',RoleCredentials.DisconnectIdentityCenterCommand': SsoSessionNotFound,
ProfileNotFound, ProfileIncomplete, SourceConflict, ParameterConflict,
StartUrlInvalid, RegionInvalid, FileUnwritable, FileBroken,
FileUnreadable.

.LINK
https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_Logout.html

.LINK
Connect-IdentityCenter

.LINK
Clear-RoleCache
*/
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>Signs out of IAM Identity Center.</summary>
[Cmdlet("Disconnect", "IdentityCenter", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class DisconnectIdentityCenterCommand : IdentityCenterCmdlet
{
    protected override void EndProcessing()
    {
        var planned = Ask(Methods.SignOut, WithSession(new SignOutParams { WhatIf = true }));
        var name = planned.SsoSession ?? planned.StartUrl;
        if (!planned.SignedOut)
        {
            WriteStep($"There is no sign-in to {name}.");
            return;
        }
        if (!ShouldProcess($"{Subject} ({name})", "Sign out"))
            return;
        foreach (var warning in Ask(Methods.SignOut, WithSession(new SignOutParams())).Warnings)
            WriteWarning($"{warning} Its token is gone from this machine, and valid until it expires.");
        WriteStep($"Signed out of {name}.");
    }
}
