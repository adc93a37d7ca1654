using System.Management.Automation;

namespace RoleCredentials;

/// <summary>The parameters that name a role's source, and what the source needs. RoleRequest reads the bound values.</summary>
public abstract class SourceCmdlet : InputCmdlet
{
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Optional]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string? RoleName { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Optional]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string? SsoSession { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("SsoStartUrl")]
    [Optional]
    public string? StartUrl { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Optional]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string? SsoRegion { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("SerialNumber")]
    [Optional]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string? MfaSerial { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Optional]
    public string? TokenCode { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Optional]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string? SourceProfile { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Credentials")]
    [Optional]
    public object? Credential { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("ProfilesLocation", "AWSProfilesLocation")]
    [Optional]
    public string? ProfileLocation { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("RegionToCall")]
    [Region]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string? Region { get; set; }
}
