/*
.SYNOPSIS
Switches the whole session to a role: the AWS CLI, Terraform, AWS Tools
and every SDK that you start from it use that role.

.DESCRIPTION
Enter-Role assumes a role as Use-Role does, and sets its credentials in
the environment of this PowerShell process. Exit-Role restores exactly
what was there before.

It sets AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN,
AWS_CREDENTIAL_EXPIRATION, AWS_SESSION_EXPIRATION, AWS_ACCOUNT_ID, and
if the region is known AWS_REGION and AWS_DEFAULT_REGION. It removes
AWS_PROFILE, AWS_DEFAULT_PROFILE, AWS_SECURITY_TOKEN, AWS_ROLE_ARN and
AWS_WEB_IDENTITY_TOKEN_FILE, which some tools prefer to the keys. For
prompts such as starship, it sets AWSU_PROFILE to the name of the profile
or role, and removes AWS_VAULT. If AWS Tools for PowerShell are loaded,
it also calls Set-AWSCredential and Set-DefaultAWSRegion, because AWS
Tools prefer the stored default profile to the environment.

Without a role, profile or credentials, Enter-Role shows a list at the
terminal: the recently used roles, then the profiles. Type to filter by
name, account and role; the arrow keys move, Enter chooses, Esc cancels.
Enter-Role never enters the default credentials by itself.

Enter-Role uses an object that holds credentials (a result of Use-Role or
Use-STSRole, or a copy of one) as it is, and does not assume its role
again.

A role entered within another role starts from the session's original
identity, as in the console. With -Chain it starts from the current role.
Roles form a stack: each Exit-Role leaves one.

The environment belongs to the process, so the role applies to all its
runspaces. While another runspace runs a script block as a role (Use-Role
-ScriptBlock), Enter-Role waits for that block to end.

An entered role renews itself when it has ten minutes left, or in the
last quarter of a short session. It does not if the renewal needs an MFA
code, or if you gave its source with -Credential or -AccessKey. The
renewal runs between two statements of a script, or while the prompt
waits. Programs that are already running keep their old credentials.
Get-Role shows whether a role renews itself.

LONG-RUNNING PROGRAMS. With -Serve, a program that runs for hours renews
its credentials by itself. Instead of keys, Enter-Role sets
AWS_CONTAINER_CREDENTIALS_FULL_URI and AWS_CONTAINER_AUTHORIZATION_TOKEN,
which Terraform, the AWS CLI and every SDK read. They lead to an endpoint
on 127.0.0.1 that only a program with the token can use, and that is gone
after Exit-Role. Because SDKs prefer a stored default profile to an
endpoint, programs then do not read the AWS files: AWS_CONFIG_FILE and
AWS_SHARED_CREDENTIALS_FILE name an empty file. Variables replace these
settings of the default profile: region, output, ca_bundle, endpoint_url,
use_fips_endpoint and use_dualstack_endpoint. If the renewal needs an MFA
code, the program shows what to do.

.PARAMETER RoleArn
The ARN of the role: arn:aws:iam::123456789012:role/NAME. Without the
parameter's name, text that is not an ARN is a profile name:
Enter-Role prod.

.PARAMETER ProfileName
A stored profile: its role, or otherwise its own credentials. With
-RoleArn or -RoleName, the profile whose credentials assume that role.

.PARAMETER AccountId
The account of the role: twelve digits.

.PARAMETER Credential
Credentials that assume the role: a result of Use-Role or Use-STSRole,
any AWSCredentials, or a PSCredential with an access key and its secret
key. Without a role, Enter-Role enters these credentials.

.PARAMETER Region
The region whose STS endpoint is called, and the region of the entered
session. Default: the profile's region, AWS_REGION, or
AWS_DEFAULT_REGION.

.PARAMETER Serve
Gives programs an endpoint instead of keys, so that they renew their
credentials by themselves (see above).

.PARAMETER Chain
Starts from the current role. AWS calls this role chaining, and limits it
to an hour.

.PARAMETER PassThru
Returns the object that Get-Role returns for the role.

.INPUTS
System.String. The ARN of a role or the name of a profile, or with
-RoleName the id of an account. Objects bind by the names of the
parameters. Those of Get-RoleProfile and Get-RoleHistory
bind by their profile, if they have one. Credentials are entered as they
are.

.OUTPUTS
None. With -PassThru, RoleCredentials.Role, as from Get-Role.

.EXAMPLE
PS> Enter-Role -ProfileName prod
PS> aws sts get-caller-identity --query Account
"123456789012"
PS> Exit-Role

Runs the AWS CLI with the role of the profile 'prod', and then restores
the previous identity.

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

Enters a second role from the first, and leaves both.

.EXAMPLE
PS> Enter-Role -ProfileName prod -Serve
PS> terraform apply
PS> Exit-Role

Runs a program that takes longer than the credentials last. There is no
output of Enter-Role.

.NOTES
Error ids, each followed by ',RoleCredentials.EnterRoleCommand': those of
Use-Role; RoleBusy if a script block of Use-Role started this runspace;
InputRequired if no role is named and there is no terminal; NoRoleNamed if
there is nothing to choose from; with -Serve, ServeNotPossible if the
credentials do not expire, and EndpointUnavailable.
Sources of the rules: starting from the original identity is the console's
rule (IAM User Guide, "Switch from a user to an IAM role"). The variables
to set and remove follow aws-vault.

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
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>Pushes a frame onto the stack of roles: docs/decisions/0007.</summary>
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

    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Id")]
    [AccountId]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string? AccountId { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void ProcessInput()
    {
        UpdateEnteredRoles();
        if (EnterRole() is not { } frame)
            return;
        WriteStep($"This session is now {frame.Name}{(frame.AssumedRole is { } assumed ? $" ({assumed})" : "")}.");
        if (PassThru)
            WriteObject(RoleView.Of(frame, RoleStack.Count));
    }

    // Returns null if the user cancels the choice of a role.
    private RoleFrame? EnterRole()
    {
        // Take the turn before calling STS, so that RoleBusy is the error in a runspace that another runspace's block started.
        using var turn = RoleStack.EnterTurn(this);
        var environment = RoleStack.EnvironmentOf(Chain);
        var input = RoleInput.Read(this);
        input.AssertNamesSomebody();
        if ((input.NamesSomebody ? input.Roles[0] : RoleSelection.OfKnown(this, PathOf(ProfileLocation))) is not { } role)
            return null;
        var request = role.Of(input.Request) with { InvocationId = Guid.NewGuid().ToString() };
        var result = Ask(Methods.UseRole, request, environment);
        var endpoint = Serve ? RoleEndpoint.Open(this, request, result, environment) : null;
        var frame = new RoleFrame(input.Describe(result), request, environment, Folder, Chain, isBlock: false, endpoint);
        try
        {
            SessionScripts.Invoke(this, "Push-RoleFrame", frame);
        }
        finally
        {
            if (!RoleStack.Frames.Contains(frame))
                endpoint?.Close();
        }
        return frame;
    }
}
