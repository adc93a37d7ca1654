/*
.SYNOPSIS
Stores keys, a role, or defaults as a profile for every AWS tool.

.DESCRIPTION
Set-RoleCredentials writes a profile to the two files that the AWS CLI,
the AWS SDKs and AWS Tools for PowerShell share: keys to
~/.aws/credentials, everything else to ~/.aws/config. The profile is
'default' unless -StoreAs names another.

Without parameters, or with only -StoreAs, it prompts like 'aws
configure'. It shows the stored values, with keys masked; Enter keeps a
value. For a profile without credentials, you choose between an access key
and IAM Identity Center. For the latter it prompts like 'aws configure
sso': for the session, which it stores if it is new, then for the account
and the role, after a sign-in with the browser.

It changes only the settings that you name, and preserves other profiles,
other settings, comments and line endings. An empty string removes a
setting (-Region ''), and so does -DurationInSeconds 0. $null and an empty
pipeline column change nothing, but $null for a role, a source or a key is
an error. New keys remove an old session token. A
new source replaces the old one: -SourceProfile removes
credential_source, and the reverse. Keys are an error for a profile whose
role or other credentials AWS tools use instead of them.

It checks the whole profile before it changes a file: the ARN, the session
name, the duration, and that the sources exist and form no cycle. It also
rejects text that AWS tools read differently from each other: names with
characters other than A-Z a-z 0-9 _ - / . % @ : + and values with a line
break, a leading or trailing space, or a comment sign after a space.

It locks the files, writes each change to a temporary file, and renames
it. Only you can read the files, from the moment they are created.
Symbolic links are preserved.

KEYS IN THE KEYCHAIN. With -Vault, the secret key (and the session token)
go to the system's keychain instead of a file: Keychain on macOS,
Credential Manager on Windows, and on Linux a Secret Service such as
GNOME Keyring, KWallet or KeePassXC. The profile then has a
credential_process line, which every AWS tool runs to get the keys. This
module's cmdlets read the keychain themselves. Keys leave the file only
after the keychain has returned them.

AN MFA CODE FOR ONE ROLE, OR FOR MANY. With only -MfaSerial, AssumeRole
uses the code: the role's session may last up to 12 hours, and the next
role needs the next code. With -MfaSession, the code first opens a session
of the user (GetSessionToken). The session lasts 12 hours, or up to 36
with -DurationInSeconds on the profile with the keys. Every role is
assumed from it without another code, and lasts an hour. Store -MfaSession
with the keys to use it for all their roles, or with a role to use it for
that role. Other AWS tools do not know this setting, and prompt for a code
for each role.

A PROGRAM THAT PRINTS THE CODE. With -MfaProcess, the cmdlets run a
program instead of the prompt. Store it in the profile of the role, or in
the profile of its source, beside the same -MfaSerial. No shell runs it:
for a pipe, write a script. It is tried once; if it fails, or if AWS
rejects its code, the cmdlet says why and prompts. Roles whose codes come
from a program renew themselves. On macOS and Linux, the program does not
run if the file of the profile belongs to another user or if everyone may
write it.

.PARAMETER AccessKey
The access key to store. Without -SecretKey, the cmdlet prompts for the
secret key, which keeps it out of the command history.

.PARAMETER SecretKey
The secret key of -AccessKey, as text or, better, as SecureString
(Read-Host -AsSecureString).

.PARAMETER SessionToken
The session token, if the keys are temporary, as text or
SecureString.

.PARAMETER Credential
Keys as an object: a PSCredential with the access key as its user
name, a result of Use-Role or Use-STSRole, or AWSCredentials of the
AWS SDK for .NET.

.PARAMETER ProfileName
A stored profile to copy to -StoreAs: its credentials, and its region
and output format if it has them. -Region and -Output override the
copied values. Without -StoreAs, the copy becomes the default profile,
as with Initialize-AWSDefaultConfiguration. With -Vault, the profile
whose keys move to the keychain.

.PARAMETER AsProcess
With -ProfileName: stores a credential_process, not a copy. Every AWS
tool then runs the command of this module to get the credentials of
-ProfileName, with its chain, MFA session and cache. The stored line stays
valid when you update the module.

.PARAMETER RoleArn
The role of the profile: arn:aws:iam::123456789012:role/Admin. It
needs -SourceProfile or -CredentialSource.

.PARAMETER SourceProfile
The profile whose credentials assume the role. It may be a role
itself.

.PARAMETER CredentialSource
The source of the credentials that assume the role, instead of a
profile: Environment, Ec2InstanceMetadata or EcsContainer.

.PARAMETER SsoSession
A session of IAM Identity Center. With -StartUrl and -SsoRegion, the
cmdlet stores the session: [sso-session NAME] in ~/.aws/config. With
-AccountId and -RoleName, it stores a profile that uses the session.

.PARAMETER StartUrl
The address of the AWS access portal of -SsoSession, or, without
-SsoSession, of the profile.

.PARAMETER SsoRegion
The region of IAM Identity Center.

.PARAMETER AccountId
The account of the role of IAM Identity Center: 12 digits.

.PARAMETER RoleName
The role (permission set) of IAM Identity Center.

.PARAMETER MfaSerial
The MFA device for the code: its ARN,
arn:aws:iam::123456789012:mfa/NAME, or the number on a hardware
device.

.PARAMETER ExternalId
The external id that the role's trust policy requires: 2 to 1224 of
A-Z a-z 0-9 _ + = , . @ : / -

.PARAMETER RoleSessionName
The name of the session in AWS CloudTrail: 2 to 64 of
A-Z a-z 0-9 _ + = , . @ -
Without it, each session gets a name that ends in epoch seconds.

.PARAMETER DurationInSeconds
How long the session lasts, in seconds. For a role: 900 to 43200, up to
the role's maximum; default 3600. For keys with -MfaSession: 900 to
129600; default 43200. 0 removes the setting.

.PARAMETER SourceIdentity
A name that stays with the role's session and all roles assumed from
it: 2 to 64 of A-Z a-z 0-9 _ + = , . @ - The AWS CLI does not know this
setting (aws-vault defines it).

.PARAMETER Tag
Session tags: a hashtable, @{ project = 'apollo' }, or objects with
Key and Value. At most 50 tags; a key has 1 to 128 characters and a
value up to 256. A stored tag cannot contain a comma. The new tags
replace all old ones; @() removes them. The AWS CLI does not know this
setting (aws-vault defines it).

.PARAMETER TransitiveTagKey
Keys of the tags that the next role of a chain inherits; @() removes
them.

.PARAMETER MfaSession
Uses the MFA code to open a session, from which roles are assumed
without another code (see above). -MfaSession:$false removes the
setting. The AWS CLI does not know it.

.PARAMETER MfaProcess
A command that prints the code of -MfaSerial's device, such as
'ykman oath accounts code --single aws', 'op item get AWS --otp' or
'pass otp aws' (see above). An empty string removes the setting. The AWS
CLI does not know it (aws-vault defines it).

.PARAMETER Vault
Keeps the keys in the system's keychain (see above): the given ones, or
with -ProfileName those that the profile has in a file. The cmdlet
refuses a profile with another source of credentials, such as a role.

.PARAMETER VaultName
Keeps the keys in a vault of the module
Microsoft.PowerShell.SecretManagement instead of the system's keychain.
The module must be installed. Only PowerShell can read such a vault, so
the profile's credential_process starts PowerShell, which takes about a
second. The vault must not ask for a password. Update-RoleKey does not
rotate such keys.

.PARAMETER StoreAs
The profile to store. It is created if it does not exist. Names are
case-sensitive. Default: default.

In a pipeline from Get-IdentityCenterRole, the name may contain
{AccountName}, {AccountId}, {RoleName} and {SsoSession}. Such a
template adds profiles and changes none: a profile of the same name
with other settings is an error. All profiles are stored in one change of
the file. The cmdlet then names the stored profiles of the same session
whose account or role is gone.

.PARAMETER Prune
With a template in -StoreAs: removes the stored profiles whose account
or role is gone. It removes only profiles that such a command has stored
and no one has edited since, which role_credentials_digest in the profile
shows. It looks at everything that the session gives you, so a filtered
pipeline removes nothing more. If an account cannot be listed, nothing
is removed.

.PARAMETER Region
The region of the profile: eu-west-1.

.PARAMETER Output
The output format of the AWS CLI: json, yaml, yaml-stream, text,
table or off.

.PARAMETER ProfileLocation
A file to use instead of ~/.aws/credentials, in the same format. The
cmdlet stores everything in it. Default: the files named by
AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE, or
~/.aws/credentials and ~/.aws/config.

.INPUTS
Objects with properties that are named like the parameters, such as the
rows of a CSV file with the columns StoreAs, RoleArn and SourceProfile.
Credentials are stored as keys. Objects of Get-RoleProfile are stored
under their own names.

.OUTPUTS
None. -Verbose shows which files changed.

.EXAMPLE
PS> Set-RoleCredentials
Credentials: 1 an access key, 2 IAM Identity Center [1]:
AWS Access Key ID [None]: AKIAIOSFODNN7EXAMPLE
AWS Secret Access Key [None]: ****************************************
Default region name [None]: eu-west-1
Default output format [None]:

Prompts for the settings of the default profile, as 'aws configure' does.

.EXAMPLE
PS> Set-RoleCredentials -AccessKey AKIAIOSFODNN7EXAMPLE -Region eu-west-1 -Verbose
AWS Secret Access Key: ****************************************
VERBOSE: Performing the operation "Store accessKeyId, region, secretAccessKey" on target "profile 'default' in /home/jo/.aws/config, /home/jo/.aws/credentials".
VERBOSE: Changed /home/jo/.aws/config.
VERBOSE: Changed /home/jo/.aws/credentials.

Stores keys as the default profile, and prompts for the secret key. You can
also pass it as text or SecureString with -SecretKey.

.EXAMPLE
PS> Set-RoleCredentials
Credentials: 1 an access key, 2 IAM Identity Center [1]: 2
SSO session name [None]: corp
SSO start URL [None]: https://my-company.awsapps.com/start
SSO region [None]: eu-west-1
SSO registration scopes [sso:account:access]:
Sign in to IAM Identity Center in your browser. If it shows no page, open
this address:
https://oidc.eu-west-1.amazonaws.com/authorize?response_type=code&...
   1  123456789012  Production
   2  222222222222  Staging
Number or name of the account [1]: Staging
   1  PowerUser
Number or name of the role [1]:
Default region name [None]: eu-west-1
Default output format [None]:
Profile name [PowerUser-222222222222]: staging

Stores a session of IAM Identity Center and a profile of it, as 'aws
configure sso' does.

.EXAMPLE
PS> Set-RoleCredentials -StoreAs prod -RoleArn arn:aws:iam::123456789012:role/Admin -SourceProfile default -MfaSerial arn:aws:iam::111111111111:mfa/jo
PS> Get-RoleProfile prod

ProfileName Source          MFA  Region RoleArn
----------- ------          ---  ------ -------
prod        profile default code        arn:aws:iam::123456789012:role/Adm
                                        in

Stores a role that is assumed with the default profile and an MFA code.

.EXAMPLE
PS> Set-RoleCredentials -MfaSerial arn:aws:iam::111111111111:mfa/jo -MfaSession -DurationInSeconds 129600
PS> 'prod', 'audit' | ForEach-Object { Use-Role -ProfileName $_ } | Format-Table RoleArn, Expiration
MFA code of arn:aws:iam::111111111111:mfa/jo: 123456

RoleArn                              Expiration
-------                              ----------
arn:aws:iam::123456789012:role/Admin 11/23/2026 10:47:35 PM
arn:aws:iam::222222222222:role/Audit 11/23/2026 10:47:35 PM

One MFA code for all roles of the default profile, for 36 hours.

.EXAMPLE
PS> Set-RoleCredentials -MfaSerial arn:aws:iam::111111111111:mfa/jo -MfaProcess 'ykman oath accounts code --single aws'

Gets the codes of the default profile's device from a security key,
instead of the prompt. There is no output.

.EXAMPLE
PS> Set-RoleCredentials -StoreAs prod -Region eu-central-1 -WhatIf
What if: Performing the operation "Store region" on target "profile 'prod' in /home/jo/.aws/config".

Shows the change of one setting, without making it.

.EXAMPLE
PS> Set-RoleCredentials -ProfileName default -Vault -Confirm

Confirm
Are you sure you want to perform this action?
Performing the operation "Move the keys to the keychain" on target
"profile 'default' in /home/jo/.aws/config, /home/jo/.aws/credentials".
[Y] Yes [A] Yes to All [N] No [L] No to All [S] Suspend [?] Help
(default is "Y"): y

Moves the keys of a profile from the file to the system's keychain. Without
-Confirm, it does not ask.

.EXAMPLE
PS> Set-RoleCredentials -ProfileName prod -Verbose
VERBOSE: Performing the operation "Copy profile 'prod'" on target "profile 'default' in /home/jo/.aws/config".
VERBOSE: Changed /home/jo/.aws/config.

Makes the stored profile 'prod' the default.

.EXAMPLE
PS> Set-RoleCredentials -ProfileName prod -StoreAs prod-for-terraform -AsProcess
PS> (Get-RoleProfile prod-for-terraform).Source
credential process

Stores a profile for tools that cannot assume the role themselves. They
get the credentials of 'prod' from this module's command.

.EXAMPLE
PS> Set-RoleCredentials -SsoSession corp -StartUrl https://my-company.awsapps.com/start -SsoRegion eu-west-1
PS> Get-IdentityCenterRole corp | Set-RoleCredentials -StoreAs '{AccountName}-{RoleName}' -Region eu-west-1
PS> Get-RoleProfile | Format-Table ProfileName, Account, Role, SsoSession

ProfileName         Account      Role      SsoSession
-----------         -------      ----      ----------
Production-ReadOnly 123456789012 ReadOnly  corp
Production-Admin    123456789012 Admin     corp

Stores a session of IAM Identity Center, as 'aws configure sso-session'
does, and a profile for each of your roles.

.EXAMPLE
PS> Get-IdentityCenterRole corp | Set-RoleCredentials -StoreAs '{AccountName}-{RoleName}' -Prune -WhatIf
What if: Performing the operation "Store ssoAccountId, ssoRoleName, ssoSession" on target "profile 'Staging-Admin' in /home/jo/.aws/config".
What if: Performing the operation "Remove" on target "profile 'Legacy-Admin' in /home/jo/.aws/config".

Shows which profiles would be added and removed.

.NOTES
Error ids, each followed by ',RoleCredentials.SetRoleCredentialsCommand':
for the input: ArnInvalid, RoleSessionNameInvalid, DurationInvalid,
ExternalIdInvalid, MfaSerialInvalid, SourceIdentityInvalid, TagInvalid,
RegionInvalid, AccountIdInvalid, StartUrlInvalid, ProfileNameInvalid,
ValueRefused, CredentialInvalid, ParameterConflict,
ProfileLocationInvalid, NothingToStore, InputRequired (the session cannot
prompt); for IAM Identity Center: SsoLoginRequired, SsoFailed,
AccessDenied, AccountNotFound, SignInDenied, SignInTimeout,
SignInPortUnavailable; for the keychain: KeychainUnavailable,
KeychainLocked, KeychainFailed; for a vault: VaultFailed;
for stored data: ProfileNotFound, ProfileIncomplete, SourceMissing,
SourceConflict, SourceProfileNotFound, SsoSessionNotFound,
ProfileConflict, ProfileCycle, CredentialSourceInvalid, FileBroken,
FileUnreadable, FileUnwritable, FileBusy. After an error the files are
unchanged.

.LINK
https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html

.LINK
https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html

.LINK
Get-RoleProfile

.LINK
Remove-RoleProfile

.LINK
Use-Role

.LINK
about_RoleCredentials
*/
using System.Collections;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>Stores keys, a role profile, or defaults. Prompts like <c>aws configure</c> without parameters.</summary>
[Cmdlet("Set", "RoleCredentials", SupportsShouldProcess = true)]
[Alias("Set-RoleCredential")]
[OutputType(typeof(void))]
public sealed class SetRoleCredentialsCommand : InputCmdlet
{
    private readonly IdentityCenterProfile names = new();

    // The profiles of a template in -StoreAs, for each -ProfileLocation.
    private readonly Dictionary<string, RoleProfiles> roleProfiles = new(StringComparer.Ordinal);

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("AK")]
    [Optional]
    public string? AccessKey { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("SK", "SecretAccessKey")]
    [Optional]
    public object? SecretKey { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("ST")]
    [Optional]
    public object? SessionToken { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Credentials")]
    [Optional]
    public object? Credential { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Profile", "StoredCredentials", "AWSProfileName")]
    [ArgumentCompleter(typeof(RoleCompleter))]
    [Optional]
    public string? ProfileName { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [OptionalSwitch]
    public SwitchParameter AsProcess { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(RoleCompleter))]
    [Setting]
    public string? RoleArn { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(RoleCompleter))]
    [Setting]
    public string? SourceProfile { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(RoleCompleter))]
    [Setting]
    public string? CredentialSource { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(RoleCompleter))]
    [Setting]
    public string? SsoSession { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("SsoStartUrl")]
    [Setting]
    public string? StartUrl { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(RoleCompleter))]
    [Setting]
    public string? SsoRegion { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Id")]
    [AccountId(IsEmptyKept = true)]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string? AccountId { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(RoleCompleter))]
    [Setting]
    public string? RoleName { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("SerialNumber")]
    [ArgumentCompleter(typeof(RoleCompleter))]
    [Setting]
    public string? MfaSerial { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Setting]
    public string? ExternalId { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Setting]
    public string? RoleSessionName { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("DurationSeconds")]
    [OptionalNumber]
    public int? DurationInSeconds { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Setting]
    public string? SourceIdentity { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Tags")]
    [Setting]
    public object[]? Tag { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("TransitiveTagKeys")]
    [Setting]
    public string[]? TransitiveTagKey { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [OptionalSwitch]
    public SwitchParameter MfaSession { get; set; }

    [Parameter]
    public SwitchParameter Vault { get; set; }

    [Parameter]
    [Optional]
    public string? VaultName { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Setting]
    public string? MfaProcess { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(RoleCompleter))]
    [Optional]
    public string? StoreAs { get; set; }

    [Parameter]
    public SwitchParameter Prune { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("RegionToCall")]
    [Region(IsEmptyKept = true)]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string? Region { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [OutputFormat]
    [ArgumentCompleter(typeof(OutputFormatCompleter))]
    [Setting]
    public string? Output { get; set; }

    internal bool IsForVault => Vault || VaultName is not null;

    private protected override bool IsForMany => MyInvocation.ExpectingInput;

    // On the command line, an empty string removes a setting. In the pipeline, an empty column means that the row has no value.
    private protected override bool IsGiven(string parameter, object? value) =>
        value is not null && (IsOnCommandLine(parameter) || base.IsGiven(parameter, value is object?[] and [var only] ? only : value));

    private protected override void ProcessInput()
    {
        var given = ProfileInput.Of(this);
        var location = PathOf(given["ProfileLocation"] as string);
        ProfileInput.AssertOneKind(this, given);
        if (NameFor(given) is not { } name || !IsSessionReady(given, location))
            return;
        var settings = ProfileSettings.From(this, given);
        if (IdentityCenterProfile.IsTemplate(given["StoreAs"] as string ?? ""))
        {
            if (!roleProfiles.TryGetValue(location ?? "", out var profiles))
                roleProfiles[location ?? ""] = profiles = new RoleProfiles(this, location);
            profiles.Add(name, settings);
        }
        else if (given["ProfileName"] is string source && !IsForVault)
        {
            Copy(
                new CopyProfileParams
                {
                    From = source,
                    To = name,
                    ProfileLocation = location,
                    AsProcess = ProfileInput.IsProcess(given),
                    Settings = settings.Count > 0 ? settings : null,
                }
            );
        }
        else
            Store(given, name, settings, location);
    }

    private void Copy(CopyProfileParams request)
    {
        var what = request.AsProcess is true
            ? $"Store a credential_process for profile '{request.From}'"
            : $"Copy profile '{request.From}'";
        ProfileChange.Make(
            this,
            isPlan => TryAsk(Methods.CopyProfile, request with { WhatIf = isPlan ? true : null }),
            $"profile '{request.To}'",
            request.Settings is { } settings ? $"{what}; {ProfileSettings.InWords(settings)}" : what
        );
    }

    private void Store(Hashtable given, string name, Dictionary<string, string?> settings, string? location)
    {
        var isMove = IsForVault && (given.ContainsKey("ProfileName") || MyInvocation.ExpectingInput);
        if (settings.Count == 0 && !isMove)
        {
            if (MyInvocation.ExpectingInput)
                throw ThrowTerminating(
                    "NothingToStore",
                    "A pipeline object has no properties to store.",
                    "Add properties with the names of parameters, such as StoreAs, RoleArn and SourceProfile.",
                    $"{Input}"
                );
            (name, settings) = ProfilePrompts.Read(this, location, given["StoreAs"] as string, IsForVault);
            if (settings.Count == 0 && !IsForVault)
                return;
        }
        var request = new StoreProfileParams
        {
            ProfileName = name,
            ProfileLocation = location,
            Settings = settings,
            Vault = Vault ? true : null,
        };
        ProfileChange.Make(
            this,
            isPlan =>
                VaultName is null
                    ? TryAsk(Methods.StoreProfile, request with { WhatIf = isPlan ? true : null })
                    : SecretManagement.StoreProfile(this, VaultName, request, isPlan),
            $"profile '{name}'",
            ProfileSettings.InWords(
                settings,
                VaultName is { } vault ? $"the vault '{vault}'"
                    : Vault ? "the keychain"
                    : null
            )
        );
    }

    protected override void EndProcessing()
    {
        foreach (var profiles in roleProfiles.Values)
            profiles.Store(Prune);
    }

    // The name of the profile. Returns null after an error of a template, which leaves the other objects to do.
    private string? NameFor(Hashtable given)
    {
        var name = given["StoreAs"] as string ?? (IsForVault ? given["ProfileName"] as string : null) ?? "default";
        return IdentityCenterProfile.IsTemplate(name) ? names.NameFrom(this, name, given) : name;
    }

    // Stores the sso-session, if the input describes one. Returns whether a profile remains to be stored.
    private bool IsSessionReady(Hashtable given, string? location)
    {
        if (given["SsoSession"] is not string { Length: > 0 } session || !(given.ContainsKey("StartUrl") || given.ContainsKey("SsoRegion")))
            return true;
        var request = new StoreSessionParams
        {
            SsoSession = session,
            StartUrl = given["StartUrl"] as string,
            SsoRegion = given["SsoRegion"] as string,
            ProfileLocation = location,
        };
        var isStored = ProfileChange.Make(
            this,
            isPlan => TryAsk(Methods.StoreSession, request with { WhatIf = isPlan ? true : null }),
            $"sso-session '{session}'",
            "Store startUrl, ssoRegion"
        );
        given.Remove("StartUrl");
        given.Remove("SsoRegion");
        return isStored && new[] { "AccountId", "RoleName", "StoreAs" }.Any(given.ContainsKey);
    }
}
