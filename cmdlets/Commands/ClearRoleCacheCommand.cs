/*
.SYNOPSIS
Removes cached temporary credentials.

.DESCRIPTION
Use-Role caches the credentials of roles and MFA sessions until they
expire: in memory, in ~/.aws/cli/cache if the AWS CLI would cache the
same credentials, and otherwise in ~/.aws/role-credentials/cache.
Clear-RoleCache removes them, so that the next Use-Role calls AWS and
prompts for an MFA code again. Use it after a role's policies, tags or
MFA device have changed.

Credentials that you already hold stay valid until they expire. Only AWS
can revoke them ("Revoke active sessions" in the IAM console).

.PARAMETER ProfileName
Removes only the credentials of these profiles. Names are
case-sensitive.

.PARAMETER RoleArn
Removes only the credentials of these roles, for every profile.

.INPUTS
Objects with a property ProfileName, such as those of Get-RoleProfile.

.OUTPUTS
None. -Verbose shows how many entries were removed.

.EXAMPLE
PS> Clear-RoleCache -Verbose
VERBOSE: Performing the operation "Forget" on target "all cached temporary credentials".
VERBOSE: Forgot 3 entries.

Removes all cached credentials.

.EXAMPLE
PS> Clear-RoleCache prod
PS> $Creds = Use-Role -ProfileName prod
MFA code of arn:aws:iam::111111111111:mfa/jo: 123456

Removes the credentials of one profile, so that Use-Role requests new ones.

.EXAMPLE
PS> Clear-RoleCache -RoleArn arn:aws:iam::123456789012:role/Admin -WhatIf
What if: Performing the operation "Forget" on target "cached temporary credentials of arn:aws:iam::123456789012:role/Admin".

Shows what would be removed.

.NOTES
Error ids, each followed by ',RoleCredentials.ClearRoleCacheCommand':
FileUnreadable.

.LINK
https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-role.html

.LINK
Use-Role
*/
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>Removes temporary credentials from memory and disk.</summary>
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
            Forget(new ClearCacheParams(), "all cached temporary credentials");
        else
        {
            foreach (var name in ProfileName ?? [])
                Forget(new ClearCacheParams { ProfileName = name }, $"cached temporary credentials of {name}");
            foreach (var arn in RoleArn ?? [])
                Forget(new ClearCacheParams { RoleArn = arn }, $"cached temporary credentials of {arn}");
        }
    }

    private void Forget(ClearCacheParams request, string target)
    {
        if (ShouldProcess(target, "Forget"))
            WriteStep($"Forgot {Ask(Methods.ClearCache, request).Removed} entries.");
    }
}
