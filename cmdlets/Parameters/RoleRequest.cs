using System.Collections;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>Converts a cmdlet's given parameters to request parameters. RoleInput adds the ones that name the role.</summary>
internal static class RoleRequest
{
    /// <exception cref="PipelineStoppedException">The cmdlet ended with an error.</exception>
    internal static UseRoleParams From(RoleCmdlet cmdlet, IDictionary given)
    {
        string? TextOfGiven(string name) => given.Contains(name) ? GivenValue.TextOf(given[name]) : null;
        return new UseRoleParams
        {
            RoleSessionName = TextOfGiven("RoleSessionName"),
            DurationInSeconds = (int?)given["DurationInSeconds"],
            ExternalId = TextOfGiven("ExternalId"),
            MfaSerial = TextOfGiven("MfaSerial"),
            SourceIdentity = TextOfGiven("SourceIdentity"),
            Tags = given["Tag"] is { } tags ? Tags(cmdlet, (object?[])tags) : null,
            TransitiveTagKeys = given["TransitiveTagKey"] is { } keys ? TagKeys((string?[])keys) : null,
            Policy = TextOfGiven("Policy"),
            PolicyArns = given["PolicyArn"] is { } policies ? [.. ((object?[])policies).Select(policy => PolicyArn(cmdlet, policy))] : null,
            ProfileLocation = cmdlet.PathOf(TextOfGiven("ProfileLocation")),
            SsoSession = TextOfGiven("SsoSession"),
            StartUrl = TextOfGiven("StartUrl"),
            SsoRegion = TextOfGiven("SsoRegion"),
            SourceProfile = TextOfGiven("SourceProfile"),
            Credentials = SourceCredentials.FromKeys(cmdlet, given)
                ?? (given["Credential"] is { } credential ? SourceCredentials.From(cmdlet, credential) : null),
            SourceGiven = IsSourceGiven(given) ? true : null,
            TokenCode = TextOfGiven("TokenCode"),
            Region = TextOfGiven("Region"),
            EndpointUrl = TextOfGiven("EndpointUrl"),
            NoCache = given.Contains("NoCache") ? LanguagePrimitives.IsTrue(given["NoCache"]) : null,
        };
    }

    // With -Chain, the source is the entered role. Without one, -Chain has no effect.
    private static bool IsSourceGiven(IDictionary given) =>
        given.Contains("Credential")
        || given.Contains("AccessKey")
        || (given.Contains("Chain") && LanguagePrimitives.IsTrue(given["Chain"]) && RoleStack.Count > 0);

    /// <summary>The protocol's name of a parameter.</summary>
    internal static string WireName(string parameter) => char.ToLowerInvariant(parameter[0]) + parameter[1..];

    /// <summary>
    /// Session tags: hashtables (@{ project = 'apollo' }) or similar objects, objects with Key and Value as for Use-STSRole, or text from a
    /// profile or a CSV column (project=apollo,stage=test).
    /// </summary>
    internal static SessionTag[] Tags(RoleCmdlet cmdlet, object?[] given) => [.. given.SelectMany(item => TagsOf(cmdlet, item))];

    private static IEnumerable<SessionTag> TagsOf(RoleCmdlet cmdlet, object? item)
    {
        switch (GivenValue.Plain(item))
        {
            case "":
                return [];
            case { } when SourceCredentials.IsHeldBy(item):
                throw cmdlet.ThrowTerminating("TagInvalid", "Credentials cannot be a tag.", "Pass credentials with -Credential.", "Tag");
            case IDictionary table when table.Count == 2 && table.Contains("Key") && table.Contains("Value"):
                return [Tag(table["Key"], table["Value"])];
            case IDictionary table:
                return table.Cast<DictionaryEntry>().Select(entry => Tag(entry.Key, entry.Value));
            case string text
                when text.Split(',').Select(pair => pair.Split('=', 2)).ToArray() is var pairs && pairs.All(pair => pair.Length == 2):
                return pairs.Select(pair => Tag(pair[0].Trim(), pair[1].Trim()));
            case { } when PropertyOf(item!, "Key") is { } key && PropertyOf(item!, "Value") is { } value:
                return [Tag(key.Value, value.Value)];
            case PSCustomObject:
                return PSObject.AsPSObject(item).Properties.Select(property => Tag(property.Name, property.Value));
            default:
                throw cmdlet.ThrowTerminating(
                    "TagInvalid",
                    $"'{item}' is not a tag.",
                    "Pass tags as a hashtable: -Tag @{ key = 'value' }",
                    "Tag"
                );
        }
    }

    // Keys of tags: an array, or text from a profile or a CSV column (project,stage).
    private static string[] TagKeys(string?[] given) =>
        [.. given.SelectMany(text => (text ?? "").Split(',', StringSplitOptions.TrimEntries))];

    // The ARN of a managed policy: a string, or the PolicyDescriptorType object of Use-STSRole.
    private static string PolicyArn(RoleCmdlet cmdlet, object? item)
    {
        if (GivenValue.Plain(item) is string text)
            return text;
        if (item is not null && PropertyOf(item, "Arn") is { } arn)
            return GivenValue.TextOf(arn.Value);
        throw cmdlet.ThrowTerminating(
            "PolicyInvalid",
            $"'{item}' is not the ARN of a policy.",
            "Pass an ARN such as arn:aws:iam::aws:policy/ReadOnlyAccess.",
            "PolicyArn"
        );
    }

    private static PSPropertyInfo? PropertyOf(object item, string name) => PSObject.AsPSObject(item).Properties[name];

    private static SessionTag Tag(object? key, object? value) => new() { Key = GivenValue.TextOf(key), Value = GivenValue.TextOf(value) };
}
