/*
.SYNOPSIS
Removes stored profiles.

.DESCRIPTION
Remove-RoleProfile deletes a profile's sections from ~/.aws/config and
~/.aws/credentials, including keys. It preserves every other byte of the
files. If the keys are in the system's keychain, it removes them there too,
unless another profile uses them. It asks for confirmation, because keys
that are stored nowhere else are lost.

Profiles that use the removed one as their source remain, and fail until
they get another source. Cached credentials remain too; Clear-RoleCache
removes them.

.PARAMETER ProfileName
One or more profiles to remove. Names are case-sensitive, and wildcards
are not expanded.

.PARAMETER ProfileLocation
A file to remove the profile from, instead of ~/.aws/credentials and in
the same format. Default: the files named by AWS_SHARED_CREDENTIALS_FILE
and AWS_CONFIG_FILE, or ~/.aws/credentials and ~/.aws/config.

.PARAMETER Force
Removes without confirmation.

.INPUTS
System.String. Names of profiles. Also the objects of Get-RoleProfile.

.OUTPUTS
None.

.EXAMPLE
PS> Remove-RoleProfile prod

Confirm
Are you sure you want to perform this action?
Performing the operation "Remove" on target "profile 'prod' in
/home/jo/.aws/config".
[Y] Yes [A] Yes to All [N] No [L] No to All [S] Suspend [?] Help
(default is "Y"): y

Removes one profile after confirmation.

.EXAMPLE
PS> Get-RoleProfile test-* | Remove-RoleProfile -WhatIf
What if: Performing the operation "Remove" on target "profile 'test-a' in /home/jo/.aws/config".
What if: Performing the operation "Remove" on target "profile 'test-b' in /home/jo/.aws/config, /home/jo/.aws/credentials".

Shows what would be removed, and from which files.

.EXAMPLE
PS> Remove-RoleProfile old, older -Force
Remove-RoleProfile: There is no profile 'older'.

Removes profiles without confirmation. A missing profile is an error, and
the others are still removed.

.NOTES
Error ids, each followed by ',RoleCredentials.RemoveRoleProfileCommand',
none of them terminating: ProfileNotFound, FileBroken, FileUnreadable,
FileUnwritable, FileBusy.

.LINK
https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html

.LINK
Get-RoleProfile

.LINK
Set-RoleCredentials

.LINK
Clear-RoleCache
*/
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>Deletes profiles. Like Remove-Item, continues with the others if one cannot be removed.</summary>
[Cmdlet("Remove", "RoleProfile", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(void))]
public sealed class RemoveRoleProfileCommand : ProfileCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Profile", "StoredCredentials", "AWSProfileName")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string[] ProfileName { get; set; } = [];

    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var name in ProfileName)
        {
            var request = new RemoveProfileParams { ProfileName = name, ProfileLocation = PathOf(ProfileLocation) };
            var answered = Request(Methods.RemoveProfile, request with { WhatIf = true });
            if (answered.Result is { } planned)
            {
                var target = $"profile '{name}' in {string.Join(", ", planned.Files)}";
                if (!IsConfirmed(target, "Remove", Force))
                    continue;
                if (Force)
                    WriteStep($"Removing {target}.");
                answered = Request(Methods.RemoveProfile, request);
            }
            if (answered.ErrorRecord is not null)
                WriteError(answered.ErrorRecord);
            foreach (var warning in answered.Result?.Warnings ?? [])
                WriteWarning(warning);
        }
    }
}
