/*
.SYNOPSIS
Removes stored profiles.

.DESCRIPTION
Remove-RoleProfile takes a profile's sections out of ~/.aws/config and
~/.aws/credentials, keys and all. Every other byte of the files stays. It
asks before it does, since keys that were stored nowhere else are gone.

Profiles that name the removed one as their source stay, and fail until
they get another. Cached credentials stay too: Clear-RoleCache forgets
them.

.PARAMETER ProfileName
The profile to remove, or several. Names are case-sensitive and
taken as they are, without wildcards.

.PARAMETER ProfileLocation
A file to remove the profile from, in the form of
~/.aws/credentials, which takes that file's place. Default: the
files named by AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE, else
~/.aws/credentials and ~/.aws/config.

.PARAMETER Force
Removes without asking.

.INPUTS
System.String. Names of profiles; also the objects of Get-RoleProfile.

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

Removes one profile, after a question.

.EXAMPLE
PS> Get-RoleProfile test-* | Remove-RoleProfile -WhatIf
What if: Performing the operation "Remove" on target "profile 'test-a' in /home/jo/.aws/config".
What if: Performing the operation "Remove" on target "profile 'test-b' in /home/jo/.aws/config, /home/jo/.aws/credentials".

Tells what would be removed, and from where.

.EXAMPLE
PS> Remove-RoleProfile old, older -Force
Remove-RoleProfile: There is no profile 'older'.

Removes profiles without a question. One that does not exist is an error,
and keeps no other.

.NOTES
Error ids, each followed by ',Remove-RoleProfile', none of them
terminating: ProfileNotFound, FileBroken, FileUnreadable,
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
using System.Collections;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>Deletes profiles. As with Remove-Item, one that cannot be removed does not keep the others.</summary>
[Cmdlet("Remove", "RoleProfile", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(void))]
public sealed class RemoveRoleProfileCommand : RoleCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Profile", "StoredCredentials", "AWSProfileName")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string[] ProfileName { get; set; } = [];

    [Parameter]
    [Alias("ProfilesLocation", "AWSProfilesLocation")]
    [Optional]
    public string? ProfileLocation { get; set; }

    /// <summary>Asks for no confirmation.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var name in ProfileName)
        {
            var request = At(ProfileLocation);
            request["profileName"] = name;
            var answered = Request("profile/remove", WhatIf(request));
            if (answered.Result is { } planned)
            {
                var target = $"profile '{name}' in {string.Join(", ", (object[])planned["files"]!)}";
                if (!IsConfirmed(target, "Remove", Force))
                    continue;
                if (Force)
                    WriteStep($"Removing {target}.");
                answered = Request("profile/remove", request);
            }
            if (answered.ErrorRecord is not null)
                WriteError(answered.ErrorRecord);
        }
    }
}
