using System.Collections;

namespace RoleCredentials;

/// <summary>
/// The environment variables that select the identity in AWS tools. A role sets or removes all of them, because tools differ.
/// RoleVariables has the values.
/// </summary>
internal static class IdentityVariables
{
    internal const string HiddenConfigFile = "ROLE_CREDENTIALS_CONFIG_FILE";
    internal const string HiddenCredentialsFile = "ROLE_CREDENTIALS_SHARED_CREDENTIALS_FILE";

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
        // If both keys and a profile are set, the CLI prefers the keys and the SDK for JavaScript the profile. So a role removes the
        // profile.
        "AWS_PROFILE",
        "AWS_DEFAULT_PROFILE",
        // The SDK for .NET prefers a web identity to keys.
        "AWS_ROLE_ARN",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        // A credentials endpoint: in a container, and with -Serve. Programs of a served role read no files; these variables have the
        // settings that they would miss.
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
        // Only in requests: the two files that -Serve hides from programs.
        HiddenConfigFile,
        HiddenCredentialsFile,
        "AWS_DEFAULT_OUTPUT",
        "AWS_CA_BUNDLE",
        "AWS_ENDPOINT_URL",
        "AWS_USE_FIPS_ENDPOINT",
        "AWS_USE_DUALSTACK_ENDPOINT",
        // For prompts: starship reads AWSU_PROFILE, and oh-my-posh reads AWS_VAULT first.
        "AWSU_PROFILE",
        "AWS_VAULT",
    ];

    /// <summary>The current values; null if a variable is not set.</summary>
    internal static Dictionary<string, string?> Get() =>
        Names.ToDictionary(name => name, Environment.GetEnvironmentVariable, StringComparer.Ordinal);

    /// <summary>
    /// All environment variables of this process. Windows ignores the case of their names, and .NET's own table does not: it would miss
    /// an <c>aws_profile</c>.
    /// </summary>
    internal static IDictionary GetAll()
    {
        var variables = Environment.GetEnvironmentVariables();
        if (!OperatingSystem.IsWindows())
            return variables;
        var all = new Hashtable(variables.Count, StringComparer.OrdinalIgnoreCase);
        foreach (DictionaryEntry variable in variables)
        {
            // Windows itself finds the first of two names that differ in case.
            if (!all.ContainsKey(variable.Key))
                all.Add(variable.Key, variable.Value);
        }
        return all;
    }

    /// <summary>Sets environment variables of this process. Null removes a variable; an empty string would not.</summary>
    internal static void Set(IEnumerable<KeyValuePair<string, string?>> values)
    {
        foreach (var (name, value) in values)
            Environment.SetEnvironmentVariable(name, value);
    }
}
