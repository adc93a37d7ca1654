using System.Collections;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>
/// Converts RoleCredentials, a copy of it, or a copy of a Use-STSRole result to the AWS SDK's credentials. Select-Object, ConvertFrom-Json,
/// Import-Clixml, jobs and remote sessions return copies; RoleCredentials.types.ps1xml registers this converter for them.
/// </summary>
public sealed class AwsCredentialsConverter : PSTypeConverter
{
    public override bool CanConvertFrom(object sourceValue, Type destinationType) =>
        GivenValue.Plain(sourceValue) is PSCustomObject or IDictionary && SourceCredentials.Read(sourceValue, out _) is not null;

    public override object ConvertFrom(object sourceValue, Type destinationType, IFormatProvider formatProvider, bool ignoreCase)
    {
        if (SourceCredentials.Read(sourceValue, out var problem) is not { } keys)
            throw new InvalidCastException(problem);
        return Create(destinationType, keys.AccessKeyId, keys.SecretAccessKey, keys.SessionToken) ?? throw Unknown(destinationType);
    }

    public override bool CanConvertTo(object sourceValue, Type destinationType) =>
        GivenValue.Plain(sourceValue) is RoleCredentials && SessionTypeOf(destinationType) is not null;

    public override object ConvertTo(object sourceValue, Type destinationType, IFormatProvider formatProvider, bool ignoreCase) =>
        (GivenValue.Plain(sourceValue) as RoleCredentials)?.ToSdk(destinationType) ?? throw Unknown(destinationType);

    /// <summary>Creates credentials of the SDK that defines the type. Returns null if the type is not an SDK's credentials type.</summary>
    internal static object? Create(Type type, string? accessKeyId, string? secretAccessKey, string? sessionToken)
    {
        if (SessionTypeOf(type) is not { } session)
            return null;
        return string.IsNullOrEmpty(sessionToken)
            ? Activator.CreateInstance(type.Assembly.GetType("Amazon.Runtime.BasicAWSCredentials", true)!, accessKeyId, secretAccessKey)
            : Activator.CreateInstance(session, accessKeyId, secretAccessKey, sessionToken);
    }

    private static Type? SessionTypeOf(Type type) =>
        type.Assembly.GetType("Amazon.Runtime.SessionAWSCredentials", false) is { } session && type.IsAssignableFrom(session)
            ? session
            : null;

    private static InvalidCastException Unknown(Type type) => new($"Credentials do not convert to {type}.");
}
