using System.Management.Automation;

namespace RoleCredentials;

/// <summary>A sign-in to IAM Identity Center as an object. It holds no token.</summary>
internal static class IdentityCenterSignIn
{
    internal static PSObject From(SignedIn signedIn) =>
        View.Of(
            "RoleCredentials.IdentityCenterSignIn",
            ("SsoSession", signedIn.SsoSession),
            ("StartUrl", signedIn.StartUrl),
            ("SsoRegion", signedIn.SsoRegion),
            ("Expiration", View.Time(signedIn.Expiration)),
            ("IsRenewable", signedIn.Renewable)
        );
}
