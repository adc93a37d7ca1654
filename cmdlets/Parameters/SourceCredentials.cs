using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Reflection;

namespace RoleCredentials;

/// <summary>
/// Extracts the keys from an object that holds credentials: RoleCredentials, a Use-STSRole result, a copy of either (Select-Object, JSON,
/// CLIXML, a job, a remote session), an AWSCredentials of the AWS SDK for .NET, or a PSCredential.
/// </summary>
internal static class SourceCredentials
{
    /// <summary>The keys from the value of -Credential.</summary>
    internal static WireCredentials From(RoleCmdlet cmdlet, object credential) =>
        Read(credential, out var problem)
        ?? throw cmdlet.ThrowTerminating(
            "CredentialInvalid",
            problem,
            "Pass a result of Use-Role or Use-STSRole, a complete copy of one, AWSCredentials, or a PSCredential.",
            "Credential"
        );

    /// <summary>The keys from -AccessKey, -SecretKey and -SessionToken; null if none of them was given.</summary>
    internal static WireCredentials? FromKeys(RoleCmdlet cmdlet, IDictionary given)
    {
        if (!given.Contains("AccessKey") && !given.Contains("SecretKey") && !given.Contains("SessionToken"))
            return null;
        // An incomplete pair must not fall back to other credentials.
        var key = GivenValue.SecretOf(given["AccessKey"]);
        var secret = GivenValue.SecretOf(given["SecretKey"]);
        if (key == "" || secret == "")
        {
            throw cmdlet.ThrowConflict("The access key or its secret key is missing.", "Pass both -AccessKey and -SecretKey.", "AccessKey");
        }
        if (given.Contains("Credential"))
        {
            throw cmdlet.ThrowConflict(
                "-Credential and -AccessKey cannot be combined.",
                "Pass only one source of credentials.",
                "Credential"
            );
        }
        return Wire(key, secret, View.Text(GivenValue.SecretOf(given["SessionToken"])));
    }

    /// <summary>
    /// Whether a pipeline object holds credentials. Incomplete credentials count too: they are rejected later, because they must not fall
    /// back to other credentials. A row that names a role and has the parameter names AccessKey and SecretKey does not count.
    /// </summary>
    internal static bool IsHeldBy(object? value) =>
        GivenValue.Plain(value) switch
        {
            null or string => false,
            PSCredential => true,
            var plain when GetCredentialsOf(plain) is not null => true,
            _ => IsCopy(value)
                || (
                    ValueOf(value, "RoleArn", "RoleName", "ProfileName") is null
                    && ValueOf(value, "Credentials") is { } inner
                    && IsHeldBy(inner)
                ),
        };

    /// <summary>The keys, or null and a description of the problem.</summary>
    internal static WireCredentials? Read(object credential, out string problem)
    {
        problem = "";
        if (GivenValue.Plain(credential) is PSCredential named)
            return Wire(named.UserName, GivenValue.SecretOf(named), null);
        // An AssumeRole response nests its credentials in a property.
        if (!IsCopy(credential) && ValueOf(credential, "Credentials") is { } inner && GivenValue.Plain(inner) is not string)
            return Read(inner, out problem);
        if (GetCredentialsOf(GivenValue.Plain(credential)!) is { } getCredentials && !IsCopy(credential))
            return FromSdk(credential, getCredentials, out problem);
        var key = TextOf(credential, "AccessKeyId", "AccessKey");
        var secret = TextOf(credential, "SecretAccessKey", "SecretKey");
        if (key is null || secret is null)
        {
            problem =
                key is null && secret is null
                    ? $"A {GivenValue.Plain(credential)!.GetType().FullName} holds no AWS keys."
                    : $"The credentials are incomplete: the {(key is null ? "access key id" : "secret access key")} is missing.";
            return null;
        }
        return Wire(key, secret, TextOf(credential, "SessionToken", "Token")) with
        {
            Expiration = ExpirationOf(ValueOf(credential, "Expiration"))
                ?.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture),
        };
    }

    /// <summary>The first of these properties, or dictionary entries, that is not empty.</summary>
    internal static object? ValueOf(object? item, params string[] names)
    {
        if (GivenValue.Plain(item) is not { } plain || plain is string && item is not PSObject)
            return null;
        foreach (var name in names)
        {
            var value = plain is IDictionary table ? MemberOf(table, name) : PSObject.AsPSObject(item).Properties[name]?.Value;
            if (!GivenValue.IsEmpty(value))
                return value;
        }
        return null;
    }

    internal static string? TextOf(object? item, params string[] names) =>
        ValueOf(item, names) is { } value ? View.Text(GivenValue.TextOf(value)) : null;

    // Whether the object has a property that STS uses for keys.
    private static bool IsCopy(object? value) => ValueOf(value, "AccessKeyId", "SecretAccessKey") is not null;

    private static object? MemberOf(IDictionary table, string name)
    {
        foreach (DictionaryEntry entry in table)
        {
            if (entry.Key is string key && string.Equals(key, name, StringComparison.OrdinalIgnoreCase))
                return entry.Value;
        }
        return null;
    }

    // A DateTime, or ISO 8601 as in JSON. Ignores other formats, whose culture and time zone are unknown; STS enforces the expiration.
    private static DateTime? ExpirationOf(object? value) =>
        GivenValue.Plain(value) switch
        {
            DateTime time => time.ToUniversalTime(),
            DateTimeOffset time => time.UtcDateTime,
            string text
                when text.Contains('T')
                    && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) =>
                time.UtcDateTime,
            _ => null,
        };

    // AWSCredentials of any version of the AWS SDK for .NET.
    private static MethodInfo? GetCredentialsOf(object plain) =>
        plain is PSObject or RoleCredentials
            ? null
            : plain.GetType().GetMethod("GetCredentials", BindingFlags.Public | BindingFlags.Instance, []);

    private static WireCredentials? FromSdk(object credential, MethodInfo getCredentials, out string problem)
    {
        var plain = GivenValue.Plain(credential)!;
        problem = $"A {plain.GetType().FullName} provides no AWS keys.";
        try
        {
            // Anonymous credentials have no keys.
            if (getCredentials.Invoke(plain, null) is { } keys)
                return Wire(TextOf(keys, "AccessKey") ?? "", TextOf(keys, "SecretKey") ?? "", TextOf(keys, "Token"));
        }
        catch (TargetInvocationException error)
        {
            problem = $"A {plain.GetType().FullName} provides no AWS keys: {error.GetBaseException().Message}";
        }
        return null;
    }

    private static WireCredentials Wire(string accessKey, string secretKey, string? sessionToken) =>
        new()
        {
            AccessKeyId = accessKey,
            SecretAccessKey = secretKey,
            SessionToken = sessionToken,
        };
}
