/*
.SYNOPSIS
Opens the AWS console as a role: the Switch Role page, filled in, or a
console that is signed in already.

.DESCRIPTION
Without -SignIn, Open-RoleConsole opens the console's Switch Role page
with account, role, display name and colour filled in. Whoever is signed
in there confirms it, and switches with the permissions that they have.
Nothing is called, and the link holds no secret.

With -SignIn it gets the role's credentials, as Use-Role does, has AWS's
federation endpoint make a sign-in token of them, and opens the console
as the role. Such a link is a secret for a quarter of an hour: it is
shown nowhere unless -PassThru asks for it.

Every partition has its own console: the role's ARN tells which, or else
the region.

Where no role is named, the role that the session is in is meant; and
where none is entered, the roles used lately are offered for choice.

Display name and colour are remembered with the role, and are used again
the next time.

The browser is the one that the system has for links; on Linux and macOS
BROWSER may name another, as for Python: commands separated by colons,
with %s where the link is to go.

.PARAMETER RoleArn
The ARN of the role: arn:aws:iam::123456789012:role/NAME. Without the
parameter's name, a text that is no ARN is the name of a profile.

.PARAMETER ProfileName
A stored profile with a role.

.PARAMETER RoleName
The name of the role, with its path if it has one: ops/ci/Deployer. The
console's Switch Role takes path and name up to 64 characters.

.PARAMETER AccountId
The account of the role: twelve digits, or, without -SignIn, its alias.

.PARAMETER DisplayName
What the console shows while the role is active, up to 64 characters.
Default: what it was the last time.

.PARAMETER Color
The colour of that name: six hexadecimal digits, or red, orange, yellow,
green or blue as the Switch Role page offers them. Default: what it was
the last time.

.PARAMETER SignIn
Opens the console signed in as the role.

.PARAMETER Destination
With -SignIn, the page to land on: a URL of that partition's console, or
a path in it such as ec2/home#Instances: Default: its home.

.PARAMETER DurationInSeconds
With -SignIn, how long the console session lasts: 900 to 43200 seconds,
and at most 3600 for a chained role. Default: as long as the role's
credentials.

.PARAMETER MfaSerial
With -SignIn, the MFA device of the user who assumes the role.

.PARAMETER TokenCode
With -SignIn, the six digits that the MFA device shows. Without it, the
code is asked for when it is needed.

.PARAMETER ExternalId
With -SignIn, the external id that the role's trust policy asks for.

.PARAMETER RoleSessionName
With -SignIn, the name of the role's session.

.PARAMETER SourceProfile
With -SignIn, a stored profile whose credentials assume the role.

.PARAMETER Credential
With -SignIn, credentials that assume the role, or, without a role, those
of a role to sign in with: what Use-Role or Use-STSRole returned.

.PARAMETER ProfileLocation
A file to read profiles from, in place of ~/.aws/credentials.

.PARAMETER Region
The region to land in, whose STS is called with -SignIn; and the
partition, where only name and account are given.

.PARAMETER PassThru
Returns the link, and opens no browser.

.INPUTS
System.String. The ARN of a role or the name of a profile. Objects bind by
the names of the parameters, such as those of Get-RoleHistory and
Get-RoleProfile. With -SignIn, credentials are signed in as they are.

.OUTPUTS
None. With -PassThru System.String, the link.

.EXAMPLE
PS> Open-RoleConsole -RoleArn arn:aws:iam::123456789012:role/Admin -DisplayName Production -Color red -PassThru
https://signin.aws.amazon.com/switchrole?account=123456789012&roleName=Admin&displayName=Production&color=F2B0A9

The link that an administrator would send.

.EXAMPLE
PS> Open-RoleConsole -RoleName ops/ci/Deployer -AccountId my-company -PassThru
https://signin.aws.amazon.com/switchrole?account=my-company&roleName=ops/ci/Deployer

A role with a path, in an account that is known by its alias.

.EXAMPLE
PS> Open-RoleConsole -ProfileName prod -SignIn -Destination ec2/home -DurationInSeconds 3600

Opens the console in the browser, signed in as the role of the profile.

.EXAMPLE
PS> Open-RoleConsole

Roles
Which role is the console to be opened for?
[1] 1 Production (Admin, 123456789012)  [2] 2 ops/Deploy (222222222222)
[?] Help (default is "1"): 1

Offers the roles used lately.

.NOTES
Error ids, each followed by ',Open-RoleConsole': AccountIdInvalid,
ArnInvalid, RoleNameInvalid, ColorInvalid, DisplayNameInvalid,
DestinationInvalid, DurationInvalid, ConsoleUnavailable, ParameterConflict,
ProfileNotFound, ProfileIncomplete, NoRoleNamed, InputRequired,
BrowserNotFound, BrowserFailed; with -SignIn also SigninNeedsRole,
SigninRejected, SigninFailed and those of Use-Role.
Where the rules come from: IAM User Guide, "Switch from a user to an IAM
role (console)" and "Enable custom identity broker access to the AWS
console". AWS_ENDPOINT_URL_SIGNIN leads to another federation endpoint.

.LINK
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-console.html

.LINK
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_enable-console-custom-url.html

.LINK
Get-RoleHistory

.LINK
Use-Role
*/
using System.Collections;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>Opens the Switch Role page, or a console that is signed in.</summary>
[Cmdlet("Open", "RoleConsole", SupportsShouldProcess = true)]
[OutputType(typeof(void), typeof(string))]
public sealed class OpenRoleConsoleCommand : InputCmdlet
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
    public string? Destination { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("DurationSeconds")]
    [OptionalNumber]
    public int? DurationInSeconds { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("SerialNumber")]
    [Optional]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string? MfaSerial { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Optional]
    public string? TokenCode { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Optional]
    public string? ExternalId { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Optional]
    public string? RoleSessionName { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Optional]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string? SourceProfile { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Credentials")]
    [Optional]
    public object? Credential { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("ProfilesLocation", "AWSProfilesLocation")]
    [Optional]
    public string? ProfileLocation { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("RegionToCall")]
    [Region]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string? Region { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void ProcessInput()
    {
        var input = RoleInput.Read(this);
        RefuseIdleParameters();
        input.AssertNamesSomebody();
        if (SignIn)
            OpenSignedIn(input);
        else
            OpenSwitchRole(input);
    }

    private void OpenSwitchRole(RoleInput input)
    {
        if (SwitchRoleRequest(input) is not { } request)
            return;
        var link = (string)Ask("console/switch-role", request)["link"]!;
        if (!ShouldProcess(link, PassThru ? "Return the link" : "Open in the browser"))
            return;
        if (PassThru)
            WriteObject(link);
        else
            Browser.Open(this, link);
    }

    private void OpenSignedIn(RoleInput input)
    {
        var request = SignInRequest(input, out var name);
        if (name is null)
            return;
        // Ask before the call: a link that nobody wants must not exist.
        if (!ShouldProcess($"the console as {name}", PassThru ? "Return the signed-in link" : "Open in the browser, signed in"))
            return;
        var link = (string)Ask("console/sign-in", request)["link"]!;
        if (PassThru)
            WriteObject(link);
        else
            Browser.OpenPrivately(this, link);
    }

    // A parameter on the command line that would have no effect is a mistake. A column of a file may be there for another command.
    private void RefuseIdleParameters()
    {
        string[] idle = SignIn
            ? ["DisplayName", "Color"]
            :
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
        if (idle.FirstOrDefault(name => IsOnCommandLine(name) && Given.ContainsKey(name)) is not { } name)
            return;
        throw SignIn
            ? ThrowTerminating(
                "ParameterConflict",
                $"-{name} is for the Switch Role page, and -SignIn does not show that.",
                $"Leave out -{name}.",
                $"-{name}"
            )
            : ThrowTerminating(
                "ParameterConflict",
                $"-{name} takes effect with -SignIn only.",
                $"Add -SignIn, or leave out -{name}.",
                $"-{name}"
            );
    }

    // A link to a role needs its name only. Of an object in the pipeline that has an ARN, the ARN says it all. Null: the person chose none.
    private Hashtable? SwitchRoleRequest(RoleInput input)
    {
        var request = new Hashtable();
        if (
            SourceCredentials.TextOf(input.Object, "RoleArn") is { } arn
            && !IsOnCommandLine("RoleArn")
            && !IsOnCommandLine("ProfileName")
            && !IsOnCommandLine("RoleName")
        )
            request["roleArn"] = arn;
        else if (input.IsCredentials)
            throw ThrowTerminating(
                "SigninNeedsRole",
                "The credentials in the pipeline do not say which role they are.",
                "Add -SignIn to sign in with them.",
                "Credential"
            );
        else
            foreach (DictionaryEntry part in input.Roles[0])
                request[part.Key is "accountId" ? "account" : part.Key] = part.Value;
        foreach (var name in new[] { "ProfileLocation", "Region" })
        {
            if (input.Request[RoleRequest.WireName(name)] is { } value && IsOnCommandLine(name))
                request[RoleRequest.WireName(name)] = value;
        }
        if (request["roleName"] is not null && input.Request["region"] is { } region)
            request["region"] = region;
        if (request["profileName"] is not null && input.Request["profileLocation"] is { } location)
            request["profileLocation"] = location;
        if (input.Roles[0].Count == 0 && !request.ContainsKey("roleArn") && AddRole(request) is null)
            return null;
        if (DisplayName is not null)
            request["displayName"] = DisplayName;
        if (Color is not null)
            request["color"] = Color;
        return request;
    }

    private Hashtable SignInRequest(RoleInput input, out string? name)
    {
        var request = input.Request;
        request.Remove("durationInSeconds");
        foreach (DictionaryEntry part in input.Roles[0])
            request[part.Key] = part.Value;
        name = View.Text(request["profileName"])
            ?? View.Text(request["roleArn"])
            ?? View.Text(request["roleName"])
            ?? (request["credentials"] is null ? AddRole(request) : "the given credentials");
        request["invocationId"] = Guid.NewGuid().ToString();
        if (Destination is not null)
            request["destination"] = Destination;
        if (DurationInSeconds is not null)
            request["sessionDurationInSeconds"] = DurationInSeconds;
        return request;
    }

    // The entered role, else one of those used lately. Returns its name; null where the person chose none.
    private string? AddRole(Hashtable request)
    {
        var frames = RoleStack.Frames;
        if (RoleStack.OwnCount(frames) is > 0 and var count)
        {
            var frame = frames[count - 1];
            if (SignIn)
            {
                // As what the session is, and not as what it could be anew.
                request["credentials"] = SourceCredentials.From(this, frame.Credentials);
                request["chained"] = frame.IsChained;
                if (frame.RoleArn is not null)
                    request["partition"] = frame.RoleArn.Split(':')[1];
                if (frame.Region is not null && !request.ContainsKey("region"))
                    request["region"] = frame.Region;
                return frame.Name;
            }
            if (frame.RoleArn is not null)
            {
                request["roleArn"] = frame.RoleArn;
                return frame.Name;
            }
        }
        if (SelectUsedRole() is not { } used)
            return null;
        if (SignIn && View.Text(used["profileName"]) is { } profile)
            request["profileName"] = profile;
        else
            request["roleArn"] = used["roleArn"];
        return (string)used["roleArn"]!;
    }

    // Lets the person at the host choose one of the roles used lately.
    private Hashtable? SelectUsedRole()
    {
        var used = ((object[])Ask("history/list", [])["roles"]!).Cast<Hashtable>().ToArray();
        if (used.Length == 0)
            throw ThrowTerminating(
                "NoRoleNamed",
                "No role is named or entered, and none was used lately.",
                "Give -RoleArn, -ProfileName, or -RoleName and -AccountId.",
                null
            );
        var choices = used.Select(RoleChoice.OfHistory).ToArray();
        var chosen = RolePicker.Pick(this, "Console of:", choices, "Give -RoleArn, -ProfileName, or -RoleName and -AccountId.");
        return chosen is null ? null : used[Array.IndexOf(choices, chosen)];
    }
}
