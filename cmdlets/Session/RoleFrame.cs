using System.Collections;
using System.Globalization;
using System.Management.Automation.Runspaces;

namespace RoleCredentials;

/// <summary>One identity of the session: a role that was entered, or a script block that runs as a role. It knows what it found and what it set.</summary>
public sealed class RoleFrame
{
    /// <param name="result">What the core gave.</param>
    /// <param name="request">What it was asked.</param>
    /// <param name="environment">As who it was asked.</param>
    /// <param name="folder">Where paths of the request start.</param>
    /// <param name="isChain">Whether it starts from the role beneath.</param>
    /// <param name="isBlock">Whether it is a script block's.</param>
    public RoleFrame(Hashtable result, Hashtable request, IDictionary environment, string folder, bool isChain, bool isBlock)
    {
        RoleArn = View.Text(result["roleArn"]);
        RoleName = RoleArn is null ? null : View.RoleNameOf(RoleArn);
        ProfileName = View.Text(result["profileName"]);
        Name = ProfileName ?? RoleName?[(RoleName.LastIndexOf('/') + 1)..] ?? "keys";
        Account = View.Text(result["accountId"]) ?? RoleArn?.Split(':')[4];
        AssumedRole = (result["assumedRoleUser"] as Hashtable)?["arn"] as string;
        Region = View.Text(result["region"]);
        IsBlock = isBlock;
        IsChain = isChain;
        IsChained = isChain || result["chained"] is true;
        Renewal = View.Text(result["expiration"]) is null ? "needless" : result["renewal"] as string ?? "";
        Folder = folder;
        foreach (DictionaryEntry entry in request)
        {
            if (entry.Key is not ("credentials" or "tokenCode" or "tokenCodes" or "invocationId" or "noCache"))
                Request[entry.Key] = entry.Value;
        }
        foreach (var name in IdentityVariables.Names)
            Environment[name] = environment[name] as string;
        Take(result);
    }

    public string Name { get; set; }

    public string? RoleArn { get; }

    public string? RoleName { get; }

    public string? ProfileName { get; }

    public string? Account { get; }

    public string? AssumedRole { get; }

    public string? Region { get; }

    public bool IsBlock { get; }

    /// <summary>Whether it was assumed by the role beneath it.</summary>
    public bool IsChain { get; }

    /// <summary>Whether temporary credentials assumed it, so that it lasts an hour at most.</summary>
    public bool IsChained { get; }

    /// <summary>The runspace that made it.</summary>
    public Guid Runspace { get; } = CurrentRunspace;

    /// <summary>Flows into the runspaces that a script block starts.</summary>
    public object Token { get; } = new();

    /// <summary>UTC; nothing for what does not expire.</summary>
    public DateTime? Expiration { get; set; }

    /// <summary>UTC</summary>
    public DateTime Obtained { get; set; }

    /// <summary>How it renews itself: <c>silent</c>, <c>session</c>, with a <c>code</c>, <c>needless</c>, or not at all.</summary>
    public string Renewal { get; set; }

    /// <summary>Why it could not be renewed.</summary>
    public string? Failure { get; set; }

    /// <summary>To renew it: the request, which holds no secret.</summary>
    public Hashtable Request { get; } = [];

    /// <summary>To renew it: who one was when it was made.</summary>
    public Dictionary<string, string?> Environment { get; } = new(StringComparer.Ordinal);

    public string Folder { get; }

    public CoreRequest? Pending { get; set; }

    /// <summary>UTC</summary>
    public DateTime RetryAt { get; set; } = DateTime.MinValue;

    /// <summary>The identity variables as it found them.</summary>
    public Dictionary<string, string?> Before { get; set; } = [];

    /// <summary>The identity variables that it sets, or with null removes.</summary>
    public Dictionary<string, string?> Set { get; private set; } = [];

    /// <summary>As AWS Tools take them.</summary>
    public RoleCredentials Credentials =>
        new()
        {
            AccessKeyId = Set["AWS_ACCESS_KEY_ID"],
            SecretAccessKey = Set["AWS_SECRET_ACCESS_KEY"],
            SessionToken = Set["AWS_SESSION_TOKEN"],
            RoleArn = RoleArn,
        };

    /// <summary>While the output of a block is dealt with by somebody who is not the role: the variables of the block.</summary>
    public Dictionary<string, string?>? Suspended { get; set; }

    /// <summary>What AWS Tools held before they were told of it.</summary>
    public object? AwsTools { get; set; }

    /// <summary>Whether the runspace that asks is the one that made it.</summary>
    public bool IsOwn => Runspace == CurrentRunspace;

    /// <summary>Due at ten minutes before the end, or a quarter of a session shorter than that.</summary>
    public bool IsDue
    {
        get
        {
            if (Renewal is not ("silent" or "session") || Expiration is not { } end)
                return false;
            var now = DateTime.UtcNow;
            return now >= RetryAt && (end - now).TotalSeconds < Math.Min(600, (end - Obtained).TotalSeconds / 4);
        }
    }

    /// <summary>The environment as it is, but with the identity that one had when the role was assumed.</summary>
    public IDictionary EnvironmentThen()
    {
        var environment = System.Environment.GetEnvironmentVariables();
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

    /// <summary>What the credentials of a result are in the environment.</summary>
    internal void Take(Hashtable result)
    {
        Obtained = DateTime.UtcNow;
        Expiration = RoleCredentials.TimeOf(result["expiration"]);
        var expiration = Expiration?.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        var set = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["AWS_ACCESS_KEY_ID"] = result["accessKeyId"] as string,
            ["AWS_SECRET_ACCESS_KEY"] = result["secretAccessKey"] as string,
            ["AWS_SESSION_TOKEN"] = View.Text(result["sessionToken"]),
            // botocore prefers this older name.
            ["AWS_SECURITY_TOKEN"] = null,
            ["AWS_CREDENTIAL_EXPIRATION"] = expiration,
            ["AWS_SESSION_EXPIRATION"] = expiration,
            ["AWS_ACCOUNT_ID"] = Account,
            ["AWS_PROFILE"] = null,
            ["AWS_DEFAULT_PROFILE"] = null,
            ["AWS_ROLE_ARN"] = null,
            ["AWS_WEB_IDENTITY_TOKEN_FILE"] = null,
            // Prompts show it.
            ["AWSU_PROFILE"] = Terminal.Escape(Name),
            ["AWS_VAULT"] = null,
        };
        if (Region is not null)
            set["AWS_REGION"] = set["AWS_DEFAULT_REGION"] = Region;
        Set = set;
    }
}
