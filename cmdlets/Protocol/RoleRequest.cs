using System.Collections;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>The bound parameters of a cmdlet as the core's parameters: only what was given, under the protocol's names.</summary>
internal static class RoleRequest
{
    private static readonly string[] Texts =
    [
        "ProfileName", "RoleArn", "RoleName", "AccountId", "SourceProfile", "RoleSessionName", "ExternalId", "MfaSerial", "TokenCode",
        "Policy", "SourceIdentity", "Region", "EndpointUrl",
    ];

    /// <exception cref="PipelineStoppedException">The cmdlet was ended with an error.</exception>
    internal static Hashtable From(PSCmdlet cmdlet, IDictionary bound)
    {
        var request = new Hashtable();
        foreach (var name in Texts) if (bound.Contains(name)) request[WireName(name)] = TextOf(bound[name]);
        if (bound.Contains("DurationInSeconds")) request["durationInSeconds"] = LanguagePrimitives.ConvertTo<int>(bound["DurationInSeconds"]);
        if (bound.Contains("NoCache")) request["noCache"] = LanguagePrimitives.IsTrue(bound["NoCache"]);
        if (bound.Contains("ProfileLocation")) request["profileLocation"] = ResolveProfileLocation(cmdlet, TextOf(bound["ProfileLocation"]));
        if (bound.Contains("TransitiveTagKey")) request["transitiveTagKeys"] = bound["TransitiveTagKey"] ?? Array.Empty<string>();
        if (bound.Contains("PolicyArn")) request["policyArns"] = PolicyArns(cmdlet, bound["PolicyArn"] as IEnumerable);
        if (bound.Contains("Tag")) request["tags"] = Tags(cmdlet, bound["Tag"] as IEnumerable);
        var credentials = SourceCredentials.FromKeys(cmdlet, bound);
        if (bound.Contains("Credential")) credentials = SourceCredentials.From(cmdlet, bound["Credential"]);
        if (credentials is not null) request["credentials"] = credentials;
        return request;
    }

    /// <summary>The protocol's name of a parameter.</summary>
    internal static string WireName(string parameter) => char.ToLowerInvariant(parameter[0]) + parameter[1..];

    /// <summary>The path that -ProfileLocation means, in the caller's folder and on his drives. The file need not exist.</summary>
    internal static string ResolveProfileLocation(PSCmdlet cmdlet, string location)
    {
        var why = "It is in no file system.";
        try
        {
            var path = cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath(location, out var provider, out _);
            if (provider.Name == "FileSystem") return path;
        }
        catch (Exception error) when (error is RuntimeException or ArgumentException or NotSupportedException)
        {
            why = error.GetBaseException().Message;
        }
        throw Ended(cmdlet, "ProfileLocationInvalid", $"'{location}' cannot be the place of profiles: {why}", "Name a file, such as ~/.aws/credentials.", location);
    }

    /// <summary>Session tags from hashtables (@{ project = 'apollo' }), or from objects with Key and Value as Use-STSRole takes them.</summary>
    internal static Hashtable[] Tags(PSCmdlet cmdlet, IEnumerable? given)
    {
        var tags = new List<Hashtable>();
        foreach (var item in given ?? Array.Empty<object>())
        {
            if (Unwrap(item) is IDictionary table)
            {
                if (table.Count == 2 && table.Contains("Key") && table.Contains("Value")) tags.Add(Tag(table["Key"], table["Value"]));
                else foreach (DictionaryEntry entry in table) tags.Add(Tag(entry.Key, entry.Value));
            }
            else if (item is not null && PropertyOf(item, "Key") is { } key && PropertyOf(item, "Value") is { } value) tags.Add(Tag(key.Value, value.Value));
            else throw Ended(cmdlet, "TagInvalid", $"'{item}' is not a tag.", "Give tags as a hashtable: -Tag @{ key = 'value' }", "Tag");
        }
        return [.. tags];
    }

    // ARNs of managed policies: as text, or in the PolicyDescriptorType that Use-STSRole takes.
    private static string[] PolicyArns(PSCmdlet cmdlet, IEnumerable? given)
    {
        var arns = new List<string>();
        foreach (var item in given ?? Array.Empty<object>())
        {
            if (Unwrap(item) is string text) arns.Add(text);
            else if (item is not null && PropertyOf(item, "Arn") is { } arn) arns.Add(TextOf(arn.Value));
            else throw Ended(cmdlet, "PolicyInvalid", $"'{item}' is not the ARN of a policy.", "It looks like arn:aws:iam::aws:policy/ReadOnlyAccess.", "PolicyArn");
        }
        return [.. arns];
    }

    private static Hashtable Tag(object? key, object? value) => new()
    {
        ["key"] = TextOf(key),
        ["value"] = TextOf(value),
    };

    /// <summary>As PowerShell converts it: nothing becomes an empty text. A text it would look at for longer than the core at a cached role.</summary>
    internal static string TextOf(object? value) => value as string ?? LanguagePrimitives.ConvertTo<string>(value);

    internal static object? Unwrap(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;

    internal static PSPropertyInfo? PropertyOf(object item, string name) => PSObject.AsPSObject(item).Properties[name];

    // Ends the cmdlet with an error; to be thrown, so that the compiler knows.
    internal static PipelineStoppedException Ended(PSCmdlet cmdlet, string id, string message, string action, string? target, ErrorCategory category = ErrorCategory.InvalidArgument)
    {
        cmdlet.ThrowTerminatingError(CoreFailure.Create(id, message, action, target, category));
        return new PipelineStoppedException();
    }
}
