/*
.SYNOPSIS
Signs in to AWS IAM Identity Center with the browser.

.DESCRIPTION
Connect-IdentityCenter opens the sign-in page of IAM Identity Center, waits
until you have signed in, and keeps the sign-in where the AWS CLI keeps it:
in ~/.aws/sso/cache. A sign-in of 'aws sso login' serves this module, and a
sign-in of Connect-IdentityCenter serves the AWS CLI and every AWS SDK. It
renews itself without you for as long as your administrator allows.

WHERE. Name a stored session with -SsoSession, or a profile that uses one
with -ProfileName, or the access portal itself with -StartUrl and -SsoRegion.
Without any of them, the cmdlet uses the session of the current profile
(AWS_PROFILE, or 'default'), or the only stored session.

HOW. By default the browser runs on this machine. After the sign-in it
returns to an address on this machine, as with 'aws sso login'. Over SSH, or
if the browser runs elsewhere, use -UseDeviceCode, and confirm the code on
any device. BROWSER names the browser to open.

If there is a valid sign-in, Connect-IdentityCenter returns it, and opens no
page. PowerShell sessions that need the same sign-in at the same time share
one page. Ctrl+C ends the wait at once.

Use-Role, Enter-Role, Open-RoleConsole and Get-IdentityCenterRole offer the
sign-in at a terminal when they need it.

.PARAMETER UseDeviceCode
Shows a code, and an address where you confirm it on any device.

.PARAMETER NoBrowser
Opens no browser. You open the address yourself.

.PARAMETER Force
Signs in again, even if there is a valid sign-in.

.INPUTS
None.

.OUTPUTS
RoleCredentials.IdentityCenterSignIn. SsoSession, StartUrl, SsoRegion,
Expiration (a DateTime in UTC) and IsRenewable. It holds no token.

.EXAMPLE
PS> Connect-IdentityCenter -SsoSession corp
Sign in to IAM Identity Center in your browser. If it shows no page, open
this address:
https://oidc.eu-west-1.amazonaws.com/authorize?response_type=code&...

SsoSession  : corp
StartUrl    : https://my-company.awsapps.com/start
SsoRegion   : eu-west-1
Expiration  : 2026-11-23 22:47:35Z (in 59 min)
IsRenewable : True

Signs in to a stored session.

.EXAMPLE
PS> Connect-IdentityCenter -StartUrl https://my-company.awsapps.com/start -SsoRegion eu-west-1 | Format-List Expiration

Expiration : 2026-11-23 22:47:35Z (in 59 min)

Signs in without a stored session.

.EXAMPLE
PS> Connect-IdentityCenter -ProfileName staff -UseDeviceCode -NoBrowser
To sign in to IAM Identity Center, open this address:
https://my-company.awsapps.com/start/#/device?user_code=MFQK-TWXP
Check that the page shows the code MFQK-TWXP.
On another device, open https://my-company.awsapps.com/start/#/device and
enter the code.

SsoSession  : corp
StartUrl    : https://my-company.awsapps.com/start
SsoRegion   : eu-west-1
Expiration  : 2026-11-23 22:47:35Z (in 59 min)
IsRenewable : True

Signs in from a machine without a browser.

.EXAMPLE
PS> Connect-IdentityCenter -ProfileName staff -WhatIf
What if: Performing the operation "Sign in" on target "IAM Identity Center (corp)".

Shows which session a profile uses. It opens no browser and stores nothing.

.NOTES
Error ids, each followed by
',RoleCredentials.ConnectIdentityCenterCommand': SsoSessionNotFound,
ProfileNotFound, ProfileIncomplete, SourceConflict, ParameterConflict,
StartUrlInvalid, RegionInvalid, SignInDenied, SignInTimeout,
SignInPortUnavailable, SsoFailed, FileUnwritable, FileBroken,
FileUnreadable.

.LINK
https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-sso.html

.LINK
Disconnect-IdentityCenter

.LINK
Get-IdentityCenterRole

.LINK
Use-Role
*/
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>Signs in to IAM Identity Center.</summary>
[Cmdlet("Connect", "IdentityCenter", SupportsShouldProcess = true)]
[OutputType("RoleCredentials.IdentityCenterSignIn")]
public sealed class ConnectIdentityCenterCommand : IdentityCenterCmdlet
{
    [Parameter]
    public SwitchParameter UseDeviceCode { get; set; }

    [Parameter]
    public SwitchParameter NoBrowser { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override void EndProcessing()
    {
        // A sign-out with WhatIf returns the session's name and changes nothing.
        var chosen = Ask(Methods.SignOut, WithSession(new SignOutParams { WhatIf = true }));
        if (!ShouldProcess($"{Subject} ({chosen.SsoSession ?? chosen.StartUrl})", "Sign in"))
            return;
        var request = WithSession(new StartSignInParams { UseDeviceCode = UseDeviceCode, Force = Force });
        var (signedIn, error) = BrowserSignIn.Run(this, Methods.StartSignIn, request, Subject, NoBrowser);
        if (signedIn is null)
            ThrowTerminatingError(error);
        else
            WriteObject(
                View.Of(
                    "RoleCredentials.IdentityCenterSignIn",
                    ("SsoSession", signedIn.SsoSession),
                    ("StartUrl", signedIn.StartUrl),
                    ("SsoRegion", signedIn.SsoRegion),
                    ("Expiration", View.Time(signedIn.Expiration)),
                    ("IsRenewable", signedIn.Renewable)
                )
            );
    }
}
