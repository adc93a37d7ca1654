using System.Management.Automation;

namespace RoleCredentials;

/// <summary>The parameters of a cmdlet that assumes roles, under the names of Use-STSRole of AWS Tools. RoleRequest reads them as they were bound.</summary>
public abstract class SessionCmdlet : RoleCmdlet
{
    [Parameter]
    [Alias("SerialNumber")]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string? MfaSerial { get; set; }

    [Parameter]
    public string? TokenCode { get; set; }

    [Parameter]
    [Alias("PolicyArns")]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public object[]? PolicyArn { get; set; }

    [Parameter]
    [Alias("Tags")]
    public object[]? Tag { get; set; }

    [Parameter]
    [Alias("TransitiveTagKeys")]
    public string[]? TransitiveTagKey { get; set; }

    [Parameter]
    public string? SourceIdentity { get; set; }

    [Parameter]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string? SourceProfile { get; set; }

    [Parameter]
    [Alias("Credentials")]
    public object? Credential { get; set; }

    [Parameter]
    [Alias("AK")]
    public string? AccessKey { get; set; }

    [Parameter]
    [Alias("SK", "SecretAccessKey")]
    public object? SecretKey { get; set; }

    [Parameter]
    [Alias("ST")]
    public object? SessionToken { get; set; }

    [Parameter]
    [Alias("ProfilesLocation", "AWSProfilesLocation")]
    public string? ProfileLocation { get; set; }

    [Parameter]
    [Alias("RegionToCall")]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string? Region { get; set; }

    [Parameter]
    public string? EndpointUrl { get; set; }

    [Parameter]
    public SwitchParameter NoCache { get; set; }
}
