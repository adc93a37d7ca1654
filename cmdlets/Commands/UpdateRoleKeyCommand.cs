/*
.SYNOPSIS
Replaces the access key of a profile with a new one.

.DESCRIPTION
Update-RoleKey rotates the long-term access key of an IAM user. It asks
IAM for a new key, waits until AWS accepts it, stores it wherever the old
one was stored (the file, or with Set-RoleCredentials -Vault the system's
keychain), and then deletes the old key. Every profile in your files that
has the old key gets the new one. Copies of the old key elsewhere, such as
on another machine, stop working.

The profile has a working key at every moment. If a step fails, the profile
keeps the old key, and the cmdlet deletes the new one. If PowerShell ends
during the rotation, run Update-RoleKey again to complete it. The cmdlet
asks for confirmation before it begins.

AWS allows a user two keys. If the user has two, first delete the one that
nothing uses.

The user needs iam:CreateAccessKey and iam:DeleteAccessKey on its own keys,
without a condition that requires MFA. AWS's policy 'Allows IAM users to
manage their own access keys' grants them.

.PARAMETER ProfileName
One or more profiles with the access key of an IAM user. For a role,
name its source profile. Names are case-sensitive, and wildcards are not
expanded.

.PARAMETER ProfileLocation
A file to use instead of ~/.aws/credentials, in the same format.
Profiles in ~/.aws that have the same key get the new one too. Default:
the files named by AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE, or
~/.aws/credentials and ~/.aws/config.

.PARAMETER Force
Rotates without confirmation.

.INPUTS
System.String. Names of profiles. Also the objects of Get-RoleProfile.

.OUTPUTS
RoleCredentials.RotatedKey. ProfileName (all profiles that have the new
key), UserArn, AccessKey and OldAccessKey (masked), KeyStore (file or
keychain), Resumed (whether it completed a rotation that was interrupted).

.EXAMPLE
PS> Update-RoleKey default -Force

ProfileName OldAccessKey         AccessKey            KeyStore
----------- ------------         ---------            --------
default     ****************0001 ****************M5QX file

Replaces the key of the default profile, without confirmation.

.EXAMPLE
PS> Update-RoleKey default -WhatIf
What if: Performing the operation "Replace the access key, and delete the old one" on target "profile 'default'".

Shows which profiles would get the new key, without a call to AWS.

.EXAMPLE
PS> Get-RoleProfile | Where-Object KeyStore -EQ keychain | Update-RoleKey -Force

ProfileName     OldAccessKey         AccessKey            KeyStore
-----------     ------------         ---------            --------
{default, work} ****************0001 ****************M5QX keychain

Replaces all keys in the keychain. Two profiles have the same key here.

.NOTES
Error ids, each followed by ',RoleCredentials.UpdateRoleKeyCommand', none
of them terminating: ProfileNotFound, KeyNotRotatable (no key, or not one
of an IAM user), KeyLimitReached, AccessDenied, CredentialsRejected,
IamFailed, StsUnreachable and the other errors of a connection; FileBusy,
FileUnreadable, FileUnwritable; KeychainLocked, KeychainUnavailable,
KeychainFailed, KeychainKeyNotFound.

.LINK
https://docs.aws.amazon.com/IAM/latest/UserGuide/id-credentials-access-keys-update.html

.LINK
Set-RoleCredentials

.LINK
Test-Role
*/
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>Rotates access keys. Continues with the other profiles if one cannot be rotated.</summary>
[Cmdlet("Update", "RoleKey", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType("RoleCredentials.RotatedKey")]
public sealed class UpdateRoleKeyCommand : ProfileCmdlet
{
    // Two profiles may have one key, which is rotated once.
    private readonly HashSet<string> done = new(StringComparer.Ordinal);

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Profile", "StoredCredentials", "AWSProfileName")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string[] ProfileName { get; set; } = [];

    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var name in ProfileName.Where(name => !done.Contains(name)))
            Rotate(name);
    }

    private void Rotate(string name)
    {
        var request = new RotateKeyParams { ProfileName = name, ProfileLocation = PathOf(ProfileLocation) };
        var planned = Request(Methods.RotateKey, request with { WhatIf = true });
        if (planned.ErrorRecord is not null)
        {
            WriteError(planned.ErrorRecord);
            return;
        }
        var names = string.Join(", ", planned.Result!.ProfileNames.Select(profile => $"'{profile}'"));
        if (!IsConfirmed($"profile {names}", "Replace the access key, and delete the old one", Force))
            return;
        var progress = new ProgressRecord(7313, "Replacing an access key", $"Waiting for AWS to accept the new key of profile '{name}'");
        WriteProgress(progress);
        var rotated = Request(Methods.RotateKey, request);
        progress.RecordType = ProgressRecordType.Completed;
        WriteProgress(progress);
        if (rotated.ErrorRecord is not null)
            WriteError(rotated.ErrorRecord);
        else
            Write(rotated.Result!);
    }

    private void Write(RotatedKey rotated)
    {
        foreach (var warning in rotated.Warnings)
            WriteWarning(warning);
        done.UnionWith(rotated.ProfileNames);
        WriteObject(
            View.Of(
                "RoleCredentials.RotatedKey",
                ("ProfileName", rotated.ProfileNames),
                ("UserArn", rotated.Arn),
                ("OldAccessKey", rotated.OldAccessKeyId),
                ("AccessKey", rotated.NewAccessKeyId),
                ("KeyStore", rotated.KeyStore),
                ("Resumed", rotated.Resumed)
            )
        );
    }
}
