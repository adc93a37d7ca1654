using System.Management.Automation;
using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;

namespace SandboxAwsTools;

/// <summary>
/// The parameters that all cmdlets of AWS Tools for PowerShell share, with the same types, aliases, pipeline binding and
/// credential precedence: keys, a named profile, the credentials object, the environment, the default profile.
/// </summary>
public abstract class AwsCommonArgumentsCmdlet : PSCmdlet
{
    private readonly CancellationTokenSource stopping = new();

    // An object, as in AWS Tools, so that both a RegionEndpoint and a name bind.
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("RegionToCall")]
    public object? Region { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("AK")]
    public string? AccessKey { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("SK", "SecretAccessKey")]
    public string? SecretKey { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("ST")]
    public string? SessionToken { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("StoredCredentials", "AWSProfileName")]
    public string? ProfileName { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("AWSProfilesLocation", "ProfilesLocation")]
    public string? ProfileLocation { get; set; }

    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    public AWSCredentials? Credential { get; set; }

    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    public PSCredential? NetworkCredential { get; set; }

    [Parameter]
    public string? EndpointUrl { get; set; }

    protected CancellationToken StopToken => stopping.Token;

    protected override void StopProcessing() => stopping.Cancel();

    protected AWSCredentials ResolveCredentials()
    {
        if (!string.IsNullOrEmpty(AccessKey) && !string.IsNullOrEmpty(SecretKey))
        {
            return string.IsNullOrEmpty(SessionToken)
                ? new BasicAWSCredentials(AccessKey, SecretKey)
                : new SessionAWSCredentials(AccessKey, SecretKey, SessionToken);
        }
        if (!string.IsNullOrEmpty(ProfileName))
        {
            return FromProfile(ProfileName) ?? throw new PSArgumentException($"No profile {ProfileName} was found.", nameof(ProfileName));
        }
        return Credential ?? FromEnvironment() ?? FromProfile(DefaultProfileName) ?? FromSdk();
    }

    /// <summary>Points a client at the endpoint and region that the parameters, the environment or the default profile name.</summary>
    protected void Configure(ClientConfig config)
    {
        var region = RegionOf(PSObject.AsPSObject(Region ?? string.Empty).BaseObject) ?? FallbackRegion() ?? RegionEndpoint.USEast1;
        var endpoint = EndpointUrl ?? EndpointFromEnvironment();
        if (string.IsNullOrEmpty(endpoint))
        {
            config.RegionEndpoint = region;
        }
        else
        {
            config.ServiceURL = endpoint;
            config.AuthenticationRegion = region.SystemName;
        }
    }

    private static RegionEndpoint? RegionOf(object region) =>
        region switch
        {
            RegionEndpoint endpoint => endpoint,
            string { Length: > 0 } name => RegionEndpoint.GetBySystemName(name),
            _ => null,
        };

    private static RegionEndpoint? FallbackRegion() => FallbackRegionFactory.GetRegionEndpoint(includeInstanceMetadata: false);

    // Only later 3.7 releases of the SDK read these too.
    private static string? EndpointFromEnvironment() =>
        string.Equals(Variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"), "true", StringComparison.OrdinalIgnoreCase)
            ? null
            : Variable("AWS_ENDPOINT_URL_STS") ?? Variable("AWS_ENDPOINT_URL");

    private static AWSCredentials? FromEnvironment() =>
        Variable("AWS_ACCESS_KEY_ID") is null || Variable("AWS_SECRET_ACCESS_KEY") is null
            ? null
            : new EnvironmentVariablesAWSCredentials();

    private AWSCredentials? FromProfile(string name) =>
        new CredentialProfileStoreChain(ProfileLocation).TryGetAWSCredentials(name, out var credentials) ? credentials : null;

    private static string DefaultProfileName => Variable("AWS_PROFILE") ?? "default";

    private static AWSCredentials FromSdk() =>
#if AWSSDK4
        Amazon.Runtime.Credentials.DefaultAWSCredentialsIdentityResolver.GetCredentials();
#else
        FallbackCredentialsFactory.GetCredentials();
#endif

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
