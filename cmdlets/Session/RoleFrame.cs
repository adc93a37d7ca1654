using System.Collections;
using System.Management.Automation.Runspaces;

namespace RoleCredentials;

/// <summary>
/// One identity on the stack: an entered role, or a script block that runs as a role. Holds the variables that it found and set.
/// </summary>
public sealed class RoleFrame
{
    /// <summary>A session is renewed when less than this remains.</summary>
    private static readonly TimeSpan RenewalWindow = TimeSpan.FromMinutes(10);

    /// <summary>The largest part of a session that the window may take, so that a short session is not renewed at once.</summary>
    private const double LargestWindowShare = 0.25;

    // Under a role that is not served, programs see the files again that a served role beneath it hides.
    private readonly Dictionary<string, string?> restored = [];

    /// <param name="result">The core's result.</param>
    /// <param name="request">The request parameters.</param>
    /// <param name="environment">The environment variables of the request.</param>
    /// <param name="folder">The folder that relative paths of the request start from.</param>
    /// <param name="isChain">Whether the role beneath assumed it.</param>
    /// <param name="isBlock">Whether it belongs to a script block.</param>
    /// <param name="endpoint">The endpoint from which programs get the credentials, instead of from variables.</param>
    internal RoleFrame(
        UseRoleResult result,
        UseRoleParams request,
        IDictionary environment,
        string folder,
        bool isChain,
        bool isBlock,
        RoleEndpoint? endpoint
    )
    {
        Endpoint = endpoint;
        RoleArn = View.Text(result.RoleArn);
        // A role of IAM Identity Center has no ARN of its own.
        RoleName = RoleArn is null ? View.Text(request.RoleName) : View.RoleNameOf(RoleArn);
        ProfileName = View.Text(result.ProfileName);
        SourceProfile = View.Text(result.SourceProfile);
        Name = ProfileName ?? RoleName?[(RoleName.LastIndexOf('/') + 1)..] ?? "keys";
        Account = View.Text(result.AccountId) ?? RoleArn?.Split(':')[4];
        AssumedRole = result.AssumedRoleUser?.Arn;
        Region = View.Text(result.Region);
        IsBlock = isBlock;
        IsChained = isChain || result.Chained is true;
        Renewal = View.Text(result.Expiration) is null ? "needless" : result.Renewal ?? "";
        Folder = folder;
        Request = request with { Credentials = null, TokenCode = null, TokenCodes = null, InvocationId = null, NoCache = null };
        if (request.Federation is { Assertion: not null } or { Token: not null })
            Request.Federation = null;
        foreach (var name in IdentityVariables.Names)
            Environment[name] = environment[name] as string;
        if (endpoint is null && RoleStack.Frames.Any(frame => frame.Endpoint is not null))
            restored = RoleVariables.Hidden(Environment, isChain);
        Take(result);
    }

    public string Name { get; set; }

    public string? RoleArn { get; }

    public string? RoleName { get; }

    public string? ProfileName { get; }

    /// <summary>The profile that was named as its source.</summary>
    public string? SourceProfile { get; }

    public string? Account { get; }

    public string? AssumedRole { get; }

    public string? Region { get; }

    public bool IsBlock { get; }

    /// <summary>Whether temporary credentials assumed it. AWS limits such a role to one hour.</summary>
    public bool IsChained { get; }

    /// <summary>The runspace that created it.</summary>
    public Guid Runspace { get; } = CurrentRunspace;

    /// <summary>In UTC; null if the credentials do not expire.</summary>
    public DateTime? Expiration { get; set; }

    /// <summary>In UTC.</summary>
    public DateTime Obtained { get; set; }

    /// <summary>
    /// How it can be renewed: <c>silent</c>, <c>session</c>, <c>code</c> (needs an MFA code), <c>needless</c>, or empty for never.
    /// </summary>
    public string Renewal { get; set; }

    /// <summary>Why the last renewal failed.</summary>
    public string? Failure { get; set; }

    /// <summary>The request, without secrets. A renewal repeats it.</summary>
    internal UseRoleParams Request { get; }

    /// <summary>The identity variables at the time of the request. A renewal uses them again.</summary>
    public Dictionary<string, string?> Environment { get; } = new(StringComparer.Ordinal);

    public string Folder { get; }

    internal CoreRequest<UseRoleParams, UseRoleResult>? Pending { get; set; }

    /// <summary>Whether a renewal awaits its response.</summary>
    public bool IsPending => Pending is not null;

    /// <summary>In UTC.</summary>
    public DateTime RetryAt { get; set; } = DateTime.MinValue;

    /// <summary>The identity variables before it was pushed.</summary>
    public Dictionary<string, string?> Before { get; set; } = [];

    /// <summary>The identity variables that it sets; null removes a variable.</summary>
    public Dictionary<string, string?> Set { get; private set; } = [];

    /// <summary>The endpoint from which programs get the credentials, with -Serve.</summary>
    internal RoleEndpoint? Endpoint { get; }

    /// <summary>The credentials for AWS Tools.</summary>
    public RoleCredentials Credentials { get; private set; } = null!;

    /// <summary>The block's identity variables while later commands in the pipeline process its output; otherwise null.</summary>
    public Dictionary<string, string?>? Suspended { get; set; }

    /// <summary>The credentials and region of AWS Tools before the role was pushed.</summary>
    public object? AwsTools { get; set; }

    /// <summary>Whether it is the last identity on the stack.</summary>
    public bool IsOnTop => ReferenceEquals(RoleStack.Frames.LastOrDefault(), this);

    /// <summary>Whether the current runspace created it.</summary>
    public bool IsOwn => Runspace == CurrentRunspace;

    /// <summary>Whether to renew it now: in the last ten minutes, or in the last quarter of a short session.</summary>
    public bool IsDue
    {
        get
        {
            if (Renewal is not ("silent" or "session") || Expiration is not { } end)
                return false;
            var now = DateTime.UtcNow;
            return now >= RetryAt && end - now < RenewalWindowOf(end - Obtained);
        }
    }

    private static TimeSpan RenewalWindowOf(TimeSpan session)
    {
        var share = session * LargestWindowShare;
        return share < RenewalWindow ? share : RenewalWindow;
    }

    /// <summary>The current environment with the identity variables from the time of the request.</summary>
    public IDictionary EnvironmentThen()
    {
        var environment = IdentityVariables.GetAll();
        foreach (var (name, value) in Environment)
        {
            if (value is null)
                environment.Remove(name);
            else
                environment[name] = value;
        }
        return environment;
    }

    internal static Guid CurrentRunspace => System.Management.Automation.Runspaces.Runspace.DefaultRunspace?.InstanceId ?? Guid.Empty;

    /// <summary>Takes the credentials of a result, and sets the variables for them.</summary>
    internal void Take(UseRoleResult result)
    {
        Obtained = DateTime.UtcNow;
        Expiration = View.Time(result.Expiration);
        Credentials = new()
        {
            AccessKeyId = result.AccessKeyId,
            SecretAccessKey = result.SecretAccessKey,
            SessionToken = View.Text(result.SessionToken),
            RoleArn = RoleArn,
        };
        Set = RoleVariables.Of(this, Endpoint?.Variables ?? restored);
    }
}
