/*
.SYNOPSIS
Makes the whole session a role: the AWS CLI, Terraform, AWS Tools and
every SDK that is started from it agree.

.DESCRIPTION
Enter-Role assumes a role as Use-Role does, and puts its credentials into
the environment of this PowerShell process. Exit-Role puts back exactly
what was there before.

It sets AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN,
AWS_CREDENTIAL_EXPIRATION, AWS_SESSION_EXPIRATION, AWS_ACCOUNT_ID, and
AWS_REGION and AWS_DEFAULT_REGION where a region is known. It takes away
AWS_PROFILE, AWS_DEFAULT_PROFILE, AWS_SECURITY_TOKEN, AWS_ROLE_ARN and
AWS_WEB_IDENTITY_TOKEN_FILE, which some tools would prefer to the keys.
AWSU_PROFILE gets the name of the profile or role, for prompts such as
starship, and AWS_VAULT is taken away. Where AWS Tools for PowerShell are
loaded, Set-AWSCredential and Set-DefaultAWSRegion are called too, since
AWS Tools prefer the stored default profile to the environment.

Where no role, profile or credentials are named, a list at the terminal
lets you choose: the roles used lately, then the profiles. Typing filters
it by name, account and role, the arrows move, Enter chooses, Esc leaves.
The default credentials are not put into the environment unasked. An object that holds credentials
(what Use-Role or Use-STSRole returned, or a copy of it) is entered as it
is, and not assumed anew.

Entering a role within a role starts from the identity that the session
had at the beginning, as the console does; -Chain starts from the role
that was entered. Roles are stacked: each Exit-Role leaves one.

The environment belongs to the process, so all its runspaces are in the
role. While another runspace runs a script block as a role (Use-Role
-ScriptBlock), Enter-Role waits for that block to end.

An entered role renews itself when ten minutes of it are left (a quarter
of a session shorter than that), as long as that takes no MFA code, and
unless its source was given with -Credential or -AccessKey. It happens
between two statements of a script, or while the prompt waits; a program
that runs already keeps what it was started with. Get-Role shows whether
a role renews itself.

.PARAMETER RoleArn
The ARN of the role: arn:aws:iam::123456789012:role/NAME. Without the
parameter's name, a text that is no ARN is the name of a profile:
Enter-Role prod.

.PARAMETER ProfileName
A stored profile: its role, or else its own credentials. With -RoleArn
or -RoleName, the profile whose credentials assume that role.

.PARAMETER RoleName
The name of the role, with its path if it has one, in the account of
-AccountId.

.PARAMETER AccountId
The account of the role: twelve digits.

.PARAMETER RoleSessionName
The name of the session, which AWS CloudTrail shows: 2 to 64 of
A-Z a-z 0-9 _ + = , . @ - Default: as in Use-Role.

.PARAMETER Policy
A policy in JSON that limits the session to what both the role and
this policy allow.

.PARAMETER DurationInSeconds
How long the credentials last, in seconds: 900 to 43200, and at most
3600 with -Chain. Default: duration_seconds of the profile, else 3600.

.PARAMETER ExternalId
The external id that the role's trust policy asks for.

.PARAMETER MfaSerial
The MFA device of the user who assumes the role.

.PARAMETER TokenCode
The six digits that the MFA device shows. Without it, the code is
asked for when it is needed.

.PARAMETER PolicyArn
The ARNs of managed policies that limit the session, at most 10.

.PARAMETER Tag
Session tags: a hashtable, or objects with Key and Value.

.PARAMETER TransitiveTagKey
Keys of the tags that the next role of a chain inherits.

.PARAMETER SourceIdentity
A name that stays with the session and all that is assumed from it.

.PARAMETER SourceProfile
A stored profile whose credentials assume the role, in place of those
that would be taken else.

.PARAMETER Credential
Credentials that assume the role: what Use-Role or Use-STSRole
returned, any AWSCredentials, or a PSCredential with an access key and
its secret key. Without a role, they are what is entered.

.PARAMETER AccessKey
An access key that assumes the role, with -SecretKey.

.PARAMETER SecretKey
The secret key of -AccessKey, as text or as SecureString.

.PARAMETER SessionToken
The session token of -AccessKey, as text or as SecureString.

.PARAMETER ProfileLocation
A file to read profiles from, in place of ~/.aws/credentials.

.PARAMETER Region
The region whose STS is called, and the region of the session from
then on. Default: the profile's, else AWS_REGION, else
AWS_DEFAULT_REGION.

.PARAMETER EndpointUrl
The URL of STS, for a VPC endpoint or a test.

.PARAMETER NoCache
Calls STS in any case, and keeps nothing.

.PARAMETER Chain
Starts from the role that the session is in, which AWS calls role
chaining and limits to an hour.

.PARAMETER PassThru
Returns what Get-Role shows of the role.

.INPUTS
System.String. The ARN of a role or the name of a profile. Objects bind by
the names of the parameters: those of Get-RoleProfile and Get-RoleHistory
by their profile, where they have one. Credentials stand for themselves.

.OUTPUTS
None. With -PassThru RoleCredentials.Role, as from Get-Role.

.EXAMPLE
PS> Enter-Role -ProfileName prod
PS> aws sts get-caller-identity --query Account
"123456789012"
PS> Exit-Role

The session is 'prod' for the AWS CLI and everything else, and then what
it was before.

.EXAMPLE
PS> Enter-Role -RoleArn arn:aws:iam::123456789012:role/Admin -Region eu-west-1 -PassThru

Depth Name           Account      Role           Region            Left Renews
----- ----           -------      ----           ------            ---- ------
    1 Admin          123456789012 Admin          eu-west-1       59 min True

Enters a role by its ARN, and shows it.

.EXAMPLE
PS> Enter-Role -RoleArn arn:aws:iam::111111111111:role/Hub
PS> Enter-Role -RoleArn arn:aws:iam::123456789012:role/OneHour -Chain
PS> Get-Role

Depth Name           Account      Role           Region            Left Renews
----- ----           -------      ----           ------            ---- ------
    2 OneHour        123456789012 OneHour        eu-west-1       59 min True
    1 Hub            111111111111 Hub            eu-west-1       59 min True

PS> Exit-Role -All

From role to role, and out of both.

.NOTES
Error ids, each followed by ',Enter-Role': those of Use-Role; RoleBusy
within a script block of Use-Role that started this runspace;
InputRequired where no role is named and there is no terminal;
NoRoleNamed where there is nothing to choose from.
Where the rules come from: that a switch starts from the original
identity is the console's rule (IAM User Guide, "Switch from a user to an
IAM role"); which variables are set and taken away follows aws-vault.

.LINK
https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-envvars.html

.LINK
Exit-Role

.LINK
Get-Role

.LINK
Use-Role

.LINK
Get-RolePrompt
*/
using System.Collections;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>Puts a frame on the stack of roles: docs/decisions/0007.</summary>
[Cmdlet("Enter", "Role")]
[OutputType(typeof(void), typeof(PSCustomObject))]
public sealed class EnterRoleCommand : AssumingCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Optional]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string? RoleArn { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Profile", "StoredCredentials", "AWSProfileName")]
    [Optional]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string? ProfileName { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Optional]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string? RoleName { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Id")]
    [AccountId]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string? AccountId { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void ProcessInput()
    {
        UpdateEnteredRoles();
        var hadTurn = RoleStack.HasTurn;
        RoleFrame frame;
        try
        {
            // Wait for the turn first: within another runspace's block, that is the error, and not what STS says.
            RoleStack.EnterTurn(this);
            var environment = RoleStack.EnvironmentOf(Chain);
            var input = RoleInput.Read(this);
            input.AssertNamesSomebody();
            var request = input.Request;
            if ((input.NamesSomebody ? input.Roles[0] : SelectRole()) is not { } role)
                return;
            foreach (DictionaryEntry part in role)
                request[part.Key] = part.Value;
            request["invocationId"] = Guid.NewGuid().ToString();
            var result = input.Describe(Ask("role/use", request, environment));
            frame = new RoleFrame(result, request, environment, Folder, Chain, isBlock: false);
            SessionScripts.Invoke(this, Place, "Push-RoleFrame", frame);
        }
        finally
        {
            if (!hadTurn)
                RoleStack.ExitTurn();
        }
        WriteStep($"This session is {frame.Name}{(frame.AssumedRole is { } assumed ? $" ({assumed})" : "")} now.");
        if (PassThru)
            WriteObject(RoleView.Of(frame, RoleStack.Count));
    }

    /// <summary>
    /// The role that the person at the terminal chooses where none was named, as parameters of the request; null after Esc. Entering the
    /// default credentials would put long-term keys into the environment, so nobody who did not ask for them gets them.
    /// </summary>
    private Hashtable? SelectRole()
    {
        const string action = "Name a role or a profile: Enter-Role prod. Get-RoleProfile and Get-RoleHistory list them.";
        var used = ((object[])Ask("history/list", [])["roles"]!).Cast<Hashtable>().Select(RoleChoice.OfHistory).ToArray();
        var known = used.Select(choice => choice.Request["profileName"]).ToHashSet();
        var stored = ((object[])Ask("profile/list", At(ProfileLocation))["profiles"]!)
            .Cast<Hashtable>()
            .Where(profile => !known.Contains(profile["name"]))
            .Select(RoleChoice.OfProfile);
        RoleChoice[] choices = [.. used, .. stored];
        if (choices.Length == 0)
            throw ThrowTerminating(
                "NoRoleNamed",
                "No role is named, none was used lately, and no profile is stored.",
                "Store a profile with Set-RoleCredentials, or give -RoleArn.",
                null
            );
        return RolePicker.Pick(this, "Role:", choices, action)?.Request;
    }
}
