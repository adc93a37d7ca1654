using System.Management.Automation;

namespace RoleCredentials;

/// <summary>
/// The parameters of a cmdlet that assumes roles. They have the names of AWS Tools' Use-STSRole, and the pipeline binds each of them by
/// property name. RoleRequest reads the bound values.
/// </summary>
public abstract class SessionCmdlet : SourceCmdlet
{
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("PolicyArns")]
    [Optional]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public object[]? PolicyArn { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Tags")]
    [Optional]
    public object[]? Tag { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("TransitiveTagKeys")]
    [Optional]
    public string[]? TransitiveTagKey { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Optional]
    public string? SourceIdentity { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("AK")]
    [Optional]
    public string? AccessKey { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("SK", "SecretAccessKey")]
    [Optional]
    public object? SecretKey { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("ST")]
    [Optional]
    public object? SessionToken { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Optional]
    public string? EndpointUrl { get; set; }

    [Parameter]
    public SwitchParameter NoCache { get; set; }
}
