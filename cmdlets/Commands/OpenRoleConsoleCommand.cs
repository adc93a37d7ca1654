/*
.SYNOPSIS
Opens the AWS console as a role: the prefilled Switch Role page, or a
console that is already signed in.

.DESCRIPTION
Without -SignIn, Open-RoleConsole opens the console's Switch Role page
with account, role, display name and color filled in. The user who is
signed in there confirms the switch, and it uses that user's permissions.
The cmdlet makes no network calls, and the link holds no secret.

With -SignIn it gets the role's credentials, as Use-Role does, exchanges
them for a sign-in token at AWS's federation endpoint, and opens the
console as the role. The link is a secret for 15 minutes. The cmdlet shows
it only with -PassThru.

Every partition has its own console. The role's ARN determines the
partition, or otherwise the region.

Without a role, the cmdlet uses the current role. If no role is entered,
it lets you choose from the recently used roles.

The history stores display name and color with the role, and the cmdlet
uses them again the next time.

The cmdlet opens the system's default browser. -Browser names another one,
and so does the environment variable BROWSER, as in Python: commands
separated by colons, or by semicolons on Windows, with %s for the link.

A browser keeps one signed-in console, unless you turn on multi-session
support there. To have several accounts side by side, open each in its own
browser profile (-BrowserProfile) or Firefox container (-Container).

.PARAMETER RoleArn
The ARN of the role: arn:aws:iam::123456789012:role/NAME. Without the
parameter's name, text that is not an ARN is a profile name.

.PARAMETER ProfileName
A stored profile with a role.

.PARAMETER RoleName
The name of the role, with its path if it has one: ops/ci/Deployer. The
console's Switch Role page accepts up to 64 characters for path and name.

.PARAMETER AccountId
The account of the role: twelve digits, or, without -SignIn, its alias.

.PARAMETER DisplayName
The name that the console shows while the role is active, up to 64
characters. Default: the last one used for the role.

.PARAMETER Color
The color of that name: six hexadecimal digits, or red, orange, yellow,
green or blue as on the Switch Role page. Default: the last one used for
the role.

.PARAMETER SignIn
Opens the console signed in as the role.

.PARAMETER Destination
With -SignIn, the page to open: the name of a service such as ec2, a path
such as ec2/home#Instances: or a URL of that partition's console. Tab
completes the services. Default: the home page.

.PARAMETER DurationInSeconds
With -SignIn, how long the console session lasts: 900 to 43200 seconds,
and at most 3600 for a chained role. Default: as long as the role's
credentials.

.PARAMETER MfaSerial
With -SignIn, the MFA device of the user who assumes the role.

.PARAMETER TokenCode
With -SignIn, the six digits that the MFA device shows. Without it, the
cmdlet prompts for a code when it needs one.

.PARAMETER ExternalId
With -SignIn, the external id that the role's trust policy requires.

.PARAMETER RoleSessionName
With -SignIn, the name of the role's session.

.PARAMETER SourceProfile
With -SignIn, a stored profile whose credentials assume the role.

.PARAMETER Credential
With -SignIn, credentials that assume the role. Without a role, the
credentials of a role to sign in with: a result of Use-Role or
Use-STSRole.

.PARAMETER Region
The region to open in the console. With -SignIn, STS is called in that
region. With only a role name and an account, it determines the partition.

.PARAMETER Browser
The browser: Chrome, Edge, Firefox, Chromium, Brave, Vivaldi, or Safari on
macOS. Tab completes the installed ones. The name of another program on
PATH, or the path of one, is valid too.

.PARAMETER BrowserProfile
The profile of that browser: the name that the browser shows, or for
Chrome and its relatives the profile's folder. It must exist.

.PARAMETER Container
The Firefox container that opens the link. It needs the extension Granted
Containers, which creates a container that is missing. With -SignIn,
Firefox asks whether the page may open the link.

.PARAMETER ContainerColor
The color of a new container: blue, turquoise, green, yellow, orange, red,
pink or purple.

.PARAMETER ContainerIcon
The icon of a new container: fingerprint, briefcase, dollar, cart, circle,
gift, vacation, food, fruit, pet, tree or chill.

.PARAMETER PassThru
Returns the link instead of opening the browser.

.INPUTS
System.String. The ARN of a role or the name of a profile, or with
-RoleName the id of an account. Objects bind by the names of the
parameters, such as those of Get-RoleHistory and Get-RoleProfile. With
-SignIn, credentials sign in as they are.

.OUTPUTS
None. With -PassThru, System.String: the link.

.EXAMPLE
PS> Open-RoleConsole -RoleArn arn:aws:iam::123456789012:role/Admin -DisplayName Production -Color red -PassThru
https://signin.aws.amazon.com/switchrole?account=123456789012&roleName=Admin&displayName=Production&color=F2B0A9

Returns the link, for example to send it to a colleague.

.EXAMPLE
PS> Open-RoleConsole -RoleName ops/ci/Deployer -AccountId my-company -PassThru
https://signin.aws.amazon.com/switchrole?account=my-company&roleName=ops/ci/Deployer

Returns the link for a role with a path, in an account named by its alias.

.EXAMPLE
PS> Open-RoleConsole -ProfileName prod -SignIn -Destination ec2 -DurationInSeconds 3600

Opens the EC2 console in the browser, signed in as the role of the profile.

.EXAMPLE
PS> 'dev', 'prod' | Open-RoleConsole -SignIn -Browser Chrome -BrowserProfile { "AWS $_" }

Opens two accounts side by side, each in its own profile of Chrome: "AWS
dev" and "AWS prod".

.EXAMPLE
PS> 'dev', 'prod' | Open-RoleConsole -SignIn -Container { $_ }

Opens two accounts side by side, each in its own container of Firefox.

.EXAMPLE
PS> $PSDefaultParameterValues['Open-RoleConsole:Browser'] = 'Edge'

Makes Edge the browser of this session's consoles. In your profile script,
it applies to all sessions.

.EXAMPLE
PS> Open-RoleConsole

Console of:
> Production  123456789012  Admin
  deploy  222222222222  Deploy
  2 of 2. Type to filter; Enter chooses, Esc leaves.

Lets you choose from the recently used roles.

.NOTES
Error ids, each followed by ',RoleCredentials.OpenRoleConsoleCommand':
AccountIdInvalid, ArnInvalid, RoleNameInvalid, ColorInvalid,
DisplayNameInvalid, DestinationInvalid, DurationInvalid,
ConsoleUnavailable, ContainerInvalid, ParameterConflict, ProfileNotFound,
ProfileIncomplete, NoRoleNamed, InputRequired, BrowserNotFound,
BrowserProfileNotFound, BrowserFailed; with -SignIn also SigninNeedsRole,
SigninRejected, SigninFailed and those of Use-Role.
Sources of the rules: IAM User Guide, "Switch from a user to an IAM role
(console)" and "Enable custom identity broker access to the AWS console".
AWS_ENDPOINT_URL_SIGNIN names another federation endpoint.

.LINK
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-console.html

.LINK
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_enable-console-custom-url.html

.LINK
https://github.com/common-fate/granted-firefox-extension

.LINK
Get-RoleHistory

.LINK
Use-Role
*/
using System.Management.Automation;
using WebBrowser = RoleCredentials.Browser;

namespace RoleCredentials;

/// <summary>Opens the Switch Role page, or a signed-in console.</summary>
[Cmdlet("Open", "RoleConsole", SupportsShouldProcess = true)]
[OutputType(typeof(void), typeof(string))]
public sealed class OpenRoleConsoleCommand : SourceCmdlet
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

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Optional]
    public string? DisplayName { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Optional]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string? Color { get; set; }

    [Parameter]
    public SwitchParameter SignIn { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Optional]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string? Destination { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("DurationSeconds")]
    [OptionalNumber]
    public int? DurationInSeconds { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Optional]
    public string? ExternalId { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Optional]
    public string? RoleSessionName { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Optional]
    [ArgumentCompleter(typeof(BrowserCompleter))]
    public string? Browser { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Optional]
    [ArgumentCompleter(typeof(BrowserCompleter))]
    public string? BrowserProfile { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Optional]
    public string? Container { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Optional]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string? ContainerColor { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Optional]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string? ContainerIcon { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    // The link of the Switch Role page names the role only.
    internal override bool UsesSource => SignIn;

    private protected override bool IsForMany => MyInvocation.ExpectingInput;

    private protected override void ProcessInput()
    {
        var input = RoleInput.Read(this);
        RefuseIdleParameters();
        input.AssertNamesSomebody();
        // Find the browser before any call.
        var browser = PassThru ? null : BrowserChoice.Read(this, Browser, BrowserProfile, Container is not null);
        if ((SignIn ? SignedInLink(input, browser) : SwitchRoleLink(input, browser)) is not { } link)
            return;
        if (PassThru)
            WriteObject(link);
        else if ((SignIn ? WebBrowser.TryOpenPrivately(link, browser) : WebBrowser.TryOpen(link, browser)) is { } failure)
            throw ThrowTerminating(failure);
    }

    // The links are null after an error, which leaves the other roles of the pipeline to do, or if the user declines.
    private string? SwitchRoleLink(RoleInput input, BrowserChoice? browser)
    {
        var request = new SwitchRoleParams
        {
            DisplayName = DisplayName,
            Color = Color,
            Container = GivenContainer(),
        };
        if (!ConsoleRole.TryAdd(this, input, request) || TryAsk(Methods.SwitchRole, request)?.Link is not { } link)
            return null;
        return ShouldProcess(link, PassThru ? "Return the link" : $"Open in {browser?.Text ?? "the browser"}") ? link : null;
    }

    private string? SignedInLink(RoleInput input, BrowserChoice? browser)
    {
        var request = new SignInParams(input.Roles[0].Of(input.Request))
        {
            DurationInSeconds = null,
            SessionDurationInSeconds = DurationInSeconds,
            Destination = Destination,
            Container = GivenContainer(),
            InvocationId = Guid.NewGuid().ToString(),
        };
        if (ConsoleRole.Add(this, request) is not { } name)
            return null;
        // Confirm before the call, so that no sign-in link is created if the user declines.
        var action = PassThru ? "Return the signed-in link" : $"Open in {browser?.Text ?? "the browser"}, signed in";
        return ShouldProcess($"the console as {name}", action) ? TryAsk(Methods.SignIn, request)?.Link : null;
    }

    private BrowserContainer? GivenContainer() =>
        Container is null
            ? null
            : new BrowserContainer
            {
                Name = Container,
                Color = ContainerColor,
                Icon = ContainerIcon,
            };

    // Rejects parameters on the command line that would have no effect. A pipeline column may be meant for another command.
    private void RefuseIdleParameters()
    {
        RefuseIdle(PassThru, ["Browser", "BrowserProfile"], "has no effect with -PassThru", "Omit -PassThru");
        RefuseIdle(Container is null, ["ContainerColor", "ContainerIcon"], "has no effect without -Container", "Pass -Container");
        RefuseIdle(SignIn, ["DisplayName", "Color"], "applies to the Switch Role page, which -SignIn does not show", "Omit -SignIn");
        string[] forSignIn =
        [
            "Destination",
            "DurationInSeconds",
            "MfaSerial",
            "TokenCode",
            "ExternalId",
            "RoleSessionName",
            "SourceProfile",
            "Credential",
        ];
        RefuseIdle(!SignIn, forSignIn, "has no effect without -SignIn", "Pass -SignIn");
    }

    private void RefuseIdle(bool isIdle, string[] names, string why, string action)
    {
        if (!isIdle || names.FirstOrDefault(name => IsOnCommandLine(name) && Given.ContainsKey(name)) is not { } name)
            return;
        throw ThrowIdle(name, why, action);
    }
}
