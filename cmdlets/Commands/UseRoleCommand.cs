/*
.SYNOPSIS
Assumes one or more IAM roles, and returns temporary credentials.

.DESCRIPTION
Use-Role asks AWS STS for temporary credentials of a role. It has the
parameters of Use-STSRole of AWS Tools for PowerShell, and the -Credential
parameter of those cmdlets accepts its result.

WHICH ROLE. Name it by its ARN (-RoleArn), by a stored profile
(-ProfileName), or by name and account (-RoleName with -AccountId). Text
without a parameter's name, or from the pipeline, is an ARN if it begins
with 'arn:', and otherwise a profile: Use-Role prod. Without a role or
profile, you get the default credentials of AWS tools. Parameters that
describe the session override the settings of a profile.

WHOSE CREDENTIALS ASSUME IT. The first of these that you give: -Credential,
or -AccessKey with -SecretKey; -SourceProfile; with -RoleArn or -RoleName,
the profile named by -ProfileName. Otherwise Use-Role follows the order of
the AWS CLI: keys in the environment, the role of the profile named by
AWS_PROFILE or of the profile 'default', a web identity token that
AWS_WEB_IDENTITY_TOKEN_FILE names, other credentials of that profile, a
container, the metadata of an EC2 instance. A
profile may name another one as its source (source_profile), to any depth;
Use-Role then assumes each hop in turn.

SAML AND WEB IDENTITY. With -SamlAssertion, the response of your identity
provider assumes the role (AssumeRoleWithSAML). Without -RoleArn, the only
role that the assertion offers is used, or you choose one at the terminal.
With -WebIdentityToken, an OpenID Connect token assumes it
(AssumeRoleWithWebIdentity). In a job of GitHub Actions or Azure DevOps,
-WebIdentityProvider gets the token. These parameters replace all AWS
credentials: no profile, key or variable takes part. Without them, the
variables of GitHub Actions and Azure DevOps have no effect. You can also
pipe an assertion or a token to Use-Role: as text, as a file, or with
-PrincipalArn as a SecureString.

THE PIPELINE. Every parameter that describes the role or its session binds
by property name, so a CSV file may have the columns
RoleArn,ProfileName,ExternalId. An empty column counts as not given; an
empty SamlAssertion or WebIdentityToken is an error unless the object
names another source. An object that holds credentials (a result of
Use-Role or Use-STSRole, or a copy of one) is used as it is, and its role
is not assumed again. If the command line names a role, these credentials
assume it.

HOW LONG. 900 to 43200 seconds, 3600 by default, and at most the role's
own maximum. If temporary credentials assume the role ("role chaining"),
AWS allows one hour.

MFA. If a role needs a second factor, Use-Role prompts for the code once,
and only if no cached credentials are valid. There are two ways to use a
code, and the profile selects one:

- In AssumeRole, which is the default. The session may last as long as the
  role allows, up to 12 hours. The code serves this one role.
- In GetSessionToken first (Set-RoleCredentials -MfaSession). The session
  lasts 12 hours, or up to 36 with a duration stored with the keys. It
  serves any number of roles without another code; each of them lasts an
  hour at most, and is renewed from the session.

A profile may name a program that prints the code (Set-RoleCredentials
-MfaProcess). Use-Role then prompts only if that fails.

If Use-Role cannot prompt, as in a scheduled task, it fails with
MfaRequired. Pass the code with -TokenCode.

A SCRIPT BLOCK. With -ScriptBlock, Use-Role runs the block as the role and
returns the block's output. As with Enter-Role, the credentials are in the
environment for the AWS CLI and every other tool, and in AWS Tools if they
are loaded. However the block ends, Use-Role restores the previous
identity. With many roles, the block runs for each role in turn.
With -Serve, programs in the block get an endpoint instead of keys, and
renew their credentials by themselves: Terraform, the AWS CLI and every
SDK. Enter-Role describes it.

CACHE. Use-Role uses credentials again while they have 15 minutes left, in
this session and in later ones. Credentials that the AWS CLI would cache
too are in ~/.aws/cli/cache, which both tools share. All others are in
~/.aws/role-credentials/cache. -NoCache bypasses both caches, and
Clear-RoleCache removes their entries.

ERRORS. With one role, a failure ends the command, so that the script does
not go on with other credentials. With many roles, each failure is a
separate error, and the other roles are returned.

.PARAMETER RoleArn
The ARNs of one or more roles: arn:aws:iam::123456789012:role/Admin.
The partition (aws, aws-cn, aws-us-gov, ...) must be that of the
region. Without the parameter's name, text that is not an ARN is a
profile name.

.PARAMETER ProfileName
One or more stored profiles. Names are case-sensitive. Alone: the
profile whose role is assumed, or whose credentials are returned if
it has no role. With -RoleArn or -RoleName: the profile whose
credentials assume the role.

.PARAMETER AccountId
The accounts of the role named by -RoleName, one or more: 12 digits.
A number gets its leading zeros back.

.PARAMETER Region
The region whose STS endpoint is called, and the region of the result:
a name, or the RegionEndpoint or AWSRegion object of AWS Tools.
Default: the region of the profile, AWS_REGION, AWS_DEFAULT_REGION, or
the region of the instance. Without any of them, Use-Role calls STS in
us-east-1 and the result has no region.

.PARAMETER ThrottleLimit
How many roles are assumed at the same time: 1 to 256. Default: 16.
With 1, Use-Role writes each result before it reads the next object, so
that -PipelineVariable of an earlier command names its input. With
more, use $_.InputObject of the result.

.PARAMETER InOrder
Returns the credentials of many roles in the order of the input.
Without it, they are returned as soon as they are ready.

.PARAMETER ScriptBlock
Runs this block as the role, and returns its output instead of
credentials. $_ in the block is the credentials. The block runs in your
scope and sees your variables. The role is renewed while the block
runs, unless that needs an MFA code.

.PARAMETER ArgumentList
Arguments of -ScriptBlock: its parameters, or $args.

.PARAMETER Serve
With -ScriptBlock, gives programs an endpoint instead of keys, so that
they renew their credentials by themselves for as long as the block runs.

.PARAMETER AutoRefresh
Returns credentials that renew themselves. Use it for jobs that take
many hours. In AWS Tools the credentials renew by running this
module's credential-process. The object renews its keys when a script
reads them in their last ten minutes. A copy of it keeps the keys that
it got. -AutoRefresh fails if each renewal would need an MFA code, or
if you gave the source with -Credential or -AccessKey.

.PARAMETER Chain
After Enter-Role, or within a script block: starts from the current
role. AWS then limits the new role to an hour. Without it, the session's
original identity assumes the role.

.PARAMETER Select
What to return, as in AWS Tools: '*' returns the whole result and is the
default; a property path such as Credentials.AccessKeyId returns that
property; '^' and the name of a parameter, such as '^RoleArn', returns
the parameter's value.

.PARAMETER Force
Skips the confirmation that $ConfirmPreference or -Confirm would ask
for.

.INPUTS
System.String. The ARNs of roles or the names of profiles, or with
-RoleName the ids of accounts. Objects bind by the names of the
parameters, and by Id, the name of the account id in AWS Organizations.
Those of Get-RoleProfile and Get-RoleHistory bind by their profile, if
they have one, and those of Get-IAMRoleList by their Arn. Credentials are
used as they are.

.OUTPUTS
RoleCredentials. AccessKeyId, SecretAccessKey, SessionToken, Expiration (a
DateTime in UTC), AssumedRoleUser (with Arn and AssumedRoleId),
SourceIdentity, PackedPolicySize (percent), RoleArn, ProfileName,
AccountId, Region, and AccessKey, the access key id under the name that
AWS Tools bind. $r.Credentials is the object itself, so that scripts
written for Use-STSRole can read $r.Credentials.AccessKeyId. $r.InputObject
is the pipeline object that the result belongs to. The default view masks
the secret key and the token; the properties hold them. A copy
(Select-Object *, ConvertTo-Json, Export-Clixml, a job, a remote session)
holds the same keys, and AWS Tools and the cmdlets of this module accept
it.

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

Assumes a role with the default credentials. The view shows no secrets.

.EXAMPLE
PS> Get-STSCallerIdentity -Credential $Creds | Format-List Account, Arn

Account : 123456789012
Arn     : arn:aws:sts::123456789012:assumed-role/Admin/RoleCredentials-ses
          sion-1795470455

Passes the result to a cmdlet of AWS Tools for PowerShell.

.EXAMPLE
PS> (Use-Role -ProfileName prod -DurationInSeconds 43200).Expiration
MFA code of arn:aws:iam::111111111111:mfa/jo: 123456

Tuesday, November 24, 2026 9:47:35 AM

The stored profile 'prod' names the role, its source and the MFA device.
Use-Role prompts for the code once, and not again until the credentials
expire. The time is in UTC.

.EXAMPLE
PS> '111111111111', '222222222222' | Use-Role -RoleName Audit -InOrder | Format-Table RoleArn, AccessKeyId

RoleArn                               AccessKeyId
-------                               -----------
arn:aws:iam::111111111111:role/Audit  ASIAX4WYTMYTM3VNNFMT
arn:aws:iam::222222222222:role/Audit  ASIAVNVQZP63IE7KH3SJ

Assumes one role in many accounts, 16 at a time.

.EXAMPLE
PS> Get-ORGAccountList | Use-Role -RoleName Audit | ForEach-Object { "$($_.InputObject.Name): $(@(Get-EC2Instance -Credential $_).Count)" }
Production: 12
Staging: 3

Assumes one role in every account of an organization, in parallel. Each
result has its pipeline object in InputObject.

.EXAMPLE
PS> Use-Role -ProfileName prod -ScriptBlock { aws s3 ls; terraform plan }
2026-11-01 09:12:44 my-bucket
No changes. Your infrastructure matches the configuration.

Runs other tools as the role, and then restores the previous identity.

.EXAMPLE
PS> Use-Role -ProfileName prod -Serve -ScriptBlock { terraform apply -auto-approve }
Apply complete! Resources: 212 added, 0 changed, 0 destroyed.

Runs a program that takes longer than the credentials last.

.EXAMPLE
PS> $Creds = Use-Role -ProfileName prod -AutoRefresh
PS> Get-S3Object -BucketName my-bucket -Credential $Creds | Copy-S3Object -LocalFolder backup -Credential $Creds

Gets credentials for a job that takes longer than an hour. There is no
output.

.EXAMPLE
PS> $env:AWS_PROFILE = 'prod'; Use-Role -RoleArn arn:aws:iam::222222222222:role/Deploy -Tag @{ project = 'apollo' } -TransitiveTagKey project | Format-List AssumedRoleUser, PackedPolicySize

AssumedRoleUser  : arn:aws:sts::222222222222:assumed-role/Deploy/RoleCreden
                   tials-session-1795470455
PackedPolicySize : 2

Chains two roles: Use-Role assumes the role of the profile 'prod', and its
session assumes the next role. That role lasts an hour at most, and passes
its tag on.

.EXAMPLE
PS> $Creds = Use-Role -SamlAssertion ./response.txt -RoleArn arn:aws:iam::123456789012:role/Saml
PS> $Creds.AssumedRoleUser

arn:aws:sts::123456789012:assumed-role/Saml/jo@example.com

Assumes a role with the response of a SAML identity provider.

.EXAMPLE
PS> $Creds = Use-Role -WebIdentityProvider GitHubActions -RoleArn arn:aws:iam::123456789012:role/Deploy

Assumes a role in a job of GitHub Actions, without stored keys. There is
no output.

.EXAMPLE
PS> Use-Role -RoleArn arn:aws:iam::123456789012:role/Other
Use-Role: AssumeRole failed at role arn:aws:iam::123456789012:role/Other:
User: arn:aws:iam::111111111111:user/jo is not authorized to perform:
sts:AssumeRole on resource: arn:aws:iam::123456789012:role/Other

PS> $Error[0].ErrorDetails.RecommendedAction
The caller's identity policy must allow sts:AssumeRole on this role, and
the role's trust policy must allow the caller, with its conditions
(external id, MFA, source identity). Run Test-Role for details.

Each error has an id (AccessDenied,RoleCredentials.UseRoleCommand), a
category, a target, and a recommended action.

.NOTES
Error ids, each followed by ',RoleCredentials.UseRoleCommand': for the
input: ArnInvalid, AccountIdInvalid, RoleNameInvalid,
RoleSessionNameInvalid, DurationInvalid, ExternalIdInvalid,
MfaSerialInvalid, TokenCodeInvalid, PolicyInvalid, TagInvalid,
SourceIdentityInvalid, RegionInvalid, PartitionMismatch, EndpointInvalid,
ParameterConflict, NoRoleNamed, InputRequired, SelectInvalid,
CredentialInvalid, SamlAssertionInvalid, SamlAssertionUnreadable,
SamlRoleNotOffered, WebIdentityTokenInvalid, ProfileLocationInvalid,
RefreshNotPossible, ServeNotPossible, EndpointUnavailable,
StartUrlInvalid;
for stored data and variables: ProfileNotFound, ProfileIncomplete,
SourceProfileNotFound, SourceMissing, SourceConflict, ProfileCycle,
CredentialSourceInvalid, SettingInvalid, SsoSessionNotFound,
CredentialsInvalid, ProxyInvalid, CaBundleInvalid, FileBroken,
FileUnreadable, FileUnwritable;
for the source of credentials: NoCredentials, EnvironmentIncomplete,
CredentialProcessFailed, InstanceMetadataFailed,
ContainerCredentialsFailed, ContainerUriRefused, SsoLoginRequired,
SsoFailed, LoginRequired, LoginFailed, KeychainKeyNotFound,
KeychainLocked, KeychainUnavailable, KeychainFailed,
WebIdentityTokenUnreadable, WebIdentityTokenUnavailable;
from STS: AccessDenied, MfaRequired, MfaCodeRejected, RootNotAllowed,
CredentialsExpired, CredentialsRejected, ClockSkew, RegionDisabled,
PolicyTooLarge, StsThrottled, StsRejected, StsFailed, StsResponseInvalid,
StsTimeout, StsUnreachable, TlsFailed, WebIdentityRejected,
SamlAssertionRejected. The exception's Data holds hop, mfaSerial, awsCode
and clockSkewSeconds if they are known.

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
/// Sends a request for each role, up to ThrottleLimit at a time, and writes results as they arrive or in input order. A failure of a single
/// role ends the cmdlet; with many roles, each failure is a separate error: docs/decisions/0003.
/// </summary>
[Cmdlet("Use", "Role", SupportsShouldProcess = true)]
[OutputType(typeof(RoleCredentials))]
public sealed class UseRoleCommand : AssumingCmdlet, IDisposable
{
    // The history counts all roles of one invocation as one use.
    private readonly string invocation = Guid.NewGuid().ToString();
    private readonly LateProgress progress;
    private IDictionary environment = null!;
    private ResultSelector selector = null!;
    private RoleQueue queue = null!;
    private bool isMany;
    private int named;
    private bool isInputComplete;

    /// <summary>Starts the clock of the progress.</summary>
    public UseRoleCommand() => progress = new LateProgress(this, 7310, "Assuming roles");

    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Optional]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string[]? RoleArn { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Profile", "StoredCredentials", "AWSProfileName")]
    [Optional]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string[]? ProfileName { get; set; }

    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Id")]
    [AccountId]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string[]? AccountId { get; set; }

    [Parameter]
    [Optional]
    [ArgumentCompleter(typeof(SelectCompleter))]
    public string? Select { get; set; }

    [Parameter]
    [ValidateRange(1, 256)]
    public int ThrottleLimit { get; set; } = 16;

    [Parameter]
    public SwitchParameter InOrder { get; set; }

    [Parameter]
    [ValidateNotNull]
    public ScriptBlock? ScriptBlock { get; set; }

    [Parameter]
    [Alias("Args")]
    public object[]? ArgumentList { get; set; }

    [Parameter]
    public SwitchParameter AutoRefresh { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        RefuseIdleParameters();
        selector = new ResultSelector(this, Select ?? "*");
        queue = new RoleQueue(this, InOrder);
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
            var request = role.Of(input.Request);
            if (!IsConfirmed(NameOf(request), "AssumeRole", Force))
            {
                named--;
                continue;
            }
            while (queue.OpenCount >= ThrottleLimit)
                Wait();
            Send(request, input);
        }
        // -PipelineVariable needs each result before the next object is read.
        while (ThrottleLimit == 1 && queue.OpenCount > 0)
            Wait();
        queue.Receive(milliseconds: 0);
        ProcessResults();
    }

    protected override void EndProcessing()
    {
        isInputComplete = true;
        try
        {
            while (queue.OpenCount > 0)
            {
                Wait();
                ProcessResults();
            }
            ProcessResults();
        }
        finally
        {
            progress.End();
        }
    }

    /// <summary>Cancels open requests after Ctrl+C or an error later in the pipeline.</summary>
    // PowerShell also disposes of a cmdlet that has not begun.
    public void Dispose() => queue?.Cancel();

    // Rejects parameters that would have no effect.
    private void RefuseIdleParameters()
    {
        if (ScriptBlock is null)
        {
            if (new[] { "ArgumentList", "Serve" }.FirstOrDefault(IsOnCommandLine) is { } idle)
                throw ThrowIdle(idle, "has no effect without -ScriptBlock", "Pass -ScriptBlock");
            return;
        }
        if (AutoRefresh)
        {
            throw ThrowConflict(
                "-ScriptBlock and -AutoRefresh cannot be combined.",
                "Omit -AutoRefresh: a role is renewed while its block runs.",
                "-AutoRefresh"
            );
        }
        if (Select is not null)
            throw ThrowConflict(
                "-ScriptBlock and -Select cannot be combined.",
                "Omit -Select: Use-Role returns the output of the block.",
                "-Select"
            );
    }

    private static string NameOf(UseRoleParams request) =>
        View.Text(request.RoleArn)
        ?? View.Text(request.ProfileName)
        ?? (
            request.RoleName is { } name ? $"{name} in {request.AccountId}"
            : request.Credentials is null ? "the default credentials"
            : "the given credentials"
        );

    private protected override bool IsForMany => isMany || MyInvocation.ExpectingInput;

    private void Send(UseRoleParams parameters, RoleInput input)
    {
        string? refreshCommand = null;
        if (AutoRefresh)
        {
            // Check that the credentials can renew themselves before calling AWS.
            if (TryAsk(Methods.RefreshRole, parameters, environment) is not { } refresh)
                return;
            refreshCommand = RefreshCommand.Of(CoreFolder, refresh.Arguments);
        }
        parameters.InvocationId = $"{invocation}/{queue.SentCount}";
        queue.Send(new RoleUse(parameters, environment, input, refreshCommand));
    }

    // Waits up to a second for a response.
    private void Wait()
    {
        queue.Receive(milliseconds: 1000);
        var done = queue.SentCount - queue.OpenCount;
        // The total is unknown until the pipeline ends.
        var isTotalKnown = isInputComplete || !MyInvocation.ExpectingInput;
        int? percent = isTotalKnown ? 100 * done / named : null;
        progress.Show(isTotalKnown ? $"{done} of {named}" : $"{done} so far", percent);
    }

    // Writes the credentials that are ready, or runs the script block with each of them.
    private void ProcessResults()
    {
        while (queue.Take() is { } answered)
        {
            if (answered.ErrorRecord is not null)
            {
                ReportError(answered.ErrorRecord);
                continue;
            }
            var result = answered.Input.Describe(answered.Result!);
            if (ScriptBlock is null)
                selector.Write(
                    RoleCredentials.From(
                        result,
                        answered.RefreshCommand,
                        AutoRefresh ? RoleRenewal.WhenRead(CoreFolder, answered.Parameters, environment, Folder) : null,
                        answered.Input.Object
                    ),
                    answered.Parameters
                );
            else
                RunBlock(answered, result);
        }
    }

    private void RunBlock(RoleUse answered, UseRoleResult result)
    {
        var endpoint = Serve ? RoleEndpoint.Open(this, answered.Parameters, answered.Result!, environment) : null;
        try
        {
            var frame = new RoleFrame(result, answered.Parameters, environment, Folder, Chain, isBlock: true, endpoint);
            var credentials = RoleCredentials.From(result);
            SessionScripts.Stream(this, "Invoke-RoleBlock", this, frame, credentials, ScriptBlock, ArgumentList);
        }
        finally
        {
            // The block may not have begun.
            endpoint?.Close();
        }
    }
}
