/*
.SYNOPSIS
Shows the stored profiles, without their secrets.

.DESCRIPTION
Get-RoleProfile reads the two files that all AWS tools share, by the rules
of the AWS SDKs: sections of one name merge, and what the credentials file
says wins. It shows roles, sources and settings under the names that the
parameters of Set-RoleCredentials have. Secret keys and session tokens are
never among them, and of an access key only its end.

Nothing is checked: a profile that cannot work is shown as it stands.

.PARAMETER ProfileName
A profile, or several, with wildcards if you like: prod-*. Names are
case-sensitive, as in every AWS tool. Default: all of them.

.PARAMETER ProfileLocation
A file to read, in the form of ~/.aws/credentials, which takes that
file's place. A file 'config' beside it is read too. Default: the
files named by AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE, else
~/.aws/credentials and ~/.aws/config.

.INPUTS
System.String. Names of profiles.

.OUTPUTS
RoleCredentials.Profile. ProfileName, Source (where its credentials come
from, in words), RoleArn, Account and Role (of an IAM role or of IAM
Identity Center), SsoSession, LoginSession, SourceProfile, CredentialSource, MfaSerial,
MfaSession, ExternalId, RoleSessionName, DurationInSeconds,
SourceIdentity, Tag, TransitiveTagKey, AccessKey (masked), Region, Output.
What is not stored is empty.

.EXAMPLE
PS> Get-RoleProfile

Account      ProfileName   Role         Source              MFA  Region
-------      -----------   ----         ------              ---  ------
             default                    keys                     eu-west-1
123456789012 prod          Admin        default             code
123456789012 batch         Batch        Ec2InstanceMetadata      us-east-1
222222222222 staff         Auditor      IAM Identity Center      eu-west-1
                                        corp
333333333333 console                    aws login

All profiles. Source is the source profile, or where else the credentials
come from. MFA is 'code' where each role wants a code, and 'session'
where one code serves many.

.EXAMPLE
PS> Get-RoleProfile prod | Format-List

ProfileName   : prod
Source        : profile default
Account       : 123456789012
Role          : Admin
RoleArn       : arn:aws:iam::123456789012:role/Admin
SourceProfile : default
MfaSerial     : arn:aws:iam::111111111111:mfa/jo

One profile, with all that is stored in it.

.EXAMPLE
PS> Get-RoleProfile prod-* | Use-Role | Format-Table RoleArn, AccessKeyId

RoleArn                              AccessKeyId
-------                              -----------
arn:aws:iam::123456789012:role/Admin ASIAGJ4MMDTD4CH5BJHK
arn:aws:iam::222222222222:role/Admin ASIAX4WYTMYTM3VNNFMT

Assumes the roles of several profiles.

.NOTES
Error ids, each followed by ',Get-RoleProfile': ProfileNotFound (not
terminating), FileBroken (with the number of the line),
FileUnreadable.

.LINK
https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html

.LINK
Set-RoleCredentials

.LINK
Remove-RoleProfile

.LINK
Use-Role
*/
using System.Collections;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>Lists what is stored, never with secrets.</summary>
[Cmdlet("Get", "RoleProfile")]
[OutputType("RoleCredentials.Profile")]
public sealed class GetRoleProfileCommand : RoleCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Profile", "StoredCredentials", "AWSProfileName")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string[] ProfileName { get; set; } = ["*"];

    [Parameter]
    [Alias("ProfilesLocation", "AWSProfilesLocation")]
    [Optional]
    public string? ProfileLocation { get; set; }

    protected override void ProcessRecord()
    {
        var location = At(ProfileLocation);
        var profiles = ((object[])Ask("profile/list", location)["profiles"]!).Cast<Hashtable>().ToArray();
        foreach (var pattern in ProfileName)
        {
            var found = profiles.Where(profile => (string)profile["name"]! == pattern).ToArray();
            if (found.Length == 0)
                found = profiles.Where(profile => IsMatch(pattern, (string)profile["name"]!)).ToArray();
            foreach (var profile in found)
                WriteObject(StoredProfile.From(profile));
            if (found.Length > 0 || WildcardPattern.ContainsWildcardCharacters(pattern))
                continue;
            // The core knows which line of a file looks like the name.
            if (Request("profile/get", new Hashtable(location) { ["profileName"] = pattern }).ErrorRecord is { } error)
                WriteError(error);
        }
    }

    // Profile names are case-sensitive in every AWS tool. A bracket may be part of a name, and then the pattern may be none.
    private static bool IsMatch(string pattern, string name)
    {
        try
        {
            return new WildcardPattern(pattern, WildcardOptions.CultureInvariant).IsMatch(name);
        }
        catch (WildcardPatternException)
        {
            return false;
        }
    }
}
