using System.Collections;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>A sign-in to IAM Identity Center as an object. It holds no token.</summary>
internal static class IdentityCenterSignIn
{
    internal static PSObject From(Hashtable signedIn) =>
        View.Of(
            "RoleCredentials.IdentityCenterSignIn",
            ("SsoSession", View.Text(signedIn["ssoSession"])),
            ("StartUrl", View.Text(signedIn["startUrl"])),
            ("SsoRegion", View.Text(signedIn["ssoRegion"])),
            ("Expiration", View.Time(signedIn["expiration"])),
            ("IsRenewable", signedIn["renewable"] is true)
        );
}
