using System.Management.Automation;

namespace RoleCredentials;

/// <summary>Adds the parameters that have the same positions as in Use-STSRole.</summary>
public abstract class AssumingCmdlet : SessionCmdlet
{
    /// <summary>
    /// The name of the session in AWS CloudTrail: 2 to 64 of A-Z a-z 0-9 _ + = , . @ and -. Default: role_session_name of the profile,
    /// AWS_ROLE_SESSION_NAME, or RoleCredentials-session- and the time in epoch seconds.
    /// </summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [Optional]
    public string? RoleSessionName { get; set; }

    /// <summary>
    /// A JSON IAM policy of 1 to 2048 characters. The session may do what both the role and this policy allow. Default: none.
    /// </summary>
    [Parameter(Position = 2, ValueFromPipelineByPropertyName = true)]
    [Optional]
    public string? Policy { get; set; }

    /// <summary>
    /// How long the credentials last, in seconds: 900 to 43200, and at most 3600 if temporary credentials assume the role. Default:
    /// duration_seconds of the profile, or 3600.
    /// </summary>
    [Parameter(Position = 3, ValueFromPipelineByPropertyName = true)]
    [Alias("DurationSeconds")]
    [OptionalNumber]
    public int? DurationInSeconds { get; set; }

    /// <summary>
    /// The external id that the role's trust policy requires: 2 to 1224 of A-Z a-z 0-9 _ + = , . @ : / and -. Default: external_id of the
    /// profile.
    /// </summary>
    [Parameter(Position = 4, ValueFromPipelineByPropertyName = true)]
    [Optional]
    public string? ExternalId { get; set; }

    /// <summary>
    /// The SAMLResponse of an identity provider: Base64 text, with or without line breaks, a SecureString, a file, or the path of one.
    /// Without -RoleArn, you choose one of its roles. AWS accepts an assertion for five minutes. The assertion names the session, and its
    /// attribute SessionDuration sets the duration, unless you give -DurationInSeconds.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Optional]
    public object? SamlAssertion { get; set; }

    /// <summary>
    /// The ARN of the identity provider in IAM, with -SamlAssertion: arn:aws:iam::123456789012:saml-provider/NAME. Default: the provider
    /// that the assertion names with the role.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Optional]
    public string? PrincipalArn { get; set; }

    /// <summary>An OpenID Connect token: text, a SecureString, a file, or the path of one. A file is read again at each renewal.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Optional]
    public object? WebIdentityToken { get; set; }

    /// <summary>
    /// Gets the token from the service that runs the command: GitHubActions, in a job with the permission 'id-token: write', or
    /// AzureDevOps, in a step with SYSTEM_ACCESSTOKEN in its environment.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateSet("GitHubActions", "AzureDevOps")]
    public string? WebIdentityProvider { get; set; }

    /// <summary>The audience of the token of GitHub Actions. Default: sts.amazonaws.com.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Optional]
    public string? Audience { get; set; }

    /// <summary>The id of the service connection for which Azure DevOps issues the token. Default: a token of the pipeline.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Optional]
    public string? ServiceConnectionId { get; set; }

    [Parameter]
    public SwitchParameter Serve { get; set; }

    [Parameter]
    public SwitchParameter Chain { get; set; }
}
