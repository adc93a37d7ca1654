using System.Text.RegularExpressions;

namespace RoleCredentials;

/// <summary>
/// Masks secrets by the names of their members: in the messages of -Debug, and in the text that PowerShell makes of an object. The core's
/// counterpart is redact.ts.
/// </summary>
internal static partial class Redaction
{
    internal const string Mask = "****";

    // The names in messages and those in the objects of AWS tools.
    private const string Credentials = "Secret(?:Access)?Key|SessionToken|Token|Password";

    // Only in messages, because the Link of another module's object is not secret, and an object with a name of the first list
    // is refused as credentials.
    private const string OtherSecrets = "TokenCodes?|AuthorizationCode|Assertion|Link";

    /// <summary>Whether a member of a message is a secret. By name, because the settings of a profile are a dictionary.</summary>
    internal static bool IsSecret(string name, object value) => SecretMember().IsMatch(name) || IsSwapped(name, value);

    /// <summary>Masks the secrets of an object that PowerShell converted to text: <c>@{AccessKeyId=...; SecretAccessKey=...}</c></summary>
    internal static string MaskObject(string text) => HoldsObject(text) ? SecretOfObject().Replace(text, $"$1={Mask}") : text;

    /// <summary>Whether a text is or holds PowerShell's text for a copy of credentials.</summary>
    internal static bool HoldsSecretOfObject(string text) => HoldsObject(text) && SecretOfObject().IsMatch(text);

    private static bool HoldsObject(string text) => text.Contains("@{", StringComparison.Ordinal);

    // A secret key in place of the access key, which has 20 characters.
    private static bool IsSwapped(string name, object value) => name is "accessKeyId" && value is string { Length: >= 40 };

    [GeneratedRegex($"^(?:{Credentials}|{OtherSecrets})$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SecretMember();

    [GeneratedRegex(@"\b(" + Credentials + @")=[^;}""]+", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SecretOfObject();
}
