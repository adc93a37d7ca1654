using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Reflection;

namespace RoleCredentials;

/// <summary>Source credentials, as the core takes them, from what a cmdlet was given.</summary>
internal static class SourceCredentials
{
    /// <summary>From what -Credential may be: our object, that of Use-STSRole, an AWSCredentials, or a PSCredential.</summary>
    internal static Hashtable From(PSCmdlet cmdlet, object? credential)
    {
        switch (RoleRequest.Unwrap(credential))
        {
            case null:
                // To take others instead would be to act as somebody else than was meant.
                throw Invalid(cmdlet, "-Credential is null.", "Look at the variable that -Credential was given; leave it out to use other credentials.");
            case PSCredential named:
                return Wire(named.UserName, HostPrompt.TextOf(named), null);
        }
        var properties = PSObject.AsPSObject(credential).Properties;
        object? Value(string name) => properties[name]?.Value;
        // The response of AssumeRole holds its credentials one level down.
        if (properties["AccessKeyId"] is null && Value("Credentials") is { } inner) return From(cmdlet, inner);
        if (Text(Value("AccessKeyId")) is { } key && Text(Value("SecretAccessKey")) is { } secret)
        {
            var wire = Wire(key, secret, Text(Value("SessionToken")));
            if (RoleRequest.Unwrap(Value("Expiration")) is DateTime expiration)
            {
                wire["expiration"] = expiration.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
            }
            return wire;
        }
        return FromSdk(cmdlet, RoleRequest.Unwrap(credential)!);
    }

    /// <summary>From -AccessKey, -SecretKey and -SessionToken; nothing when none of them was given.</summary>
    internal static Hashtable? FromKeys(PSCmdlet cmdlet, IDictionary bound)
    {
        if (!bound.Contains("AccessKey") && !bound.Contains("SecretKey") && !bound.Contains("SessionToken")) return null;
        // Half of a pair must not lead to other credentials than were meant.
        var key = HostPrompt.TextOf(bound["AccessKey"]);
        var secret = HostPrompt.TextOf(bound["SecretKey"]);
        if (key == "" || secret == "")
        {
            throw RoleRequest.Ended(cmdlet, "ParameterConflict", "An access key and its secret key go together, and one of them is missing.", "Give both -AccessKey and -SecretKey.", "AccessKey");
        }
        if (bound.Contains("Credential"))
        {
            throw RoleRequest.Ended(cmdlet, "ParameterConflict", "-Credential and -AccessKey do not go together.", "Give one source of credentials.", "Credential");
        }
        return Wire(key, secret, Text(HostPrompt.TextOf(bound["SessionToken"])));
    }

    // AWSCredentials of the AWS SDK for .NET, of whichever version.
    private static Hashtable FromSdk(PSCmdlet cmdlet, object credential)
    {
        var type = credential.GetType();
        var why = "has no AWS keys.";
        if (type.GetMethod("GetCredentials", BindingFlags.Public | BindingFlags.Instance, []) is { } getCredentials)
        {
            why = "gives no AWS keys.";
            try
            {
                // Anonymous credentials have none.
                if (getCredentials.Invoke(credential, null) is { } keys)
                {
                    var properties = PSObject.AsPSObject(keys).Properties;
                    return Wire(Text(properties["AccessKey"]?.Value) ?? "", Text(properties["SecretKey"]?.Value) ?? "", Text(properties["Token"]?.Value));
                }
            }
            catch (TargetInvocationException error)
            {
                why = $"gives no AWS keys: {error.GetBaseException().Message}";
            }
        }
        throw Invalid(cmdlet, $"A {type.FullName} {why}", "Give what Use-Role or Use-STSRole returns, AWSCredentials, or a PSCredential.");
    }

    private static Hashtable Wire(string accessKey, string secretKey, string? sessionToken)
    {
        var wire = new Hashtable { ["accessKeyId"] = accessKey, ["secretAccessKey"] = secretKey };
        if (sessionToken is not null) wire["sessionToken"] = sessionToken;
        return wire;
    }

    private static string? Text(object? value) => value is null || RoleRequest.TextOf(value) is not { Length: > 0 } text ? null : text;

    private static PipelineStoppedException Invalid(PSCmdlet cmdlet, string message, string action) =>
        RoleRequest.Ended(cmdlet, "CredentialInvalid", message, action, "Credential");
}
