using System.Collections;
using System.Management.Automation;
using System.Security;

namespace RoleCredentials;

/// <summary>
/// Reads the parameters that assume a role without AWS credentials: -SamlAssertion, -WebIdentityToken and -WebIdentityProvider.
/// </summary>
internal static class FederationInput
{
    internal static readonly string[] Sources = ["SamlAssertion", "WebIdentityToken", "WebIdentityProvider"];

    /// <summary>The parameter that a pipeline object belongs to, or null: an assertion or a token as text, or a file of one.</summary>
    internal static string? ParameterOf(InputCmdlet cmdlet, object? input) =>
        GivenValue.Plain(input) switch
        {
            string text when IsToken(text) => "WebIdentityToken",
            string text when SamlAssertion.IsText(text) => "SamlAssertion",
            string or SecureString or FileInfo when cmdlet.IsOnCommandLine("PrincipalArn") => "SamlAssertion",
            _ => null,
        };

    /// <summary>Adds the assertion or the token to each role. Without a named role, an assertion's role is chosen.</summary>
    /// <exception cref="PipelineStoppedException">The cmdlet ended with an error.</exception>
    internal static IReadOnlyList<NamedRole> Add(InputCmdlet cmdlet, Hashtable given, IReadOnlyList<NamedRole> roles)
    {
        var sources = Sources.Where(given.ContainsKey).ToArray();
        RefuseIdle(cmdlet, given, sources);
        if (sources.Length == 0)
            return roles;
        if (sources is ["SamlAssertion"])
            return AddAssertion(cmdlet, given, roles);
        var federation = given["WebIdentityProvider"] is { } provider
            ? FromProvider((string)provider, given)
            : FromToken(cmdlet, given["WebIdentityToken"]!);
        return [.. roles.Select(role => role with { Federation = federation })];
    }

    private static void RefuseIdle(InputCmdlet cmdlet, Hashtable given, string[] sources)
    {
        var provider = given["WebIdentityProvider"] as string;
        var (first, second) = sources switch
        {
            [var one, var other, ..] => (one, other),
            [var one] when given.ContainsKey("Chain") => ("Chain", one),
            // A role of IAM Identity Center comes from a sign-in, and not from another role.
            [] when given.ContainsKey("Chain") && SsoParameter(given) is { } one => ("Chain", one),
            _ => ("", ""),
        };
        if (first != "")
        {
            throw cmdlet.ThrowConflict($"-{first} and -{second} cannot be combined.", "Pass only one source of credentials.", $"-{first}");
        }
        RefuseUnless(sources is ["SamlAssertion"], "PrincipalArn", "-SamlAssertion");
        RefuseUnless(IsProvider(provider, "GitHubActions"), "Audience", "-WebIdentityProvider GitHubActions");
        RefuseUnless(IsProvider(provider, "AzureDevOps"), "ServiceConnectionId", "-WebIdentityProvider AzureDevOps");

        void RefuseUnless(bool isUsed, string name, string needs)
        {
            if (given.ContainsKey(name) && !isUsed)
                throw cmdlet.ThrowIdle(name, $"has no effect without {needs}", $"Pass {needs}");
        }
    }

    private static string? SsoParameter(Hashtable given) => new[] { "SsoSession", "StartUrl" }.FirstOrDefault(given.ContainsKey);

    private static bool IsProvider(string? provider, string name) => string.Equals(provider, name, StringComparison.OrdinalIgnoreCase);

    private static NamedRole[] AddAssertion(InputCmdlet cmdlet, Hashtable given, IReadOnlyList<NamedRole> roles)
    {
        var assertion = SamlAssertion.Read(cmdlet, given["SamlAssertion"]!);
        var principal = given["PrincipalArn"] as string;
        return
        [
            .. roles.Select(role =>
            {
                var (roleArn, principalArn) = RoleIn(cmdlet, assertion, role, principal);
                return new NamedRole
                {
                    RoleArn = roleArn,
                    // The core refuses a source of credentials beside the assertion.
                    ProfileName = role.ProfileName,
                    Federation = new Federation
                    {
                        Kind = "saml",
                        Assertion = assertion.Base64,
                        PrincipalArn = principalArn,
                    },
                    DurationInSeconds = assertion.SessionDuration,
                };
            }),
        ];
    }

    private static SamlRole RoleIn(InputCmdlet cmdlet, SamlAssertion assertion, NamedRole role, string? principal)
    {
        if (assertion.IsEncrypted && role.RoleArn is { } arn && principal is not null)
            return new SamlRole(arn, principal);
        if (assertion.Roles.Count == 0)
        {
            throw cmdlet.ThrowTerminating(
                "SamlAssertionInvalid",
                assertion.IsEncrypted
                    ? "The SAML assertion is encrypted, so only AWS can read its roles."
                    : "The SAML assertion offers no role of AWS.",
                assertion.IsEncrypted
                    ? "Pass the role to -RoleArn and the identity provider to -PrincipalArn."
                    : "Check the identity provider: it sends the attribute https://aws.amazon.com/SAML/Attributes/Role.",
                "SamlAssertion"
            );
        }
        SamlRole[] offered = [.. assertion.Roles.Where(one => one.IsNamedBy(role) && (principal is null || principal == one.PrincipalArn))];
        if (offered.Length == 0)
        {
            throw cmdlet.ThrowTerminating(
                "SamlRoleNotOffered",
                "The SAML assertion does not offer this role through this identity provider.",
                $"It offers {ListOf(assertion.Roles)}.",
                role.RoleArn ?? principal ?? "SamlAssertion",
                ErrorCategory.ObjectNotFound
            );
        }
        return offered.Length == 1 ? offered[0] : Choose(cmdlet, offered);
    }

    private static SamlRole Choose(InputCmdlet cmdlet, SamlRole[] offered)
    {
        var hasProviders = offered.DistinctBy(one => one.PrincipalArn).Count() > 1;
        RoleChoice[] choices =
        [
            .. offered.Select(one => new RoleChoice(
                hasProviders ? one.Provider : "",
                one.Account,
                View.RoleNameOf(one.RoleArn),
                new NamedRole { RoleArn = one.RoleArn }
            )),
        ];
        var advice = $"Pass -RoleArn{(hasProviders ? " and -PrincipalArn" : "")}. The assertion offers {ListOf(offered)}.";
        if (RolePicker.Pick(cmdlet, "Role:", choices, advice) is { } chosen)
            return offered[Array.FindIndex(choices, one => ReferenceEquals(one, chosen))];
        throw cmdlet.ThrowTerminating("NoRoleNamed", "No role was chosen.", advice, "SamlAssertion");
    }

    private static string ListOf(IReadOnlyList<SamlRole> roles)
    {
        const int Most = 20;
        var arns = roles.Select(one => one.RoleArn).Distinct().ToArray();
        var rest = arns.Length > Most ? $" and {arns.Length - Most} more" : "";
        return string.Join(", ", arns.Take(Most)) + rest;
    }

    private static Federation FromProvider(string provider, Hashtable given) =>
        new()
        {
            Kind = IsProvider(provider, "GitHubActions") ? "GitHubActions" : "AzureDevOps",
            Audience = (string?)given["Audience"],
            ServiceConnectionId = (string?)given["ServiceConnectionId"],
        };

    private static Federation FromToken(InputCmdlet cmdlet, object given)
    {
        var plain = GivenValue.Plain(given);
        var text = plain is FileInfo file ? file.FullName : GivenValue.SecretOf(given).Trim();
        if (IsToken(text) || (plain is SecureString && text != ""))
            return new Federation { Kind = "token", Token = text };
        // The core reads the file at each call, because its issuer rotates the token.
        if (plain is not SecureString && FilePath.Find(cmdlet, text) is { } path)
            return new Federation { Kind = "tokenFile", Path = path };
        throw cmdlet.ThrowTerminating(
            "WebIdentityTokenInvalid",
            "The value of -WebIdentityToken is neither a JSON Web Token nor the path of a file.",
            "Pass the token of the identity provider as text, as SecureString, or as a file.",
            "WebIdentityToken"
        );
    }

    // Three parts of Base64, of which the first is a JSON object: RFC 7519.
    private static bool IsToken(string text)
    {
        var parts = text.Trim().Split('.');
        return parts is [['e', 'y' or 'w', ..], _, _]
            && parts[0].Length >= 8
            && parts.All(part => part.All(one => char.IsAsciiLetterOrDigit(one) || one is '-' or '_'));
    }
}
