/*
.SYNOPSIS
Shows the stored profiles, without their secrets.

.DESCRIPTION
Get-RoleProfile reads the two files that all AWS tools share, by the rules
of the AWS SDKs: sections of the same name merge, and the credentials file
takes precedence. It shows roles, sources and settings under the parameter
names of Set-RoleCredentials. It never shows secret keys or session
tokens, and only the last characters of an access key.

It does not validate profiles: it shows an incomplete profile as it is.

.PARAMETER ProfileName
One or more profiles, optionally with wildcards: prod-*. Names are
case-sensitive, as in every AWS tool. Default: all profiles.

.INPUTS
System.String. Names of profiles.

.OUTPUTS
RoleCredentials.Profile. ProfileName, Source (a description of where its
credentials come from), RoleArn, Account and Role (of an IAM role or of
IAM Identity Center), SsoSession, LoginSession, SourceProfile,
CredentialSource, MfaSerial, MfaSession, MfaProcess, ExternalId,
RoleSessionName, DurationInSeconds, SourceIdentity, Tag,
TransitiveTagKey, AccessKey (masked), KeyStore (file, keychain or vault,
where the keys are), Region, Output. Settings that are not stored are
empty.

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

Lists all profiles. Source is the source profile, or the other source of
the credentials. MFA is 'code' if each role needs a code, 'session' if one
code serves many roles, and 'program' if a program prints the code.

.EXAMPLE
PS> Get-RoleProfile prod | Format-List

ProfileName   : prod
Source        : profile default
Account       : 123456789012
Role          : Admin
RoleArn       : arn:aws:iam::123456789012:role/Admin
SourceProfile : default
MfaSerial     : arn:aws:iam::111111111111:mfa/jo

Shows all settings of one profile.

.EXAMPLE
PS> Get-RoleProfile prod-* | Use-Role | Format-Table RoleArn, AccessKeyId

RoleArn                              AccessKeyId
-------                              -----------
arn:aws:iam::123456789012:role/Admin ASIAGJ4MMDTD4CH5BJHK
arn:aws:iam::222222222222:role/Admin ASIAX4WYTMYTM3VNNFMT

Assumes the roles of several profiles.

.NOTES
Error ids, each followed by ',RoleCredentials.GetRoleProfileCommand':
ProfileNotFound (not terminating), FileBroken (with the number of the
line), FileUnreadable.

.LINK
https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html

.LINK
Set-RoleCredentials

.LINK
Remove-RoleProfile

.LINK
Use-Role
*/
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>Lists stored profiles, without secrets.</summary>
[Cmdlet("Get", "RoleProfile")]
[OutputType("RoleCredentials.Profile")]
public sealed class GetRoleProfileCommand : ProfileCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Profile", "StoredCredentials", "AWSProfileName")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string[] ProfileName { get; set; } = ["*"];

    protected override void ProcessRecord()
    {
        var location = PathOf(ProfileLocation);
        var profiles = Ask(Methods.ListProfiles, new ListProfilesParams { ProfileLocation = location }).Profiles;
        foreach (var pattern in ProfileName)
        {
            var found = profiles.Where(profile => profile.Name == pattern).ToArray();
            if (found.Length == 0)
                found = profiles.Where(profile => IsMatch(pattern, profile.Name)).ToArray();
            foreach (var profile in found)
                WriteObject(StoredProfile.From(profile));
            if (found.Length > 0 || WildcardPattern.ContainsWildcardCharacters(pattern))
                continue;
            // The core knows which line of a file looks like the name.
            var request = new ProfileParams { ProfileName = pattern, ProfileLocation = location };
            if (Request(Methods.GetProfile, request).ErrorRecord is { } error)
                WriteError(error);
        }
    }

    // Profile names are case-sensitive in every AWS tool. A name with a bracket may be an invalid pattern.
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
