using System.Collections;
using System.Globalization;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>
/// The credentials that Use-Role returns. AWS Tools wants an Amazon.Runtime.AWSCredentials, of whichever SDK is loaded by then: PowerShell
/// asks an IConvertible to become any type, late, in every runspace, and with no type file. See docs/decisions/0001.
/// </summary>
public sealed class RoleCredentials : IConvertible
{
    public string? AccessKeyId { get; set; }

    public string? SecretAccessKey { get; set; }

    public string? SessionToken { get; set; }

    /// <summary>In UTC.</summary>
    public DateTime? Expiration { get; set; }

    public object? AssumedRoleUser { get; set; }

    public string? SourceIdentity { get; set; }

    /// <summary>In percent of what AWS allows.</summary>
    public int? PackedPolicySize { get; set; }

    public string? RoleArn { get; set; }

    public string? Region { get; set; }

    /// <summary>Itself: a script written for Use-STSRole reads <c>$r.Credentials.AccessKeyId</c>.</summary>
    public RoleCredentials Credentials => this;

    /// <summary>Itself: the pipeline binds -Credential of AWS Tools by this name.</summary>
    [Hidden]
    public RoleCredentials Credential => this;

    /// <summary>With -AutoRefresh: the command that gives the same role again, which the AWS SDK runs when the credentials are about to end.</summary>
    [Hidden]
    public string? RefreshCommand { get; set; }

    /// <summary>What it became: it keeps the credentials that it got, so that the command is not run for each cmdlet that is given this object.</summary>
    [Hidden]
    public object? Refreshing { get; private set; }

    /// <summary>The object for a result of the core.</summary>
    public static RoleCredentials From(Hashtable result, string? refreshCommand)
    {
        var credentials = new RoleCredentials
        {
            AccessKeyId = result["accessKeyId"] as string,
            SecretAccessKey = result["secretAccessKey"] as string,
            SessionToken = result["sessionToken"] as string,
            Expiration = TimeOf(result["expiration"]),
            SourceIdentity = result["sourceIdentity"] as string,
            PackedPolicySize = result["packedPolicySize"] is double percent ? (int)percent : null,
            RoleArn = result["roleArn"] as string,
            Region = result["region"] as string,
            RefreshCommand = refreshCommand,
        };
        if (result["assumedRoleUser"] is IDictionary user)
        {
            var view = new PSObject();
            view.Properties.Add(new PSNoteProperty("Arn", user["arn"]));
            view.Properties.Add(new PSNoteProperty("AssumedRoleId", user["assumedRoleId"]));
            credentials.AssumedRoleUser = view;
        }
        return credentials;
    }

    public override string ToString() => Terminal.Escape($"RoleCredentials {RoleArn}");

    object IConvertible.ToType(Type type, IFormatProvider? provider)
    {
        if (RefreshCommand is not null)
        {
            if (type.IsInstanceOfType(Refreshing)) return Refreshing!;
            var process = type.Assembly.GetType("Amazon.Runtime.ProcessAWSCredentials", false);
            if (process is not null && type.IsAssignableFrom(process)) return Refreshing = Activator.CreateInstance(process, RefreshCommand)!;
        }
        var session = type.Assembly.GetType("Amazon.Runtime.SessionAWSCredentials", false);
        if (session is null || !type.IsAssignableFrom(session))
        {
            return type == typeof(string) ? ToString() : throw new InvalidCastException($"RoleCredentials does not convert to {type}.");
        }
        return string.IsNullOrEmpty(SessionToken)
            ? Activator.CreateInstance(type.Assembly.GetType("Amazon.Runtime.BasicAWSCredentials", true)!, AccessKeyId, SecretAccessKey)!
            : Activator.CreateInstance(session, AccessKeyId, SecretAccessKey, SessionToken)!;
    }

    // What else an IConvertible must have. Credentials are no number.
    TypeCode IConvertible.GetTypeCode() => TypeCode.Object;

    string IConvertible.ToString(IFormatProvider? provider) => ToString();

    bool IConvertible.ToBoolean(IFormatProvider? provider) => true;

    char IConvertible.ToChar(IFormatProvider? provider) => throw new InvalidCastException();

    sbyte IConvertible.ToSByte(IFormatProvider? provider) => throw new InvalidCastException();

    byte IConvertible.ToByte(IFormatProvider? provider) => throw new InvalidCastException();

    short IConvertible.ToInt16(IFormatProvider? provider) => throw new InvalidCastException();

    ushort IConvertible.ToUInt16(IFormatProvider? provider) => throw new InvalidCastException();

    int IConvertible.ToInt32(IFormatProvider? provider) => throw new InvalidCastException();

    uint IConvertible.ToUInt32(IFormatProvider? provider) => throw new InvalidCastException();

    long IConvertible.ToInt64(IFormatProvider? provider) => throw new InvalidCastException();

    ulong IConvertible.ToUInt64(IFormatProvider? provider) => throw new InvalidCastException();

    float IConvertible.ToSingle(IFormatProvider? provider) => throw new InvalidCastException();

    double IConvertible.ToDouble(IFormatProvider? provider) => throw new InvalidCastException();

    decimal IConvertible.ToDecimal(IFormatProvider? provider) => throw new InvalidCastException();

    DateTime IConvertible.ToDateTime(IFormatProvider? provider) => throw new InvalidCastException();

    internal static DateTime? TimeOf(object? text) =>
        text is string time and not "" ? DateTime.Parse(time, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind) : null;
}
