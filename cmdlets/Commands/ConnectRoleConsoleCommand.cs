/*
.SYNOPSIS
Signs in to AWS with console credentials, as aws login does.

.DESCRIPTION
Connect-RoleConsole opens AWS's sign-in page in the browser. There you
choose the identity that you use in the AWS console: a user, a federated
user or root. The cmdlet waits for the browser, and stores the sign-in where
the AWS CLI and the AWS SDKs look for it: the session in ~/.aws/login/cache,
and its identity in the profile. No long-term keys are needed.

The credentials last 15 minutes. Every tool that uses the profile renews
them until the sign-in ends, after 12 hours at most. Then sign in again,
with this cmdlet or with aws login.

If the profile has a valid sign-in, the cmdlet returns it and opens no page.
If several PowerShell sessions sign in to one profile at the same time, one
of them opens the browser, and all of them get the sign-in.

The cmdlet refuses a profile with keys, a role or other credentials. A
profile that names an identity keeps it: if you choose another identity in
the browser, the cmdlet stores nothing, unless you give -Force.

Ctrl+C ends the sign-in at once.

.PARAMETER ProfileName
The profile to sign in. If it does not exist, the sign-in creates it.
Default: AWS_PROFILE, or the profile default.

.PARAMETER Region
The region whose sign-in page opens. A profile without a region gets it.
Default: the profile's region, AWS_REGION, or us-east-1.

.PARAMETER Remote
For a browser on another device: shows the address of the page, and prompts
for the code that the page shows at the end. Use it over SSH.

.PARAMETER NoBrowser
Shows the address of the page instead of opening the browser. The browser
must run on this machine.

.PARAMETER Force
Signs in although the profile has a valid sign-in, and lets the profile
change its identity.

.INPUTS
The ProfileName of an object, such as those of Get-RoleProfile.

.OUTPUTS
The sign-in, with ProfileName, Account, LoginSession (the ARN of the
identity), Region and Expiration (of the credentials, which are renewed).

.EXAMPLE
PS> Connect-RoleConsole
Sign in to the AWS console in your browser. If it shows no page, open this address:
https://us-east-1.signin.aws.amazon.com/v1/authorize?response_type=code&…

ProfileName Account      LoginSession                        Region    Expiration
----------- -------      ------------                        ------    ----------
default     111111111111 arn:aws:iam::111111111111:user/jo   us-east-1 2030-06-01 12:15Z

Signs in the default profile.

.EXAMPLE
PS> Connect-RoleConsole -ProfileName dev -Region eu-central-1 -Remote
To sign in to the AWS console, open this address:
https://eu-central-1.signin.aws.amazon.com/v1/authorize?response_type=code&…
Code that the page shows: ****************

Signs in on a machine without a browser. Open the page on any device.

.EXAMPLE
PS> Set-RoleCredentials -StoreAs prod -RoleArn arn:aws:iam::123456789012:role/Admin -SourceProfile default
PS> Connect-RoleConsole
PS> Enter-Role prod

Assumes a role with the sign-in.

.NOTES
Error ids, each followed by ',RoleCredentials.ConnectRoleConsoleCommand':
SignInDenied, NoProfileNamed (an empty ProfileName in the pipeline),
SignInTimeout, SignInCodeInvalid, SignInIdentityDiffers,
SignInPortUnavailable, LoginFailed, AccessDenied, ClockSkew,
SourceConflict, InputRequired, ProfileNameInvalid, RegionInvalid,
EndpointInvalid, FileBroken, FileUnreadable, FileUnwritable, FileBusy.
The identity needs the permissions of AWS's managed policy
SignInLocalDevelopmentAccess.

.LINK
https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-sign-in.html

.LINK
Disconnect-RoleConsole

.LINK
Open-RoleConsole

.LINK
Get-RoleProfile
*/
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>Signs in with console credentials.</summary>
[Cmdlet("Connect", "RoleConsole", SupportsShouldProcess = true)]
[OutputType(typeof(PSCustomObject))]
public sealed class ConnectRoleConsoleCommand : ConsoleSignInCmdlet
{
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("Profile", "StoredCredentials", "AWSProfileName")]
    [Optional]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string? ProfileName { get; set; }

    [Parameter]
    [Alias("RegionToCall")]
    [Region]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string? Region { get; set; }

    [Parameter]
    public SwitchParameter Remote { get; set; }

    [Parameter]
    public SwitchParameter NoBrowser { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override void ProcessRecord()
    {
        if (Remote && NoBrowser)
            throw ThrowConflict(
                "-NoBrowser has no effect with -Remote, which opens no browser.",
                "Pass -Remote for a browser on another device, or -NoBrowser for one on this machine.",
                "-NoBrowser"
            );
        AssertNamed(ProfileName);
        if (!ShouldProcess(TextOf(ProfileName), "Sign in with console credentials"))
            return;
        var parameters = new LoginParams
        {
            ProfileName = ProfileName,
            ProfileLocation = PathOf(ProfileLocation),
            Region = Region,
            Remote = Remote ? true : null,
            Force = Force ? true : null,
        };
        var (signedIn, error) = BrowserSignIn.Run(this, Methods.BeginLogin, parameters, "the AWS console", NoBrowser || Remote);
        if (error is not null)
            ThrowTerminatingError(error);
        if (signedIn?.Login is not { } login)
            return;
        WriteObject(
            View.Of(
                "RoleCredentials.ConsoleSignIn",
                ("ProfileName", login.ProfileName),
                ("Account", login.AccountId),
                ("LoginSession", login.LoginSession),
                ("Region", login.Region),
                ("Expiration", View.Time(signedIn.Expiration))
            )
        );
    }
}
