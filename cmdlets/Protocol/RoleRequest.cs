using System.Collections;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>The given parameters of a cmdlet as the core's parameters, under the protocol's names. RoleInput adds those that name the role.</summary>
internal static class RoleRequest
{
    private static readonly string[] Texts =
    [
        "SourceProfile",
        "RoleSessionName",
        "ExternalId",
        "MfaSerial",
        "TokenCode",
        "Policy",
        "SourceIdentity",
        "Region",
        "EndpointUrl",
    ];

    /// <exception cref="PipelineStoppedException">The cmdlet was ended with an error.</exception>
    internal static Hashtable From(PSCmdlet cmdlet, IDictionary given)
    {
        var request = new Hashtable();
        foreach (var name in Texts)
            if (given.Contains(name))
                request[WireName(name)] = TextOf(given[name]);
        if (given.Contains("DurationInSeconds"))
            request["durationInSeconds"] = LanguagePrimitives.ConvertTo<int>(given["DurationInSeconds"]);
        if (given.Contains("NoCache"))
            request["noCache"] = LanguagePrimitives.IsTrue(given["NoCache"]);
        if (given.Contains("ProfileLocation"))
            request["profileLocation"] = ResolveProfileLocation(cmdlet, TextOf(given["ProfileLocation"]));
        if (given.Contains("TransitiveTagKey"))
            request["transitiveTagKeys"] = given["TransitiveTagKey"];
        if (given.Contains("PolicyArn"))
            request["policyArns"] = PolicyArns(cmdlet, given["PolicyArn"] as IEnumerable);
        if (given.Contains("Tag"))
            request["tags"] = Tags(cmdlet, given["Tag"] as IEnumerable);
        var credentials = SourceCredentials.FromKeys(cmdlet, given);
        if (given.Contains("Credential"))
            credentials = SourceCredentials.From(cmdlet, given["Credential"]);
        if (credentials is not null)
            request["credentials"] = credentials;
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
            if (provider.Name == "FileSystem")
                return path;
        }
        catch (Exception error) when (error is RuntimeException or ArgumentException or NotSupportedException)
        {
            why = error.GetBaseException().Message;
        }
        throw ThrowTerminating(
            cmdlet,
            "ProfileLocationInvalid",
            $"'{location}' cannot be the place of profiles: {why}",
            "Name a file, such as ~/.aws/credentials.",
            location
        );
    }

    /// <summary>
    /// Session tags: hashtables (@{ project = 'apollo' }) and objects like them, objects with Key and Value as Use-STSRole takes them, or the
    /// text that a profile or a column of a file holds (project=apollo,stage=test).
    /// </summary>
    internal static Hashtable[] Tags(PSCmdlet cmdlet, IEnumerable? given) =>
        [.. (given ?? Array.Empty<object>()).Cast<object?>().SelectMany(item => TagsOf(cmdlet, item))];

    private static IEnumerable<Hashtable> TagsOf(PSCmdlet cmdlet, object? item)
    {
        switch (Unwrap(item))
        {
            case "":
                return [];
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
                throw ThrowTerminating(
                    cmdlet,
                    "TagInvalid",
                    $"'{item}' is not a tag.",
                    "Give tags as a hashtable: -Tag @{ key = 'value' }",
                    "Tag"
                );
        }
    }

    // ARNs of managed policies: as text, or in the PolicyDescriptorType that Use-STSRole takes.
    private static string[] PolicyArns(PSCmdlet cmdlet, IEnumerable? given)
    {
        var arns = new List<string>();
        foreach (var item in given ?? Array.Empty<object>())
        {
            if (Unwrap(item) is string text)
                arns.Add(text);
            else if (item is not null && PropertyOf(item, "Arn") is { } arn)
                arns.Add(TextOf(arn.Value));
            else
                throw ThrowTerminating(
                    cmdlet,
                    "PolicyInvalid",
                    $"'{item}' is not the ARN of a policy.",
                    "It looks like arn:aws:iam::aws:policy/ReadOnlyAccess.",
                    "PolicyArn"
                );
        }
        return [.. arns];
    }

    private static Hashtable Tag(object? key, object? value) => new() { ["key"] = TextOf(key), ["value"] = TextOf(value) };

    /// <summary>As PowerShell converts it: nothing becomes an empty text. A text it would look at for longer than the core at a cached role.</summary>
    internal static string TextOf(object? value) => value as string ?? LanguagePrimitives.ConvertTo<string>(value);

    internal static object? Unwrap(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;

    internal static PSPropertyInfo? PropertyOf(object item, string name) => PSObject.AsPSObject(item).Properties[name];

    /// <summary>
    /// Ends the cmdlet with an error, or only the record, where the cmdlet goes on with the next one. To be thrown, so that the compiler knows.
    /// </summary>
    internal static Exception ThrowTerminating(
        PSCmdlet cmdlet,
        string id,
        string message,
        string action,
        string? target,
        ErrorCategory category = ErrorCategory.InvalidArgument
    )
    {
        var record = CoreFailure.Create(id, message, action, target, category);
        if (cmdlet is InputCmdlet { ContinuesAfterErrors: true })
            return new RecordRefusedException(record);
        cmdlet.ThrowTerminatingError(record);
        return new PipelineStoppedException();
    }
}

/// <summary>One record cannot be processed. InputCmdlet writes the error.</summary>
internal sealed class RecordRefusedException(ErrorRecord record) : Exception
{
    internal ErrorRecord Record { get; } = record;
}
