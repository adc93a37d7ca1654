/*
.SYNOPSIS
Forgets cached temporary credentials.

.DESCRIPTION
Use-Role keeps the credentials of roles and of MFA sessions until they
expire: in memory, in ~/.aws/cli/cache where the AWS CLI would have kept
the same, and else in ~/.aws/role-credentials/cache. Clear-RoleCache
forgets them, so that the next Use-Role calls AWS anew, and asks for an
MFA code anew. That is of use after a role's policies, tags or MFA device
have changed.

Credentials that were handed out stay valid until they expire: only AWS
can end them ("Revoke active sessions" in the IAM console).

.PARAMETER ProfileName
Forgets what was assumed for these profiles only. Names are
case-sensitive.

.PARAMETER RoleArn
Forgets what was assumed of these roles only, for whichever profile.

.INPUTS
Objects with a property ProfileName, such as those of Get-RoleProfile.

.OUTPUTS
None. -Verbose tells how many entries were forgotten.

.EXAMPLE
PS> Clear-RoleCache -Verbose
VERBOSE: Performing the operation "Forget" on target "all cached temporary credentials".
VERBOSE: Forgot 3 entries.

Forgets everything.

.EXAMPLE
PS> Clear-RoleCache prod
PS> $Creds = Use-Role -ProfileName prod
MFA code of arn:aws:iam::111111111111:mfa/jo: 123456

Forgets one profile's credentials, so that they are got anew.

.EXAMPLE
PS> Clear-RoleCache -RoleArn arn:aws:iam::123456789012:role/Admin -WhatIf
What if: Performing the operation "Forget" on target "cached temporary credentials of arn:aws:iam::123456789012:role/Admin".

Tells what would be forgotten.

.NOTES
Error ids, each followed by ',Clear-RoleCache': FileUnreadable.

.LINK
https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-role.html

.LINK
Use-Role
*/
using System.Collections;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>Forgets temporary credentials, in memory and on disk.</summary>
[Cmdlet("Clear", "RoleCache", DefaultParameterSetName = "All", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class ClearRoleCacheCommand : RoleCmdlet
{
    [Parameter(ParameterSetName = "ProfileName", Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("Profile", "StoredCredentials", "AWSProfileName")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string[]? ProfileName { get; set; }

    [Parameter(ParameterSetName = "RoleArn", Mandatory = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string[]? RoleArn { get; set; }

    protected override void ProcessRecord()
    {
        if (ParameterSetName == "All")
            Forget([], "all cached temporary credentials");
        else
            foreach (var name in ProfileName ?? RoleArn!)
                Forget(new Hashtable { [RoleRequest.WireName(ParameterSetName)] = name }, $"cached temporary credentials of {name}");
    }

    private void Forget(Hashtable request, string target)
    {
        if (ShouldProcess(target, "Forget"))
            WriteStep($"Forgot {Ask("cache/clear", request)["removed"]} entries.");
    }
}
