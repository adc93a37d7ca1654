using System.ComponentModel;
using System.Dynamic;
using System.Linq.Expressions;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>
/// The credentials that Use-Role returns. AWS Tools require an Amazon.Runtime.AWSCredentials of the SDK that they load. The converter that
/// this class names creates one on demand, in every runspace and without a type file. See docs/decisions/0001. A copy of the object holds
/// its properties. They are flat and use the names that AWS Tools bind, so a copy works as the role too. Values that must not be copied are
/// dynamic members: scripts can read them, and nothing lists them.
/// </summary>
[TypeConverter(typeof(AwsCredentialsConverter))]
public sealed class RoleCredentials : IDynamicMetaObjectProvider
{
    // -AutoRefresh renews credentials ten minutes before they expire, and waits a minute after a failure.
    private static readonly TimeSpan RenewalWindow = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMinutes(1);

    // What PowerShell shows without the module's views: after an object of another type, and after Remove-Module.
    private static readonly PSPropertySet Shown = new(
        "DefaultDisplayPropertySet",
        ["RoleArn", "ProfileName", "AccountId", "AccessKeyId", "Expiration"]
    );

    private string? accessKeyId;
    private string? secretAccessKey;
    private string? sessionToken;
    private DateTime retryAt = DateTime.MinValue;

    public RoleCredentials() => PSObject.AsPSObject(this).Members.Add(new PSMemberSet("PSStandardMembers", [Shown]), preValidated: true);

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

    /// <summary>The ARN as a string, with the properties Arn and AssumedRoleId.</summary>
    public object? AssumedRoleUser { get; set; }

    public string? SourceIdentity { get; set; }

    /// <summary>In percent of the size that AWS allows.</summary>
    public int? PackedPolicySize { get; set; }

    public string? RoleArn { get; set; }

    /// <summary>The profile that defines the role or the keys.</summary>
    public object? ProfileName { get; set; }

    public string? AccountId { get; set; }

    public string? Region { get; set; }

    /// <summary>
    /// The access key id under the name of AWS Tools' parameter. AWS Tools bind SecretAccessKey and SessionToken from the properties of a
    /// pipeline object. Without AccessKey they would ignore all three and act as their default user.
    /// </summary>
    public string? AccessKey
    {
        get => AccessKeyId;
        set => AccessKeyId = value;
    }

    /// <summary>The pipeline object for which Use-Role returned these credentials.</summary>
    internal object? InputObject { get; init; }

    /// <summary>
    /// With -AutoRefresh: requests the role again, and returns null if that fails. AWS Tools bind the keys of a pipeline object, not the
    /// object itself, so the keys must be current.
    /// </summary>
    internal Func<UseRoleResult?>? Renew { get; init; }

    /// <summary>With -AutoRefresh: the command that the AWS SDK runs to renew the credentials before they expire.</summary>
    internal string? RefreshCommand { get; init; }

    /// <summary>The SDK's self-renewing credentials. Kept, so that the SDK does not run the command for each cmdlet.</summary>
    internal object? Refreshing { get; private set; }

    /// <summary>Creates the object from a result of the core.</summary>
    internal static RoleCredentials From(
        UseRoleResult result,
        string? refreshCommand = null,
        Func<UseRoleResult?>? renew = null,
        object? input = null
    )
    {
        var roleArn = View.Text(result.RoleArn);
        return new RoleCredentials
        {
            AccessKeyId = result.AccessKeyId,
            SecretAccessKey = result.SecretAccessKey,
            SessionToken = result.SessionToken,
            Expiration = View.Time(result.Expiration),
            AssumedRoleUser = result.AssumedRoleUser is { } user ? UserOf(user) : null,
            SourceIdentity = result.SourceIdentity,
            PackedPolicySize = (int?)result.PackedPolicySize,
            RoleArn = roleArn,
            ProfileName = Terminal.Shown(result.ProfileName),
            AccountId = View.Text(result.AccountId) ?? roleArn?.Split(':')[4],
            Region = result.Region,
            RefreshCommand = refreshCommand,
            Renew = renew,
            InputObject = input,
        };
    }

    public override string ToString() => Terminal.Escape($"RoleCredentials {RoleArn ?? ProfileName}");

    DynamicMetaObject IDynamicMetaObjectProvider.GetMetaObject(Expression parameter) => new DynamicMembers(parameter, this);

    /// <summary>
    /// Converts to credentials of the SDK that defines the type. Returns null if the type is not an SDK's credentials type.
    /// </summary>
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
            accessKeyId = result.AccessKeyId;
            secretAccessKey = result.SecretAccessKey;
            sessionToken = result.SessionToken;
            Expiration = View.Time(result.Expiration);
        }
        return this;
    }

    // Displays and serializes as the ARN, and has the properties that AssumedRoleUser has in AWS Tools.
    private static PSObject UserOf(AssumedRoleUser user)
    {
        var text = new PSObject(user.Arn);
        text.Properties.Add(new PSNoteProperty("Arn", user.Arn));
        text.Properties.Add(new PSNoteProperty("AssumedRoleId", user.AssumedRoleId));
        return text;
    }

    private sealed class DynamicMembers(Expression parameter, RoleCredentials credentials)
        : DynamicMetaObject(parameter, BindingRestrictions.Empty, credentials)
    {
        private static readonly Dictionary<string, Func<RoleCredentials, object?>> Members = new(StringComparer.OrdinalIgnoreCase)
        {
            // Scripts written for Use-STSRole read $r.Credentials.AccessKeyId.
            ["Credentials"] = one => one,
            [nameof(InputObject)] = one => one.InputObject,
            [nameof(RefreshCommand)] = one => one.RefreshCommand,
            [nameof(Refreshing)] = one => one.Refreshing,
        };

        public override DynamicMetaObject BindGetMember(GetMemberBinder binder)
        {
            if (!Members.TryGetValue(binder.Name, out var read))
                return base.BindGetMember(binder);
            var call = Expression.Invoke(Expression.Constant(read), Expression.Convert(Expression, typeof(RoleCredentials)));
            return new DynamicMetaObject(call, BindingRestrictions.GetTypeRestriction(Expression, typeof(RoleCredentials)));
        }
    }
}
