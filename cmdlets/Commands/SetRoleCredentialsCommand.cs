/*
.SYNOPSIS
Stores keys, a role, or defaults as a profile for every AWS tool.

.DESCRIPTION
Set-RoleCredentials writes a profile into the two files that the AWS CLI,
the AWS SDKs and AWS Tools for PowerShell share: keys into
~/.aws/credentials, all else into ~/.aws/config. The profile is 'default'
unless -StoreAs names another.

Called bare, or with -StoreAs alone, it asks like 'aws configure', showing
what is stored with keys masked; Enter keeps it.

What you do not name stays as it is: other profiles, other settings,
comments, line endings. An empty text removes a setting (-Region ''), and
so does -DurationInSeconds 0; $null and an empty column of the pipeline do
nothing. New keys take an old session token away. One
source takes the other's place: -SourceProfile removes credential_source,
and the other way round.

A profile is checked as a whole before a file is touched: the ARN, the
session name, the duration, that its sources exist and lead in no circle.
Refused is also what some AWS tool would read differently from the others:
names of other characters than A-Z a-z 0-9 _ - / . % @ : + and values with
a line break, a blank at an end, or a comment sign after a blank.

The files are locked, written beside their place and renamed, and readable
by you alone from the first instant. Symbolic links stay.

AN MFA CODE FOR ONE ROLE, OR FOR MANY. With -MfaSerial alone, the code
goes into AssumeRole: the role's session may last up to 12 hours, and the
next role wants the next code. With -MfaSession, the code opens a session
of the user first (GetSessionToken): it lasts 12 hours, or up to 36 with
-DurationInSeconds on the profile of the keys, and every role is assumed
from it without another code, for an hour each. Store -MfaSession with the
keys to use it for all their roles, or with a role to use it for that one.
Other AWS tools do not know this setting: they go on asking for a code for
each role.

.PARAMETER AccessKey
The access key to store. Without -SecretKey, the secret is asked
for, so that it stands in no history.

.PARAMETER SecretKey
The secret key of -AccessKey, as text or, better, as SecureString
(Read-Host -AsSecureString).

.PARAMETER SessionToken
The session token, if the keys are temporary; as text or
SecureString.

.PARAMETER Credential
Keys as an object: a PSCredential with the access key as its user
name, what Use-Role or Use-STSRole returned, or AWSCredentials of
the AWS SDK for .NET.

.PARAMETER ProfileName
A stored profile to copy: its credentials, and its region and output
format where it has them, become those of -StoreAs, unless -Region or
-Output say otherwise. Without -StoreAs that makes it the default, as
Initialize-AWSDefaultConfiguration does.

.PARAMETER RoleArn
The role of the profile: arn:aws:iam::123456789012:role/Admin. It
needs -SourceProfile or -CredentialSource.

.PARAMETER SourceProfile
The profile whose credentials assume the role. It may be a role
itself.

.PARAMETER CredentialSource
Where the credentials that assume the role come from, in place of a
profile: Environment, Ec2InstanceMetadata or EcsContainer.

.PARAMETER MfaSerial
The MFA device whose code is asked for: its ARN,
arn:aws:iam::123456789012:mfa/NAME, or the number on a hardware
device.

.PARAMETER ExternalId
The external id that the role's trust policy asks for: 2 to 1224 of
A-Z a-z 0-9 _ + = , . @ : / -

.PARAMETER RoleSessionName
The name under which AWS CloudTrail shows what the session does: 2
to 64 of
A-Z a-z 0-9 _ + = , . @ -
Without it, each session gets a name that ends in epoch seconds.

.PARAMETER DurationInSeconds
How long the session lasts, in seconds. For a role: 900 to 43200, as
far as the role allows; without it, 3600. For keys with -MfaSession:
900 to 129600; without it, 43200. 0 removes it.

.PARAMETER SourceIdentity
A name that stays with the role's session and with all that is
assumed from it: 2 to 64 of A-Z a-z 0-9 _ + = , . @ - The AWS CLI
does not know this setting (it is aws-vault's).

.PARAMETER Tag
Session tags: a hashtable, @{ project = 'apollo' }, or objects with
Key and Value. At most 50; a key has 1 to 128 characters, a value up
to 256, and here neither has a comma. All of them are replaced; @()
removes them. The AWS CLI does not know this setting (it is
aws-vault's).

.PARAMETER TransitiveTagKey
Keys of the tags that the next role of a chain inherits; @() removes
them.

.PARAMETER MfaSession
Uses the MFA code to open a session, from which roles are assumed
without another code (see above). -MfaSession:$false takes it back.
The AWS CLI does not know this setting.

.PARAMETER StoreAs
The profile to store in; it is made if it does not exist. Names are
case-sensitive. Default: default.

.PARAMETER Region
The region of the profile: eu-west-1.

.PARAMETER Output
The output format of the AWS CLI: json, yaml, yaml-stream, text,
table or off.

.PARAMETER ProfileLocation
A file in the form of ~/.aws/credentials, which takes that file's
place: all is stored there. Default: the files named by
AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE, else
~/.aws/credentials and ~/.aws/config.

.INPUTS
Objects with properties that are named like the parameters, such as the
rows of a CSV file with the columns StoreAs, RoleArn and SourceProfile.
Credentials are stored as keys. What Get-RoleProfile returned is stored
under its own name.

.OUTPUTS
None. -Verbose tells which files changed.

.EXAMPLE
PS> Set-RoleCredentials
AWS Access Key ID [None]: AKIAIOSFODNN7EXAMPLE
AWS Secret Access Key [None]: ****************************************
Default region name [None]: eu-west-1
Default output format [None]:

Asks for what makes up the default profile, as 'aws configure' does.

.EXAMPLE
PS> Set-RoleCredentials -AccessKey AKIAIOSFODNN7EXAMPLE -Region eu-west-1 -Verbose
AWS Secret Access Key: ****************************************
VERBOSE: Performing the operation "Store accessKeyId, region, secretAccessKey" on target "profile 'default' in /home/jo/.aws/config, /home/jo/.aws/credentials".
VERBOSE: Changed /home/jo/.aws/config.
VERBOSE: Changed /home/jo/.aws/credentials.

Stores keys as the default profile. The secret is asked for; it can also be
given as text or SecureString with -SecretKey.

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
PS> Set-RoleCredentials -StoreAs prod -Region eu-central-1 -WhatIf
What if: Performing the operation "Store region" on target "profile 'prod' in /home/jo/.aws/config".

Changes one setting of a profile, or here tells what would be changed.

.EXAMPLE
PS> Set-RoleCredentials -ProfileName prod -Verbose
VERBOSE: Performing the operation "Copy profile 'prod'" on target "profile 'default' in /home/jo/.aws/config".
VERBOSE: Changed /home/jo/.aws/config.

Makes the stored profile 'prod' the default.

.NOTES
Error ids, each followed by ',Set-RoleCredentials': what was asked:
ArnInvalid, RoleSessionNameInvalid, DurationInvalid,
ExternalIdInvalid, MfaSerialInvalid, SourceIdentityInvalid,
TagInvalid, RegionInvalid, ProfileNameInvalid, ValueRefused,
CredentialInvalid, ParameterConflict, ProfileLocationInvalid,
NothingToStore, InputRequired (nobody is there to be asked);
what is stored: ProfileNotFound, ProfileIncomplete, SourceMissing,
SourceConflict, SourceProfileNotFound, ProfileCycle,
CredentialSourceInvalid, FileBroken, FileUnreadable, FileUnwritable,
FileBusy. After any of them the files are as they were.

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

/// <summary>Stores keys, a role profile, or defaults; asks like <c>aws configure</c> when told nothing.</summary>
[Cmdlet("Set", "RoleCredentials", SupportsShouldProcess = true)]
[Alias("Set-RoleCredential")]
[OutputType(typeof(void))]
public sealed class SetRoleCredentialsCommand : InputCmdlet
{
    // What makes a role profile; keys, or a copy of a profile, do not go with it.
    private static readonly string[] RoleParameters =
    [
        "RoleArn",
        "SourceProfile",
        "CredentialSource",
        "ExternalId",
        "RoleSessionName",
        "SourceIdentity",
        "Tag",
        "TransitiveTagKey",
    ];

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

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(RoleCompleter))]
    [Optional]
    public string? StoreAs { get; set; }

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

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("ProfilesLocation", "AWSProfilesLocation")]
    [Optional]
    public string? ProfileLocation { get; set; }

    private protected override bool IsForMany => MyInvocation.ExpectingInput;

    // On the command line an empty text removes a setting. An empty column is one that a row has no value for.
    private protected override bool IsGiven(string parameter, object? value) =>
        value is not null && (IsOnCommandLine(parameter) || base.IsGiven(parameter, value is object?[] and [var only] ? only : value));

    private protected override void ProcessInput()
    {
        var given = GivenSettings();
        var name = given["StoreAs"] as string ?? "default";
        var request = At(given["ProfileLocation"] as string);
        AssertOneKind(given);
        var settings = ProfileSettings.From(this, given);
        if (given["ProfileName"] is string source)
        {
            request["from"] = source;
            request["to"] = name;
            if (settings.Count > 0)
                request["settings"] = settings;
            Store(
                "profile/copy",
                request,
                name,
                settings.Count > 0 ? $"Copy profile '{source}'; {ProfileSettings.InWords(settings)}" : $"Copy profile '{source}'"
            );
            return;
        }
        if (settings.Count == 0 && MyInvocation.ExpectingInput)
        {
            throw ThrowTerminating(
                "NothingToStore",
                "An object of the pipeline has nothing to store.",
                "Give it properties with the names of parameters, such as StoreAs, RoleArn and SourceProfile.",
                $"{Input}"
            );
        }
        if (settings.Count == 0)
            settings = Read(request, name);
        if (settings.Count == 0)
            return;
        request["profileName"] = name;
        request["settings"] = settings;
        Store("profile/store", request, name, ProfileSettings.InWords(settings));
    }

    // An object that holds credentials is stored as keys. What Get-RoleProfile returned, or a copy of it, is stored under its own name.
    private Hashtable GivenSettings()
    {
        var given = Given;
        if (Input is not { } input)
            return given;
        // A switch has no value that says "not given".
        if (!IsOnCommandLine("MfaSession") && SourceCredentials.ValueOf(input, "MfaSession") is null)
            given.Remove("MfaSession");
        if (SourceCredentials.IsHeldBy(input))
        {
            foreach (var name in given.Keys.Cast<string>().Where(name => !IsOnCommandLine(name) && name is not "Region").ToArray())
                given.Remove(name);
            given["Credential"] = input;
        }
        else if (
            SourceCredentials.ValueOf(input, "MfaSession") is not null
            && !IsOnCommandLine("ProfileName")
            && given["ProfileName"] is { } own
        )
        {
            given["StoreAs"] ??= own;
            given.Remove("ProfileName");
        }
        return given;
    }

    // A profile has keys, or a role, or what another profile has.
    private void AssertOneKind(Hashtable given)
    {
        var kinds = new[] { ["AccessKey", "SecretKey", "SessionToken"], ["Credential"], ["ProfileName"], RoleParameters }
            .Select(names => names.FirstOrDefault(given.ContainsKey))
            .OfType<string>()
            .ToArray();
        if (kinds.Length > 1)
        {
            throw ThrowTerminating(
                "ParameterConflict",
                $"-{kinds[0]} and -{kinds[1]} do not go together.",
                "A profile has keys, a role, or the credentials of another profile. Store them one by one.",
                $"-{kinds[1]}"
            );
        }
        if (
            kinds is ["ProfileName"]
            && new[] { "MfaSerial", "MfaSession", "DurationInSeconds" }.FirstOrDefault(given.ContainsKey) is { } idle
        )
        {
            throw ThrowTerminating(
                "ParameterConflict",
                $"-ProfileName and -{idle} do not go together.",
                $"Copy the profile first, and then set -{idle} with -StoreAs.",
                $"-{idle}"
            );
        }
        if (kinds is ["SecretKey" or "SessionToken"])
        {
            throw ThrowTerminating(
                "ParameterConflict",
                "An access key and its secret key go together, and the access key is missing.",
                "Give -AccessKey.",
                "AccessKey"
            );
        }
    }

    private void Store(string method, Hashtable request, string name, string what)
    {
        // What is wrong with the input is told before the question, and under -WhatIf too.
        var planned = Request(method, WhatIf(request));
        if (planned.ErrorRecord is not null)
        {
            ReportError(planned.ErrorRecord);
            return;
        }
        var files = (object[])planned.Result!["files"]!;
        if (files.Length == 0)
        {
            WriteStep($"Profile '{name}' says so already.");
            return;
        }
        if (!ShouldProcess($"profile '{name}' in {string.Join(", ", files)}", what))
            return;
        var done = Request(method, request);
        if (done.ErrorRecord is not null)
        {
            ReportError(done.ErrorRecord);
            return;
        }
        foreach (var file in (object[])done.Result!["files"]!)
            WriteStep($"Changed {file}.");
        foreach (var warning in done.Result["warnings"] as object[] ?? [])
            WriteWarning((string)warning);
    }

    // Asks as 'aws configure' does, showing what is stored, keys masked; Enter keeps.
    private Hashtable Read(Hashtable location, string profile)
    {
        var profiles = ((object[])Ask("profile/list", (Hashtable)location.Clone())["profiles"]!).Cast<Hashtable>();
        var stored = profiles.FirstOrDefault(one => one["name"] is string name && name == profile)?["settings"] as Hashtable ?? [];
        var questions = new List<(string Setting, string Question)>();
        if (View.Text(stored["roleArn"]) is not null)
            questions.AddRange([("roleArn", "Role ARN"), ("sourceProfile", "Source profile"), ("mfaSerial", "MFA serial")]);
        else
            questions.AddRange([("accessKeyId", "AWS Access Key ID"), ("secretAccessKey", "AWS Secret Access Key")]);
        questions.AddRange([("region", "Default region name"), ("output", "Default output format")]);

        var answers = new Hashtable();
        foreach (var (setting, question) in questions)
        {
            var answer = HostPrompt.ReadRequired(
                this,
                $"{question} [{View.Text(stored[setting]) ?? "None"}]",
                isSecret: setting == "secretAccessKey"
            );
            if (answer != "")
                answers[setting] = answer;
        }
        // Keys belong together: a token of other keys would make these useless.
        if (answers.ContainsKey("accessKeyId"))
            answers["sessionToken"] = null;
        return answers;
    }
}
