/*
.SYNOPSIS
Walks the chain of a profile or role hop by hop, and says which hop fails, why, and what to do.

.DESCRIPTION
A role is often reached over several hops: a source of credentials, perhaps
an MFA session, and one role after another. Test-Role tries each of them in
turn, asks AWS STS whose credentials each hop gives (GetCallerIdentity,
which needs no permission), and returns an object for each as soon as it is
done. It stops at the first hop that fails.

A HOP THAT FAILS is no error but an object whose Succeeded is $false. Its
Cause is the likeliest one and its Action what to do next; Causes has them
all, each with its likelihood:
- Certain: STS said so, or it was seen, as a clock that is off.
- Likely, Possible: guesses, the better ones first. Between accounts STS
  does not say whether the role's trust policy or the caller's policy
  refused, nor whether the role exists. What the call did not bring (an
  MFA code, an external id) and what the other profiles know decide the
  order.

POLICIES. For each role, TrustPolicy and IdentityPolicy hold the two
policies that allow the hop as it is made, as JSON for an administrator:
the first belongs to the role, the second to whoever calls. Where a policy
is there already, add the statements to it. Within one account a trust
policy that names the caller itself is enough.

CACHE. A hop that was not tried, because its credentials are cached, has
Cached = $true; STS was still asked whether they are good. -NoCache tries
each hop for real and keeps nothing.

MFA. A code is asked for as by Use-Role. Where nobody can be asked and
-TokenCode is not given, that is a finding too: MfaRequired.

An unknown profile, or parameters that do not go together, are errors: there
is no chain to test.

.PARAMETER ProfileName
A stored profile, or several; names are case-sensitive. Alone: the
profile whose chain is tested; without it, what AWS tools use by
default. With -RoleArn or -RoleName: the profile whose credentials
assume the role. Without the parameter's name, a text that begins
with 'arn:' is the ARN of a role.

.PARAMETER RoleArn
The ARN of a role, or of several, to be assumed with the default
credentials, or those that the other parameters name.

.PARAMETER RoleName
The name of a role, with its path if it has one. The account comes
from -AccountId, the partition from the region.

.PARAMETER AccountId
The account of the role named by -RoleName, or several: 12 digits.

.PARAMETER RoleSessionName
The name of the role's session: 2 to 64 of A-Z a-z 0-9 _ + = , . @ -
Default: role_session_name of the profile, else
AWS_ROLE_SESSION_NAME, else one that is made.

.PARAMETER Policy
An IAM policy as JSON that limits the session of the last role.

.PARAMETER DurationInSeconds
How long the last role's credentials are to last, in seconds: 900 to
43200. Default: duration_seconds of the profile, else 3600.

.PARAMETER ExternalId
The external id that the last role's trust policy asks for. Default:
external_id of the profile.

.PARAMETER MfaSerial
The MFA device of the user who assumes the last role. Default:
mfa_serial of the profile.

.PARAMETER TokenCode
The six digits that the MFA device shows, for the first hop that
wants some. Without it they are asked for.

.PARAMETER PolicyArn
The ARNs of managed policies that limit the session of the last role.

.PARAMETER Tag
Session tags of the last role: a hashtable, or objects with Key and
Value. Default: session_tags of the profile.

.PARAMETER TransitiveTagKey
Keys of the tags that a next role would inherit. Default:
transitive_session_tags of the profile.

.PARAMETER SourceIdentity
The source identity of the last role's session. Default:
source_identity of the profile.

.PARAMETER SourceProfile
A stored profile whose credentials assume the role, in place of
those that would be taken else.

.PARAMETER Credential
Credentials that assume the role: what Use-Role or Use-STSRole
returned, any AWSCredentials, or a PSCredential with an access key
and its secret key. Without a role they are tested themselves.

.PARAMETER AccessKey
An access key that assumes the role, with -SecretKey.

.PARAMETER SecretKey
The secret key of -AccessKey, as text or as SecureString.

.PARAMETER SessionToken
The session token of -AccessKey, if its credentials are temporary,
as text or as SecureString.

.PARAMETER ProfileLocation
A file to read profiles from, in the form of ~/.aws/credentials,
which takes that file's place.

.PARAMETER Region
The region whose STS is called at each hop. Default: as Use-Role
finds it for each hop.

.PARAMETER EndpointUrl
The URL of STS for each hop. Default: as Use-Role finds it for each
hop.

.PARAMETER NoCache
Tries each hop for real, whatever is cached, and keeps nothing.

.PARAMETER Quiet
Returns $true or $false for each chain instead of its hops.

.INPUTS
System.String. The names of profiles, the ARNs of roles, or with -RoleName
the ids of accounts. Objects bind by the names of the parameters, such as
those of Get-RoleProfile and Get-RoleHistory.

.OUTPUTS
RoleCredentials.Hop. Target (the profile or role that was asked for),
Number, Operation, Hop, ProfileName, RoleArn, Source (whose credentials the
hop's call is made with), Identity (an ARN), Account, Endpoint, Region,
Expiration (a DateTime in UTC), Cached, Succeeded, Cause, Action, Causes,
TrustPolicy, IdentityPolicy, ErrorId, ErrorMessage, ClockSkewSeconds (how
far this machine's clock is ahead, or behind if negative). Never a secret.

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

Two hops: the keys of the profile 'default', and the role of 'prod'.

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

Tries all hops for real. The report of the one that fails goes on with the
other causes and with the two policies.

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

What the role's trust policy must hold for the call as it is made, here
with an external id. IdentityPolicy is what the caller needs.

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
that may be the reason why it is refused.

.EXAMPLE
PS> Get-RoleProfile | Where-Object RoleArn | Where-Object { -not (Test-Role $_.ProfileName -Quiet) } | ForEach-Object ProfileName
old-staging

The profiles whose roles can no longer be reached.

.NOTES
Error ids, each followed by ',Test-Role': ProfileNotFound,
SourceProfileNotFound, ParameterConflict, NoRoleNamed, ArnInvalid, AccountIdInvalid,
RoleNameInvalid, RoleSessionNameInvalid, DurationInvalid,
ExternalIdInvalid, MfaSerialInvalid, TokenCodeInvalid, PolicyInvalid,
TagInvalid, SourceIdentityInvalid, RegionInvalid, EndpointInvalid,
CredentialInvalid, FileBroken, FileUnreadable. All else that can go wrong
is a hop that failed; its ErrorId is that of Use-Role.

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
using System.Collections;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>Walks chains: each hop is a request of its own, so that it is out as soon as it is done.</summary>
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

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Optional]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string? RoleName { get; set; }

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

    /// <summary>Only whether the chain works.</summary>
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
            var chain = new Hashtable(input.Request);
            foreach (DictionaryEntry part in role)
                chain[part.Key] = part.Value;
            Walk(chain, TargetOf(chain));
        }
    }

    private static string TargetOf(Hashtable chain) =>
        View.Text(chain["roleArn"])
        ?? (
            chain["roleName"] is { } name
                ? $"{name} in {chain["accountId"]}"
                : View.Text(chain["profileName"]) ?? (chain["credentials"] is null ? "default" : "-Credential")
        );

    private void Walk(Hashtable chain, string target)
    {
        chain["invocationId"] = Guid.NewGuid().ToString();
        var isWarned = false;
        for (var number = 1; ; number++)
        {
            chain["hop"] = number;
            // There is no chain to test: that is an error, and the next chain's turn.
            if (TestHop(chain) is not { } report)
                return;
            // A code that was used is not there for a later hop.
            if (report["codeTaken"] is true)
                chain.Remove("tokenCode");
            if (!isWarned && report["succeeded"] is true && View.Number(report["clockSkewSeconds"]) is { } seconds)
            {
                isWarned = true;
                WriteWarning(
                    $"This machine's clock is {Math.Abs(seconds)} seconds {(seconds < 0 ? "behind" : "ahead of")} AWS's, which tolerates five minutes."
                );
            }
            if (!Quiet)
                WriteObject(TestedHop.From(report, target));
            if (report["last"] is not true)
                continue;
            if (Quiet)
                WriteObject(report["succeeded"] is true);
            return;
        }
    }

    // A code is asked for where it is wanted; where nobody gives it, that is what was found.
    private Hashtable? TestHop(Hashtable chain)
    {
        var asked = (Hashtable)chain.Clone();
        while (true)
        {
            var answered = Request("role/test", asked);
            if (answered.ErrorRecord is not null)
                WriteError(answered.ErrorRecord);
            if (answered.Result is not { } report)
                return null;
            if (
                report["succeeded"] is true
                || report["error"] is not Hashtable error
                || error["id"] is not "MfaRequired"
                || asked.ContainsKey("tokenCodes")
            )
                return report;
            if (!CoreSession.TakeMfaCode(this, Place, (string)error["mfaSerial"]!, asked, answered.Environment))
                return report;
        }
    }
}
