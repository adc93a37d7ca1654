using System.Globalization;

namespace RoleCredentials;

/// <summary>The values of the environment variables that programs of a role get; null removes a variable.</summary>
internal static class RoleVariables
{
    /// <summary>The variables of an identity: its credentials, unless programs get these from an endpoint.</summary>
    /// <param name="frame">The identity.</param>
    /// <param name="others">Further variables, such as those of the endpoint. The identity's own variables take precedence.</param>
    internal static Dictionary<string, string?> Of(RoleFrame frame, IEnumerable<KeyValuePair<string, string?>> others)
    {
        // Programs prefer keys in the environment to an endpoint.
        var inVariables = frame.Endpoint is null;
        var expiration = inVariables ? frame.Expiration?.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture) : null;
        var variables = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["AWS_ACCESS_KEY_ID"] = inVariables ? frame.Credentials.AccessKeyId : null,
            ["AWS_SECRET_ACCESS_KEY"] = inVariables ? frame.Credentials.SecretAccessKey : null,
            ["AWS_SESSION_TOKEN"] = inVariables ? frame.Credentials.SessionToken : null,
            // botocore prefers this older name.
            ["AWS_SECURITY_TOKEN"] = null,
            ["AWS_CREDENTIAL_EXPIRATION"] = expiration,
            ["AWS_SESSION_EXPIRATION"] = expiration,
            ["AWS_ACCOUNT_ID"] = frame.Account,
            ["AWS_PROFILE"] = null,
            ["AWS_DEFAULT_PROFILE"] = null,
            ["AWS_ROLE_ARN"] = null,
            ["AWS_WEB_IDENTITY_TOKEN_FILE"] = null,
            // Shown in prompts.
            ["AWSU_PROFILE"] = Terminal.Escape(frame.Name),
            ["AWS_VAULT"] = null,
        };
        if (frame.Region is not null)
            variables["AWS_REGION"] = variables["AWS_DEFAULT_REGION"] = frame.Region;
        // The role's own region stays.
        foreach (var (name, value) in others)
            variables.TryAdd(name, value);
        return variables;
    }

    /// <summary>The variables that lead programs to an endpoint, and hide from them whatever they prefer to it.</summary>
    // SDKs prefer the default profile to an endpoint, so programs must not read the AWS files: docs/decisions/0009.
    internal static IEnumerable<KeyValuePair<string, string?>> OfEndpoint(OpenedEndpoint opened, string emptyProfilesFile) =>
        [
            new("AWS_CONTAINER_CREDENTIALS_FULL_URI", opened.Url),
            new("AWS_CONTAINER_AUTHORIZATION_TOKEN", opened.Token),
            new("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", null),
            new("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", null),
            new("AWS_CONFIG_FILE", emptyProfilesFile),
            new("AWS_SHARED_CREDENTIALS_FILE", emptyProfilesFile),
            .. opened.Variables.Select(entry => new KeyValuePair<string, string?>(entry.Key, entry.Value)),
        ];

    /// <summary>The files and the endpoint of a container that a served role beneath this identity hides from programs.</summary>
    internal static Dictionary<string, string?> Hidden(Dictionary<string, string?> environment, bool isChain) =>
        new(StringComparer.Ordinal)
        {
            ["AWS_CONFIG_FILE"] = View.Text(environment[IdentityVariables.HiddenConfigFile] ?? environment["AWS_CONFIG_FILE"]),
            ["AWS_SHARED_CREDENTIALS_FILE"] = View.Text(
                environment[IdentityVariables.HiddenCredentialsFile] ?? environment["AWS_SHARED_CREDENTIALS_FILE"]
            ),
            ["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = isChain ? null : environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"],
            ["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = isChain ? null : environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"],
        };
}
