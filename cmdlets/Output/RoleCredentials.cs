using System.Collections;
using System.ComponentModel;
using System.Dynamic;
using System.Globalization;
using System.Linq.Expressions;
using System.Management.Automation;
using System.Reflection;

namespace RoleCredentials;

/// <summary>
/// The credentials that Use-Role returns. AWS Tools wants an Amazon.Runtime.AWSCredentials, of whichever SDK is loaded by then: PowerShell
/// asks the converter that this class names, late, in every runspace, and with no type file. See docs/decisions/0001.
/// The properties are what a copy of the object holds. They are flat, and they name all three keys as AWS Tools bind them, so that a copy
/// stands for the role as well. What must not be copied is a dynamic member: scripts can read it, and nothing lists it.
/// </summary>
[TypeConverter(typeof(AwsCredentialsConverter))]
public sealed class RoleCredentials : IDynamicMetaObjectProvider
{
    // So long before their end (10 minutes) credentials of -AutoRefresh are renewed; after a failure, not again for a minute.
    private static readonly TimeSpan RenewalWindow = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMinutes(1);

    private string? accessKeyId;
    private string? secretAccessKey;
    private string? sessionToken;
    private DateTime retryAt = DateTime.MinValue;

    public string? AccessKeyId
    {
        get => Renewed().accessKeyId;
        set => accessKeyId = value;
    }

    public string? SecretAccessKey
    {
        get => Renewed().secretAccessKey;
        set => secretAccessKey = value;
    }

    public string? SessionToken
    {
        get => Renewed().sessionToken;
        set => sessionToken = value;
    }

    /// <summary>In UTC.</summary>
    public DateTime? Expiration { get; set; }

    /// <summary>Its ARN as text, with the properties Arn and AssumedRoleId.</summary>
    public object? AssumedRoleUser { get; set; }

    public string? SourceIdentity { get; set; }

    /// <summary>In percent of what AWS allows.</summary>
    public int? PackedPolicySize { get; set; }

    public string? RoleArn { get; set; }

    /// <summary>The profile whose role, or whose keys, these are.</summary>
    public object? ProfileName { get; set; }

    public string? AccountId { get; set; }

    public string? Region { get; set; }

    /// <summary>
    /// The access key id once more, by the name of AWS Tools' parameter. They take SecretAccessKey and SessionToken from the properties of an
    /// object in the pipeline: without the access key they would do without all three, and act as their default user.
    /// </summary>
    public string? AccessKey
    {
        get => AccessKeyId;
        set => AccessKeyId = value;
    }

    /// <summary>The object of the pipeline for which Use-Role returned this one.</summary>
    internal object? InputObject { get; init; }

    /// <summary>
    /// With -AutoRefresh: asks for the role again; null where that fails. AWS Tools take the keys of an object in the pipeline, and not the
    /// object, so the keys have to be current.
    /// </summary>
    internal Func<Hashtable?>? Renew { get; init; }

    /// <summary>With -AutoRefresh: the command that gives the same role again, which the AWS SDK runs when the credentials are about to end.</summary>
    internal string? RefreshCommand { get; init; }

    /// <summary>What it became: it keeps the credentials that it got, so that the command is not run for each cmdlet that is given this object.</summary>
    internal object? Refreshing { get; private set; }

    /// <summary>The object for a result of the core.</summary>
    public static RoleCredentials From(Hashtable result) => From(result, null, null, null);

    internal static RoleCredentials From(Hashtable result, string? refreshCommand, Func<Hashtable?>? renew, object? input)
    {
        var roleArn = View.Text(result["roleArn"]);
        return new RoleCredentials
        {
            AccessKeyId = result["accessKeyId"] as string,
            SecretAccessKey = result["secretAccessKey"] as string,
            SessionToken = result["sessionToken"] as string,
            Expiration = TimeOf(result["expiration"]),
            AssumedRoleUser = result["assumedRoleUser"] is IDictionary user ? UserOf(user) : null,
            SourceIdentity = result["sourceIdentity"] as string,
            PackedPolicySize = result["packedPolicySize"] is double percent ? (int)percent : null,
            RoleArn = roleArn,
            ProfileName = Terminal.Shown(result["profileName"]),
            AccountId = View.Text(result["accountId"]) ?? roleArn?.Split(':')[4],
            Region = result["region"] as string,
            RefreshCommand = refreshCommand,
            Renew = renew,
            InputObject = input,
        };
    }

    public override string ToString() => Terminal.Escape($"RoleCredentials {RoleArn ?? ProfileName}");

    /// <summary>The dynamic members. Null for any other name.</summary>
    internal object? DynamicMember(string name) =>
        name switch
        {
            // Itself: a script written for Use-STSRole reads $r.Credentials.AccessKeyId.
            "Credentials" => this,
            nameof(InputObject) => InputObject,
            nameof(RefreshCommand) => RefreshCommand,
            nameof(Refreshing) => Refreshing,
            _ => null,
        };

    DynamicMetaObject IDynamicMetaObjectProvider.GetMetaObject(Expression parameter) => new DynamicMembers(parameter, this);

    /// <summary>The credentials of the SDK that has this type; null where it is no type of an SDK's credentials.</summary>
    internal object? ToSdk(Type type)
    {
        if (RefreshCommand is not null)
        {
            if (type.IsInstanceOfType(Refreshing))
                return Refreshing!;
            var process = type.Assembly.GetType("Amazon.Runtime.ProcessAWSCredentials", false);
            if (process is not null && type.IsAssignableFrom(process))
                return Refreshing = Activator.CreateInstance(process, RefreshCommand)!;
        }
        return AwsCredentialsConverter.Create(type, AccessKeyId, SecretAccessKey, SessionToken);
    }

    internal static DateTime? TimeOf(object? text) =>
        text is string time and not "" ? DateTime.Parse(time, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind) : null;

    private RoleCredentials Renewed()
    {
        if (Renew is null || Expiration is not { } end)
            return this;
        lock (Renew)
        {
            var now = DateTime.UtcNow;
            if (now < retryAt || end - now > RenewalWindow)
                return this;
            retryAt = now + RetryInterval;
            if (Renew() is not { } result)
                return this;
            accessKeyId = result["accessKeyId"] as string;
            secretAccessKey = result["secretAccessKey"] as string;
            sessionToken = result["sessionToken"] as string;
            Expiration = TimeOf(result["expiration"]);
        }
        return this;
    }

    // A text for JSON and for the eye, with the properties that AssumedRoleUser has in AWS Tools.
    private static PSObject UserOf(IDictionary user)
    {
        var text = new PSObject(user["arn"] as string ?? "");
        text.Properties.Add(new PSNoteProperty("Arn", user["arn"]));
        text.Properties.Add(new PSNoteProperty("AssumedRoleId", user["assumedRoleId"]));
        return text;
    }

    private sealed class DynamicMembers(Expression parameter, RoleCredentials credentials)
        : DynamicMetaObject(parameter, BindingRestrictions.Empty, credentials)
    {
        private static readonly string[] Names = ["Credentials", nameof(InputObject), nameof(RefreshCommand), nameof(Refreshing)];

        private static readonly MethodInfo Read = typeof(RoleCredentials).GetMethod(
            nameof(DynamicMember),
            BindingFlags.Instance | BindingFlags.NonPublic
        )!;

        public override DynamicMetaObject BindGetMember(GetMemberBinder binder)
        {
            var name = Array.Find(Names, name => string.Equals(name, binder.Name, StringComparison.OrdinalIgnoreCase));
            if (name is null)
                return base.BindGetMember(binder);
            var call = Expression.Call(Expression.Convert(Expression, typeof(RoleCredentials)), Read, Expression.Constant(name));
            return new DynamicMetaObject(call, BindingRestrictions.GetTypeRestriction(Expression, typeof(RoleCredentials)));
        }
    }
}
