using System.Management.Automation;

namespace RoleCredentials;

/// <summary>
/// A role that IAM Identity Center assigns to the user. Its properties are parameters of the cmdlets that use and store it, so a session's
/// name leaves no place for the start URL.
/// </summary>
internal static class IdentityCenterRole
{
    internal const string TypeName = "RoleCredentials.IdentityCenterRole";

    internal static PSObject From(ChosenSession session, SsoAccount account, string roleName) =>
        View.Of(
            TypeName,
            ("AccountId", account.AccountId),
            ("AccountName", account.AccountName),
            ("RoleName", roleName),
            ("EmailAddress", account.EmailAddress),
            ("SsoSession", session.SsoSession),
            ("StartUrl", session.SsoSession is null ? session.StartUrl : null),
            ("SsoRegion", session.SsoSession is null ? session.SsoRegion : null)
        );
}
