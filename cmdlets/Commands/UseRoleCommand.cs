/*
.SYNOPSIS
Assumes an IAM role, or many, and returns temporary credentials.

.DESCRIPTION
Use-Role asks AWS STS for temporary credentials of a role. It has the
parameters of Use-STSRole of AWS Tools for PowerShell, and its result fits
wherever those cmdlets take -Credential.

WHICH ROLE. Name it by its ARN (-RoleArn), by a stored profile
(-ProfileName), or by name and account (-RoleName with -AccountId). A text
without a parameter's name, and one from the pipeline, is an ARN where it
begins with 'arn:', and else a profile: Use-Role prod. With none of them
you get the credentials that AWS tools use by default. Parameters that
describe the session win over what a profile says.

WHOSE CREDENTIALS ASSUME IT. -Credential, or -AccessKey with -SecretKey;
else -SourceProfile; else, with -RoleArn or -RoleName, the profile named
by -ProfileName; else the order of the AWS CLI: keys in the environment,
the profile named by AWS_PROFILE or the profile 'default', a container,
the metadata of an EC2 instance. A profile may name another one as its
source (source_profile) to any depth; each hop is then assumed in turn.

THE PIPELINE. Every parameter that describes the role or its session binds
by the name of a property, so that a row of a CSV file may say
RoleArn,ProfileName,ExternalId. An empty column is not given. An object
that holds credentials (what Use-Role or Use-STSRole returned, or a copy of
it) stands for these credentials and is not assumed anew; where a role is
named on the command line, they assume it.

HOW LONG. 900 to 43200 seconds, 3600 by default, and no longer than the
role's own maximum. When temporary credentials assume a role ("role
chaining"), AWS allows an hour.

MFA. Where a role wants a second factor, the code is asked for at the
prompt, once, and only when nothing cached will do. There are two ways to
use a code, and a profile chooses one:

- In AssumeRole, which is the default. The session may last as long as the
  role allows, up to 12 hours; the code serves this one role.
- In GetSessionToken first (Set-RoleCredentials -MfaSession). The session
  lasts 12 hours, or up to 36 by the duration stored with the keys, and
  serves any number of roles without another code; each of them lasts an
  hour at most, and is renewed from the session.

Where nobody can be asked, as in a scheduled task, the error MfaRequired
says so; give the code with -TokenCode.

A SCRIPT BLOCK. With -ScriptBlock, Use-Role runs the block as the role and
returns what the block returns: its credentials are in the environment for
the AWS CLI and every other tool, and in AWS Tools where they are loaded,
as by Enter-Role. However the block ends, all is as it was before. With
many roles it runs for each, one after another.

CACHE. Credentials that have 15 minutes left are used again, in this
session and in the next ones. What the AWS CLI would have cached is shared
with it, in ~/.aws/cli/cache; all else is kept in
~/.aws/role-credentials/cache. -NoCache does without either, and
Clear-RoleCache forgets.

ERRORS. With one role a failure ends the command, so that nothing goes on
with other credentials. With many, each failure is an error of its own,
and the others come out.

.PARAMETER RoleArn
The ARN of the role, or of several:
arn:aws:iam::123456789012:role/Admin. Its partition (aws, aws-cn,
aws-us-gov, ...) must be that of the region. Without the parameter's
name, a text that is no ARN is the name of a profile.

.PARAMETER ProfileName
A stored profile, or several; names are case-sensitive. Alone: the
profile whose role is assumed, or whose credentials are returned if
it has no role. With -RoleArn or -RoleName: the profile whose
credentials assume the role.

.PARAMETER RoleName
The name of a role, with its path if it has one: Admin,
ops/ci/Deployer. The account comes from -AccountId, the partition
from the region.

.PARAMETER AccountId
The account of the role named by -RoleName, or several: 12 digits.
A number gets its leading zeros back.

.PARAMETER RoleSessionName
The name under which AWS CloudTrail shows what the session does: 2
to 64 of
A-Z a-z 0-9 _ + = , . @ -
Default: role_session_name of the profile, else
AWS_ROLE_SESSION_NAME, else RoleCredentials-session- and the time in
epoch seconds.

.PARAMETER Policy
An IAM policy as JSON, 1 to 2048 characters. The session may do what
both the role and this policy allow. Default: none.

.PARAMETER DurationInSeconds
How long the credentials last, in seconds: 900 to 43200, and at most
3600 where temporary credentials assume the role. Default:
duration_seconds of the profile, else 3600.

.PARAMETER ExternalId
The external id that the role's trust policy asks for: 2 to 1224 of
A-Z a-z 0-9 _ + = , . @ : / -
Default: external_id of the profile.

.PARAMETER MfaSerial
The MFA device of the user who assumes the role: its ARN,
arn:aws:iam::123456789012:mfa/NAME, or the number on a hardware
device. Default: mfa_serial of the profile.

.PARAMETER TokenCode
The six digits that the MFA device shows. A code works once. Without
it, the code is asked for when it is needed.

.PARAMETER PolicyArn
The ARNs of managed policies, at most 10, that limit the session as
-Policy does: text, or the PolicyDescriptorType objects of
Use-STSRole.

.PARAMETER Tag
Session tags: a hashtable, @{ project = 'apollo' }, or objects with
Key and Value. At most 50; a key has 1 to 128 characters, a value up
to 256. Default: session_tags of the profile.

.PARAMETER TransitiveTagKey
Keys of the tags that the next role of a chain inherits. Default:
transitive_session_tags of the profile.

.PARAMETER SourceIdentity
A name that stays with the session, and with all that is assumed
from it: 2 to 64 of A-Z a-z 0-9 _ + = , . @ - Default:
source_identity of the profile.

.PARAMETER SourceProfile
A stored profile whose credentials assume the role, in place of
those that would be taken else.

.PARAMETER Credential
Credentials that assume the role: what Use-Role or Use-STSRole
returned, any AWSCredentials of the AWS SDK for .NET, or a
PSCredential that holds an access key and its secret key.

.PARAMETER AccessKey
An access key that assumes the role, with -SecretKey.

.PARAMETER SecretKey
The secret key of -AccessKey, as text or as SecureString.

.PARAMETER SessionToken
The session token of -AccessKey, if its credentials are temporary,
as text or as SecureString.

.PARAMETER ProfileLocation
A file to read profiles from, in the form of ~/.aws/credentials,
which takes that file's place. A file 'config' beside it is read
too. Default: the files named by AWS_SHARED_CREDENTIALS_FILE and
AWS_CONFIG_FILE, else ~/.aws/credentials and ~/.aws/config.

.PARAMETER Region
The region whose STS is called, and the region of the result: a
name, or the RegionEndpoint or AWSRegion object of AWS Tools.
Default: the profile's, else AWS_REGION, else AWS_DEFAULT_REGION,
else the instance's, else us-east-1 for the call, and none in the
result.

.PARAMETER EndpointUrl
The URL of STS, for a VPC endpoint or a test. Default: as the AWS
CLI finds it (AWS_ENDPOINT_URL_STS, endpoint_url, ...), else that of
the region.

.PARAMETER NoCache
Calls STS in any case, and keeps nothing.

.PARAMETER ThrottleLimit
How many roles are assumed at the same time: 1 to 256. Default: 16.
With 1, a result comes out before the next object comes in, so that
-PipelineVariable of an earlier command names its input. With more,
$_.InputObject of the result is its input.

.PARAMETER InOrder
Returns the credentials of many roles in the order of the input.
Without it they come as they are ready.

.PARAMETER ScriptBlock
Runs this as the role, and returns its output in place of credentials,
which are $_ in the block. It runs where you are, and sees your
variables. As long as it runs the role is renewed, if that takes no
MFA code.

.PARAMETER ArgumentList
Arguments of -ScriptBlock: its parameters, or $args.

.PARAMETER AutoRefresh
Returns credentials for a job of many hours: what AWS Tools make of
them renews itself, by running this module's credential-process, and
the object renews its keys when they are read in their last ten
minutes. A copy of it keeps the keys that it got. Renewal is not
possible where each renewal would take an MFA code, or where the
source was given with -Credential or -AccessKey.

.PARAMETER Chain
Within Enter-Role, or within a script block: starts from the role that
the session is in, for an hour at most. Without it, the credentials
that the session had at the beginning assume the role.

.PARAMETER Select
What is returned, as in AWS Tools: '*', the default, for the whole
result; a property, such as Credentials.AccessKeyId; or '^' and the
name of a parameter for its value, such as '^RoleArn'.

.PARAMETER Force
Asks for no confirmation, where $ConfirmPreference or -Confirm would
ask for one.

.INPUTS
System.String. The ARNs of roles or the names of profiles, or with
-RoleName the ids of accounts. Objects bind by the names of the
parameters, and by Id, as AWS Organizations calls an account's id. Those of
Get-RoleProfile and Get-RoleHistory bind by their profile, where they have
one. Credentials stand for themselves.

.OUTPUTS
RoleCredentials. AccessKeyId, SecretAccessKey, SessionToken, Expiration (a
DateTime in UTC), AssumedRoleUser (with Arn and AssumedRoleId),
SourceIdentity, PackedPolicySize (percent), RoleArn, ProfileName,
AccountId, Region, and AccessKey, the access key id under the name that AWS
Tools bind. $r.Credentials is the object itself, so that
$r.Credentials.AccessKeyId of a script written for Use-STSRole works too;
$r.InputObject is the object of the pipeline that it was made for. The
default view masks secret and token; the properties hold them. A copy
(Select-Object *, ConvertTo-Json, Export-Clixml, a job, a remote session)
holds the same keys: AWS Tools and the cmdlets of this module take it.

.EXAMPLE
PS> $Creds = Use-Role -RoleArn arn:aws:iam::123456789012:role/Admin
PS> $Creds

RoleArn         : arn:aws:iam::123456789012:role/Admin
AssumedRole     : arn:aws:sts::123456789012:assumed-role/Admin/RoleCreden
                  tials-session-1795470455
AccessKeyId     : ASIAGJ4MMDTD4CH5BJHK
SecretAccessKey : ****************
SessionToken    : ****************
Expiration      : 2026-11-23 22:47:35Z (in 59 min)
Region          : eu-west-1

Assumes a role with the default credentials. Nothing secret is shown.

.EXAMPLE
PS> Get-STSCallerIdentity -Credential $Creds | Format-List Account, Arn

Account : 123456789012
Arn     : arn:aws:sts::123456789012:assumed-role/Admin/RoleCredentials-ses
          sion-1795470455

Any cmdlet of AWS Tools for PowerShell takes the result as -Credential.

.EXAMPLE
PS> (Use-Role -ProfileName prod -DurationInSeconds 43200).Expiration
MFA code of arn:aws:iam::111111111111:mfa/jo: 123456

Tuesday, November 24, 2026 9:47:35 AM

The stored profile 'prod' names the role, its source and the MFA device,
whose code is asked for once. Until the credentials expire, the same
command asks no more. The time is in UTC.

.EXAMPLE
PS> '111111111111', '222222222222' | Use-Role -RoleName Audit -InOrder | Format-Table RoleArn, AccessKeyId

RoleArn                               AccessKeyId
-------                               -----------
arn:aws:iam::111111111111:role/Audit  ASIAX4WYTMYTM3VNNFMT
arn:aws:iam::222222222222:role/Audit  ASIAVNVQZP63IE7KH3SJ

One role in many accounts, 16 at a time.

.EXAMPLE
PS> Get-ORGAccountList | Use-Role -RoleName Audit | ForEach-Object { "$($_.InputObject.Name): $(@(Get-EC2Instance -Credential $_).Count)" }
Production: 12
Staging: 3

One role in every account of an organization, in parallel. Each result
knows the object that it was made for.

.EXAMPLE
PS> Use-Role -ProfileName prod -ScriptBlock { aws s3 ls; terraform plan }
2026-11-01 09:12:44 my-bucket
No changes. Your infrastructure matches the configuration.

Runs other tools as the role. Afterwards the session is as it was.

.EXAMPLE
PS> $Creds = Use-Role -ProfileName prod -AutoRefresh
PS> Get-S3Object -BucketName my-bucket -Credential $Creds | Copy-S3Object -LocalFolder backup -Credential $Creds

Credentials for a job that outlasts its hour. It shows nothing.

.EXAMPLE
PS> $env:AWS_PROFILE = 'prod'; Use-Role -RoleArn arn:aws:iam::222222222222:role/Deploy -Tag @{ project = 'apollo' } -TransitiveTagKey project | Format-List AssumedRoleUser, PackedPolicySize

AssumedRoleUser  : arn:aws:sts::222222222222:assumed-role/Deploy/RoleCreden
                   tials-session-1795470455
PackedPolicySize : 2

From role to role: the profile 'prod' is assumed first, and its session
assumes the next role, for an hour at most, with a tag that is passed on.

.EXAMPLE
PS> Use-Role -RoleArn arn:aws:iam::123456789012:role/Other
Use-Role: AssumeRole failed at role arn:aws:iam::123456789012:role/Other:
User: arn:aws:iam::111111111111:user/jo is not authorized to perform:
sts:AssumeRole on resource: arn:aws:iam::123456789012:role/Other

PS> $Error[0].ErrorDetails.RecommendedAction
The caller's identity policy must allow sts:AssumeRole on this role, and
the role's trust policy must allow the caller, with its conditions
(external id, MFA, source identity). Test-Role tells more.

Each error has an id (AccessDenied,Use-Role), a category, a target, and the
next step.

.NOTES
Error ids, each followed by ',Use-Role': what was asked: ArnInvalid,
AccountIdInvalid, RoleNameInvalid, RoleSessionNameInvalid,
DurationInvalid, ExternalIdInvalid, MfaSerialInvalid,
TokenCodeInvalid, PolicyInvalid, TagInvalid, SourceIdentityInvalid,
RegionInvalid, PartitionMismatch, EndpointInvalid, ParameterConflict,
NoRoleNamed, SelectInvalid, CredentialInvalid, ProfileLocationInvalid, RefreshNotPossible;
what is stored: ProfileNotFound, ProfileIncomplete,
SourceProfileNotFound, SourceMissing, SourceConflict, ProfileCycle,
CredentialSourceInvalid, SettingInvalid, FileBroken, FileUnreadable;
where credentials come from: NoCredentials, EnvironmentIncomplete,
CredentialProcessFailed, InstanceMetadataFailed,
ContainerCredentialsFailed, ContainerUriRefused, SsoLoginRequired,
SsoFailed, WebIdentityTokenUnreadable;
what STS answered: AccessDenied, MfaRequired, MfaCodeRejected,
RootNotAllowed, CredentialsExpired, CredentialsRejected, ClockSkew,
RegionDisabled, PolicyTooLarge, StsThrottled, StsRejected, StsFailed,
StsResponseInvalid, StsTimeout, StsUnreachable, TlsFailed,
WebIdentityRejected. The exception's Data holds hop, mfaSerial,
awsCode and clockSkewSeconds where they are known.

.LINK
https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html

.LINK
https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-role.html

.LINK
Set-RoleCredentials

.LINK
Clear-RoleCache

.LINK
about_RoleCredentials
*/
using System.Collections;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>
/// Sends a request for each role, so many at a time, and hands out what comes back as it is ready or in the order of the input. One role that
/// fails ends the cmdlet; of many, each failure is an error of its own: docs/decisions/0003.
/// </summary>
[Cmdlet("Use", "Role", SupportsShouldProcess = true)]
[OutputType(typeof(RoleCredentials))]
public sealed class UseRoleCommand : AssumingCmdlet, IDisposable
{
    private readonly List<CoreRequest> open = [];
    private readonly List<CoreRequest> ready = [];
    private readonly long started = Environment.TickCount64;
    private IDictionary environment = null!;
    private ResultSelector selector = null!;
    private bool isMany;
    private int named;
    private bool isInputComplete;
    private int sent;

    // The history counts all roles of one invocation as one use.
    private readonly string invocation = Guid.NewGuid().ToString();
    private int next;

    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Optional]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string[]? RoleArn { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Profile", "StoredCredentials", "AWSProfileName")]
    [Optional]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string[]? ProfileName { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Optional]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string? RoleName { get; set; }

    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Id")]
    [AccountId]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string[]? AccountId { get; set; }

    [Parameter]
    [Optional]
    public string? Select { get; set; }

    [Parameter]
    [ValidateRange(1, 256)]
    public int ThrottleLimit { get; set; } = 16;

    [Parameter]
    public SwitchParameter InOrder { get; set; }

    [Parameter]
    [Optional]
    public ScriptBlock? ScriptBlock { get; set; }

    [Parameter]
    [Alias("Args")]
    public object[]? ArgumentList { get; set; }

    [Parameter]
    public SwitchParameter AutoRefresh { get; set; }

    /// <summary>Asks for no confirmation.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        RefuseIdleParameters();
        selector = new ResultSelector(this, Select ?? "*");
        UpdateEnteredRoles();
        environment = RoleStack.EnvironmentOf(Chain);
    }

    private protected override void ProcessInput()
    {
        var input = RoleInput.Read(this);
        input.AssertNamesSomebody();
        if (input.Roles.Count > 1)
            isMany = true;
        named += input.Roles.Count;
        foreach (var role in input.Roles)
        {
            var request = new Hashtable(input.Request);
            foreach (DictionaryEntry part in role)
                request[part.Key] = part.Value;
            if (!IsConfirmed(NameOf(request), "AssumeRole", Force))
            {
                named--;
                continue;
            }
            while (open.Count >= ThrottleLimit)
                Receive(isWaiting: true);
            Send(request, input);
        }
        // One at a time: the result comes out before the next object comes in, which is what -PipelineVariable needs.
        while (ThrottleLimit == 1 && open.Count > 0)
            Receive(isWaiting: true);
        Receive(isWaiting: false);
        HandOut();
    }

    protected override void EndProcessing()
    {
        isInputComplete = true;
        while (open.Count > 0)
        {
            Receive(isWaiting: true);
            HandOut();
        }
        HandOut();
        ShowProgress(isCompleted: true);
    }

    /// <summary>Ctrl+C, or an error further down the pipeline: nobody waits any longer.</summary>
    public void Dispose()
    {
        foreach (var request in open)
            request.Cancel();
    }

    // A parameter that would have no effect is a mistake.
    private void RefuseIdleParameters()
    {
        if (ScriptBlock is null)
        {
            if (IsOnCommandLine("ArgumentList"))
                throw ThrowTerminating(
                    "ParameterConflict",
                    "-ArgumentList takes effect with -ScriptBlock only.",
                    "Add -ScriptBlock, or leave out -ArgumentList.",
                    "-ArgumentList"
                );
            return;
        }
        if (AutoRefresh)
        {
            throw ThrowTerminating(
                "ParameterConflict",
                "-ScriptBlock and -AutoRefresh do not go together.",
                "Leave out -AutoRefresh: what runs in a block is renewed as long as the block runs.",
                "-AutoRefresh"
            );
        }
        if (Select is not null)
            throw ThrowTerminating(
                "ParameterConflict",
                "-ScriptBlock and -Select do not go together.",
                "Leave out -Select: the output is that of the block.",
                "-Select"
            );
    }

    private static string NameOf(Hashtable request) =>
        View.Text(request["roleArn"])
        ?? View.Text(request["profileName"])
        ?? (
            request["roleName"] is { } name ? $"{name} in {request["accountId"]}"
            : request["credentials"] is null ? "the default credentials"
            : "the given credentials"
        );

    private protected override bool IsForMany => isMany || MyInvocation.ExpectingInput;

    private void Send(Hashtable parameters, RoleInput input)
    {
        string? refreshCommand = null;
        if (AutoRefresh)
        {
            // That they cannot renew themselves is told before anything is called.
            var refresh = Request("role/refresh", (Hashtable)parameters.Clone(), environment);
            if (refresh.ErrorRecord is not null)
            {
                ReportError(refresh.ErrorRecord);
                return;
            }
            refreshCommand = RefreshCommand.Of(Place, (object[])refresh.Result!["arguments"]!);
        }
        parameters["invocationId"] = $"{invocation}/{sent}";
        open.Add(
            CoreSession.Send(
                this,
                Place,
                new CoreRequest("role/use", parameters, environment)
                {
                    Index = sent++,
                    RefreshCommand = refreshCommand,
                    Input = input,
                }
            )
        );
    }

    // Takes what is answered; when waiting, it gives the core up to a second for the first.
    private void Receive(bool isWaiting)
    {
        for (var milliseconds = isWaiting ? 1000 : 0; open.Count > 0; milliseconds = 0)
        {
            if (CoreSession.Receive(this, Place, open, milliseconds) is not { } answered)
                break;
            open.Remove(answered);
            ready.Add(answered);
        }
        if (isWaiting)
            ShowProgress(isCompleted: false);
    }

    // The credentials that are ready, or what the script block gives as each of them.
    private void HandOut()
    {
        while (TakeReady() is { } answered)
        {
            if (answered.ErrorRecord is not null)
            {
                ReportError(answered.ErrorRecord);
                continue;
            }
            var result = answered.Input!.Describe(answered.Result!);
            if (ScriptBlock is null)
                selector.Write(
                    RoleCredentials.From(result, answered.RefreshCommand, RenewalOf(answered), answered.Input.Object),
                    answered.Parameters
                );
            else
                SessionScripts.Stream(this, Place, "Invoke-RoleBlock", this, answered, ScriptBlock, ArgumentList, Chain.IsPresent);
        }
    }

    private Func<Hashtable?>? RenewalOf(CoreRequest answered)
    {
        if (!AutoRefresh)
            return null;
        var (place, folder, identity) = (Place, Folder, environment);
        return () =>
        {
            var parameters = new Hashtable(answered.Parameters) { ["invocationId"] = Guid.NewGuid().ToString() };
            try
            {
                return RoleCore.Receive(RoleCore.Send(place, "role/use", parameters, identity, folder), 30_000, null)?.Result;
            }
            catch (RuntimeException)
            {
                // The core cannot be started. The old credentials are what there is.
                return null;
            }
        };
    }

    private CoreRequest? TakeReady()
    {
        CoreRequest? first = null;
        foreach (var one in ready)
            if (first is null || one.Index < first.Index)
                first = one;
        if (first is null || (InOrder && first.Index != next))
            return null;
        ready.Remove(first);
        next++;
        return first;
    }

    // A progress bar for what takes longer than a second.
    private void ShowProgress(bool isCompleted)
    {
        if (Environment.TickCount64 - started < 1000)
            return;
        var done = sent - open.Count;
        // How many roles a pipeline will bring is known at its end.
        var isTotalKnown = isInputComplete || !MyInvocation.ExpectingInput;
        var progress = new ProgressRecord(7310, "Assuming roles", isTotalKnown ? $"{done} of {named}" : $"{done} so far");
        if (isTotalKnown && named > 0)
            progress.PercentComplete = 100 * done / named;
        if (isCompleted)
            progress.RecordType = ProgressRecordType.Completed;
        WriteProgress(progress);
    }
}
