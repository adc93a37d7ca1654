using System.Management.Automation;

namespace RoleCredentials;

/// <summary>
/// The parameters of a cmdlet that assumes roles. They have the names of AWS Tools' Use-STSRole, and the pipeline binds each of them by
/// property name. RoleRequest reads the bound values.
/// </summary>
public abstract class SessionCmdlet : SourceCmdlet
{
    /// <summary>
    /// The ARNs of managed policies, at most 10, that limit the session as -Policy does: strings, or the PolicyDescriptorType objects of
    /// Use-STSRole.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("PolicyArns")]
    [Optional]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public object[]? PolicyArn { get; set; }

    /// <summary>
    /// Session tags: a hashtable, @{ project = 'apollo' }, or objects with Key and Value. At most 50; a key has 1 to 128 characters, a
    /// value up to 256. Default: session_tags of the profile.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Tags")]
    [Optional]
    public object[]? Tag { get; set; }

    /// <summary>Keys of the tags that the next role of a chain inherits. Default: transitive_session_tags of the profile.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("TransitiveTagKeys")]
    [Optional]
    public string[]? TransitiveTagKey { get; set; }

    /// <summary>
    /// A name that stays with the session and all roles assumed from it: 2 to 64 of A-Z a-z 0-9 _ + = , . @ and -. Default: source_identity
    /// of the profile.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Optional]
    public string? SourceIdentity { get; set; }

    /// <summary>An access key that assumes the role, with -SecretKey.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("AK")]
    [Optional]
    public string? AccessKey { get; set; }

    /// <summary>The secret key of -AccessKey, as text or as SecureString.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("SK", "SecretAccessKey")]
    [Optional]
    public object? SecretKey { get; set; }

    /// <summary>The session token of -AccessKey, if its credentials are temporary, as text or as SecureString.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("ST")]
    [Optional]
    public object? SessionToken { get; set; }

    /// <summary>
    /// The URL of STS, such as a VPC endpoint or a test server. Default: the URL that the AWS CLI would use (AWS_ENDPOINT_URL_STS,
    /// endpoint_url, ...), or that of the region.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Optional]
    public string? EndpointUrl { get; set; }

    /// <summary>Always calls STS, and caches nothing.</summary>
    [Parameter]
    public SwitchParameter NoCache { get; set; }
}
