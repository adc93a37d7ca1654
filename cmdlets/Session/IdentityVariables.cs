namespace RoleCredentials;

/// <summary>The variables by which AWS's tools tell who one is. A role sets or removes each, whichever tool looks at which.</summary>
internal static class IdentityVariables
{
    internal static IReadOnlyList<string> Names { get; } =
    [
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_SECURITY_TOKEN",
        "AWS_CREDENTIAL_EXPIRATION",
        "AWS_SESSION_EXPIRATION",
        "AWS_ACCOUNT_ID",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        // A profile beside the keys: the CLI prefers the keys, the SDK for JavaScript the profile. So there is none.
        "AWS_PROFILE",
        "AWS_DEFAULT_PROFILE",
        // The SDK for .NET prefers a web identity to keys.
        "AWS_ROLE_ARN",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        // What prompts show: starship reads the first, oh-my-posh the second before anything else.
        "AWSU_PROFILE",
        "AWS_VAULT",
    ];

    /// <summary>As they are now; null for those that are not set.</summary>
    internal static Dictionary<string, string?> Get()
    {
        var values = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var name in Names)
            values[name] = Environment.GetEnvironmentVariable(name);
        return values;
    }

    /// <summary>Sets variables of this process; null removes one, which an empty text would not.</summary>
    internal static void Set(IEnumerable<KeyValuePair<string, string?>> values)
    {
        foreach (var (name, value) in values)
            Environment.SetEnvironmentVariable(name, value);
    }
}
