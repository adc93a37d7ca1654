using System.Collections;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>
/// A role that IAM Identity Center assigns to the user. Its properties are parameters of the cmdlets that use and store it, so a session's
/// name leaves no place for the start URL.
/// </summary>
internal static class IdentityCenterRole
{
    internal const string TypeName = "RoleCredentials.IdentityCenterRole";

    internal static PSObject From(Hashtable session, Hashtable account, string roleName)
    {
        var name = View.Text(session["ssoSession"]);
        return View.Of(
            TypeName,
            ("AccountId", account["accountId"]),
            ("AccountName", account["accountName"]),
            ("RoleName", roleName),
            ("EmailAddress", account["emailAddress"]),
            ("SsoSession", name),
            ("StartUrl", name is null ? session["startUrl"] : null),
            ("SsoRegion", name is null ? session["ssoRegion"] : null)
        );
    }
}
