using System.Collections;
using System.Management.Automation;
using System.Text.RegularExpressions;

namespace RoleCredentials;

/// <summary>Profiles of IAM Identity Center roles: their parameters, and their names from a template.</summary>
internal sealed class IdentityCenterProfile
{
    /// <summary>The parameters of Set-RoleCredentials, and the settings that they store.</summary>
    internal static readonly (string Parameter, string Setting)[] Settings =
    [
        ("AccountId", Setting.SsoAccountId),
        ("RoleName", Setting.SsoRoleName),
        ("SsoSession", Setting.SsoSession),
        ("StartUrl", Setting.SsoStartUrl),
        ("SsoRegion", Setting.SsoRegion),
    ];

    private static readonly Regex Placeholder = new(
        @"\{(AccountName|AccountId|RoleName|SsoSession)\}",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant
    );

    // The roles that got a name from the template in this invocation.
    private readonly Dictionary<string, string> named = new(StringComparer.Ordinal);

    internal static bool IsTemplate(string name) => Placeholder.IsMatch(name);

    /// <summary>
    /// The profile's name: the template with the object's properties in place of {AccountName}, {AccountId}, {RoleName} and {SsoSession}.
    /// Characters that a profile's name cannot have become hyphens. Returns null after an error. The other objects are still stored.
    /// </summary>
    internal string? NameFrom(InputCmdlet cmdlet, string template, Hashtable given)
    {
        string? missing = null;
        var name = Placeholder.Replace(template, match =>
        {
            var property = match.Groups[1].Value;
            var value = given[property] as string ?? SourceCredentials.TextOf(cmdlet.Input, property);
            if (string.IsNullOrEmpty(value))
                missing ??= property;
            return Regex.Replace(value ?? "", "[^A-Za-z0-9_.@+-]+", "-").Trim('-');
        });
        var role = string.Join(' ', Settings.Select(one => given[one.Parameter]));
        if (missing is not null)
            return Refuse(
                "ProfileNameInvalid",
                $"-StoreAs contains {{{missing}}}, and the object has no {missing}.",
                "Use other properties in -StoreAs.",
                template
            );
        if (named.TryGetValue(name, out var other) && other != role)
            return Refuse("ProfileConflict", $"Several roles would be stored as '{name}'.", "Add {AccountId} to -StoreAs.", name);
        named[name] = role;
        return name;

        string? Refuse(string id, string message, string action, string target)
        {
            cmdlet.ReportError(CoreFailure.Create(id, message, action, target, ErrorCategory.ResourceExists));
            return null;
        }
    }
}
