using System.Collections;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>Reads which roles the given parameters name.</summary>
internal static class NamedRoleReader
{
    /// <summary>The named roles, or a single empty one if no role is named.</summary>
    /// <param name="cmdlet">The cmdlet to end with an error.</param>
    /// <param name="given">The given parameters.</param>
    /// <param name="isText">Whether the positional parameter is text that may be an ARN or a profile.</param>
    /// <exception cref="PipelineStoppedException">The cmdlet ended with an error.</exception>
    internal static List<NamedRole> Read(InputCmdlet cmdlet, Hashtable given, bool isText)
    {
        string[] TextsOf(string parameter)
        {
            var texts = given[parameter] is { } value ? LanguagePrimitives.ConvertTo<string[]>(value) : [];
            // An empty element would select the default credentials.
            return !texts.Any(string.IsNullOrEmpty)
                ? texts
                : throw cmdlet.ThrowTerminating(
                    "ParameterConflict",
                    $"An element of {parameter} is empty.",
                    "Name a role, a profile or an account in each element.",
                    parameter
                );
        }
        var arns = TextsOf("RoleArn");
        var profiles = TextsOf("ProfileName");
        var accounts = TextsOf("AccountId");
        var texts = TextsOf(cmdlet.PositionalName);
        List<NamedRole> roles;
        if (isText && cmdlet.PositionalName == "RoleArn" && texts.FirstOrDefault(text => !IsArn(text)) is { } profile)
        {
            if (profiles.Length > 0)
            {
                throw cmdlet.ThrowConflict(
                    $"'{profile}' and -ProfileName both name a profile.",
                    "Name one profile. With -ProfileName, pass the role as an ARN.",
                    "ProfileName"
                );
            }
            roles = [.. texts.Select(OfText)];
        }
        else if (isText && cmdlet.PositionalName == "ProfileName" && arns.Length == 0 && accounts.Length == 0)
            roles = [.. texts.Select(OfText)];
        else if (profiles.Length > 1 && arns.Length + accounts.Length > 0)
        {
            throw cmdlet.ThrowConflict(
                "A role cannot be assumed with several profiles.",
                "Pass a single -ProfileName together with a role.",
                "ProfileName"
            );
        }
        else if (arns.Length > 0)
            roles = [.. arns.Select(arn => new NamedRole { RoleArn = arn, ProfileName = profiles.FirstOrDefault() })];
        else if (accounts.Length > 0)
            roles = [.. accounts.Select(account => new NamedRole { AccountId = account, ProfileName = profiles.FirstOrDefault() })];
        else
            roles = [.. profiles.Select(name => new NamedRole { ProfileName = name })];
        if (roles.Count == 0)
            roles.Add(new NamedRole());
        // The core reports an invalid combination.
        var roleName = given["RoleName"] is { } name ? GivenValue.TextOf(name) : null;
        return [.. roles.Select(role => role with { RoleName = roleName, AccountId = role.AccountId ?? accounts.FirstOrDefault() })];
    }

    private static NamedRole OfText(string text) => IsArn(text) ? new NamedRole { RoleArn = text } : new NamedRole { ProfileName = text };

    private static bool IsArn(string text) => text.StartsWith("arn:", StringComparison.Ordinal);
}
