/*
.SYNOPSIS
Tests the chain of a profile or role hop by hop, and shows which hop fails, why, and what to do.

.DESCRIPTION
A role often takes several hops: a source of credentials, perhaps an MFA
session, and one role after another. Test-Role tries each hop in turn,
asks AWS STS for the identity of its credentials (GetCallerIdentity, which
needs no permission), and returns an object for each hop as soon as it is
done. It stops at the first hop that fails.

A FAILED HOP is not an error: its object has Succeeded = $false. Cause is
the most likely cause, and Action what to do next. Causes lists all
causes, each with its likelihood:
- Certain: STS reported it, or Test-Role measured it, such as a wrong
  clock.
- Likely, Possible: guesses, the better ones first. Between accounts, STS
  does not reveal whether the role's trust policy or the caller's policy
  denied the call, or whether the role exists. Test-Role orders the
  guesses by what the call did not include (an MFA code, an external id)
  and by the settings of other profiles.

POLICIES. For each role, TrustPolicy and IdentityPolicy hold the two
policies that allow the hop as it is made, as JSON for an administrator.
The first belongs to the role, the second to the caller. If a policy
exists already, add the statements to it. Within one account, a trust
policy that names the caller itself is enough.

ADVICE. For keys of a profile that work, Advice says if the secret key is
in plain text, and if the access key is older than 90 days. Test-Role needs
the permission iam:ListAccessKeys to know the age.

CACHE. If the credentials of a hop are cached, Test-Role does not request
them again, and Cached is $true. It still asks STS whether they are valid.
-NoCache requests the credentials of every hop, and caches nothing.

MFA. Test-Role prompts for a code as Use-Role does. If it cannot prompt
and there is no -TokenCode, the hop fails with MfaRequired.

The parameters of a session, such as -Tag and -ExternalId, apply to the
last role.

An unknown profile, and parameters that cannot be combined, are errors,
because there is no chain to test.

.PARAMETER ProfileName
One or more stored profiles. Names are case-sensitive. Alone: the
profile whose chain is tested; by default, the default credentials of
AWS tools. With -RoleArn or -RoleName: the profile whose credentials
assume the role. Without the parameter's name, text that begins with
'arn:' is the ARN of a role.

.PARAMETER RoleArn
The ARNs of one or more roles to assume with the default credentials,
or with those that other parameters name.

.PARAMETER AccountId
The accounts of the role named by -RoleName, one or more: 12 digits.

.PARAMETER RoleSessionName
The name of the role's session: 2 to 64 of A-Z a-z 0-9 _ + = , . @ -
Default: role_session_name of the profile, AWS_ROLE_SESSION_NAME, or
a generated name.

.PARAMETER Policy
A JSON IAM policy that limits the session of the last role.

.PARAMETER DurationInSeconds
How long the last role's credentials last, in seconds: 900 to 43200.
Default: duration_seconds of the profile, or 3600.

.PARAMETER ExternalId
The external id that the last role's trust policy requires. Default:
external_id of the profile.

.PARAMETER TokenCode
The six digits that the MFA device shows, used by the first hop that
needs a code. Without it, Test-Role prompts for a code.

.PARAMETER Credential
Credentials that assume the role: a result of Use-Role or Use-STSRole,
any AWSCredentials, or a PSCredential with an access key and its
secret key. Without a role, Test-Role tests these credentials.

.PARAMETER Region
The region whose STS endpoint is called at each hop. Default: the
region that Use-Role would use for the hop.

.PARAMETER EndpointUrl
The URL of STS for each hop. Default: the URL that Use-Role would use
for the hop.

.PARAMETER NoCache
Requests the credentials of every hop, even if they are cached, and
caches nothing.

.PARAMETER Quiet
Returns $true or $false for each chain instead of its hops.

.INPUTS
System.String. The names of profiles, the ARNs of roles, or with -RoleName
the ids of accounts. Objects bind by the names of the parameters, such as
those of Get-RoleProfile and Get-RoleHistory.

.OUTPUTS
RoleCredentials.Hop. Target (the profile or role under test), Number,
Operation, Hop, ProfileName, RoleArn, Source (the credentials that make
the hop's call), Identity (an ARN), Account, Endpoint, Region, Expiration
(a DateTime in UTC), Cached, Succeeded, Cause, Action, Causes, Advice,
TrustPolicy, IdentityPolicy, ErrorId, ErrorMessage, ClockSkewSeconds (how
far this machine's clock is ahead, or behind if negative). It holds no
secrets.

System.Boolean. With -Quiet.

.EXAMPLE
PS> Test-Role prod

   Target: prod

  1  ok: profile default
     Keys, from aws_access_key_id of profile default
     arn:aws:iam::111111111111:user/jo
     https://sts.eu-west-1.amazonaws.com (eu-west-1)

  2  ok: role arn:aws:iam::123456789012:role/Admin (profile prod)
     AssumeRole, from profile default
     arn:aws:sts::123456789012:assumed-role/Admin/jo
     https://sts.eu-west-1.amazonaws.com (eu-west-1)
     until 2026-11-23 23:13:54Z (in 59 min)

Tests two hops: the keys of the profile 'default', and the role of 'prod'.

.EXAMPLE
PS> Test-Role vendor -NoCache

   Target: vendor

  1  ok: profile default
     Keys, from aws_access_key_id of profile default
     arn:aws:iam::111111111111:user/jo
     https://sts.eu-west-1.amazonaws.com (eu-west-1)

  2  FAILED: role arn:aws:iam::123456789012:role/Vendor (profile vendor)
     AssumeRole, from profile default
     https://sts.eu-west-1.amazonaws.com (eu-west-1)

     AssumeRole failed at role arn:aws:iam::123456789012:role/Vendor
     (profile vendor): User: arn:aws:iam::111111111111:user/jo is not
     authorized to perform: sts:AssumeRole on resource:
     arn:aws:iam::123456789012:role/Vendor

     Likely: The call brought no external id, which roles of other
     accounts often ask for; profile vendor-test has one for account
     123456789012.
     => Ask the owner of the role for its external id, and store it with
     Set-RoleCredentials -ExternalId, or give -ExternalId.

     ...

Requests the credentials of every hop. The report of the failed hop
continues with the other causes and the two policies.

.EXAMPLE
PS> (Test-Role vendor)[-1].TrustPolicy

{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {
        "AWS": "arn:aws:iam::111111111111:user/jo"
      },
      "Action": "sts:AssumeRole",
      "Condition": {
        "StringEquals": {
          "sts:ExternalId": "ticket-42"
        }
      }
    }
  ]
}

Shows the trust policy that the role needs for this call, here with an
external id. IdentityPolicy is the policy that the caller needs.

.EXAMPLE
PS> (Test-Role -RoleArn arn:aws:iam::222222222222:role/Deploy -ProfileName prod)[-1].Causes | Format-Table Likelihood, Id

Likelihood Id
---------- --
Likely     TrustPolicyLacksAllow
Likely     IdentityPolicyLacksAllow
Possible   MfaMissing
Possible   ExternalIdMissing
Possible   ConditionNotMet
Possible   RoleNotFound
Possible   PrincipalRecreated
Possible   Guardrail

Assumes a role with the credentials of the profile 'prod', and lists all
possible causes of the failure.

.EXAMPLE
PS> Get-RoleProfile | Where-Object RoleArn | Where-Object { -not (Test-Role $_.ProfileName -Quiet) } | ForEach-Object ProfileName
old-staging

Lists the profiles whose roles can no longer be assumed.

.NOTES
Error ids, each followed by ',RoleCredentials.TestRoleCommand':
ProfileNotFound, SourceProfileNotFound, ParameterConflict, NoRoleNamed,
ArnInvalid, AccountIdInvalid, RoleNameInvalid, RoleSessionNameInvalid,
DurationInvalid, ExternalIdInvalid, MfaSerialInvalid, TokenCodeInvalid,
PolicyInvalid, TagInvalid, SourceIdentityInvalid, RegionInvalid,
EndpointInvalid, CredentialInvalid, FileBroken, FileUnreadable. Every
other failure is a failed hop, whose ErrorId is the error id of Use-Role.

.LINK
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_roles.html

.LINK
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html

.LINK
Use-Role

.LINK
Get-RoleProfile

.LINK
about_RoleCredentials
*/
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>Tests chains. Each hop is a separate request, so that its object is returned as soon as the hop is done.</summary>
[Cmdlet("Test", "Role")]
[OutputType("RoleCredentials.Hop", "System.Boolean")]
public sealed class TestRoleCommand : SessionCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Profile", "StoredCredentials", "AWSProfileName")]
    [Optional]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string[]? ProfileName { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Optional]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string[]? RoleArn { get; set; }

    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Id")]
    [AccountId]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string[]? AccountId { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Optional]
    public string? RoleSessionName { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Optional]
    public string? Policy { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("DurationSeconds")]
    [OptionalNumber]
    public int? DurationInSeconds { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Optional]
    public string? ExternalId { get; set; }

    [Parameter]
    public SwitchParameter Quiet { get; set; }

    internal override string PositionalName => nameof(ProfileName);

    private protected override bool IsForMany => MyInvocation.ExpectingInput;

    private protected override void ProcessInput()
    {
        var input = RoleInput.Read(this);
        input.AssertNamesSomebody();
        foreach (var role in input.Roles)
        {
            var chain = role.Of(input.Request) with { InvocationId = Guid.NewGuid().ToString() };
            TestHops(chain, TargetOf(chain));
        }
    }

    private static string TargetOf(UseRoleParams chain) =>
        View.Text(chain.RoleArn)
        ?? (
            chain.RoleName is { } name
                ? $"{name} in {chain.AccountId}"
                : View.Text(chain.ProfileName) ?? (chain.Credentials is null ? "default" : "-Credential")
        );

    private void TestHops(UseRoleParams chain, string target)
    {
        var isWarned = false;
        for (var number = 1; ; number++)
        {
            // Without a chain to test, TestHop has written an error.
            if (TestHop(new TestRoleParams(chain) { Hop = number }) is not { } report)
                return;
            // A code works once, so don't use it for a later hop.
            if (report.CodeTaken is true)
                chain.TokenCode = null;
            if (!isWarned && report is { Succeeded: true, ClockSkewSeconds: { } seconds })
            {
                isWarned = true;
                WriteWarning(
                    $"This machine's clock is {Math.Abs(seconds)} seconds {(seconds < 0 ? "behind" : "ahead of")} AWS's. AWS tolerates five minutes."
                );
            }
            if (!Quiet)
                WriteObject(TestedHop.From(report, target));
            if (!report.Last)
                continue;
            if (Quiet)
                WriteObject(report.Succeeded);
            return;
        }
    }

    // Prompts for an MFA code if the hop needs one. Without a code, returns the report with MfaRequired.
    private HopReport? TestHop(TestRoleParams asked)
    {
        while (true)
        {
            var answered = Request(Methods.TestRole, asked);
            if (answered.ErrorRecord is not null)
                WriteError(answered.ErrorRecord);
            if (answered.Result is not { } report)
                return null;
            if (report.Error is not { Id: "MfaRequired", MfaSerial: { } serial } error || asked.TokenCodes is not null)
                return report;
            if (!CoreSession.TakeMfaCode(this, serial, error.MfaProblem, asked))
                return report;
        }
    }
}
