using System.Management.Automation;

namespace RoleCredentials;

/// <summary>Adds the parameters that have the same positions as in Use-STSRole.</summary>
public abstract class AssumingCmdlet : SessionCmdlet
{
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [Optional]
    public string? RoleSessionName { get; set; }

    [Parameter(Position = 2, ValueFromPipelineByPropertyName = true)]
    [Optional]
    public string? Policy { get; set; }

    [Parameter(Position = 3, ValueFromPipelineByPropertyName = true)]
    [Alias("DurationSeconds")]
    [OptionalNumber]
    public int? DurationInSeconds { get; set; }

    [Parameter(Position = 4, ValueFromPipelineByPropertyName = true)]
    [Optional]
    public string? ExternalId { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Optional]
    public object? SamlAssertion { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Optional]
    public string? PrincipalArn { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Optional]
    public object? WebIdentityToken { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateSet("GitHubActions", "AzureDevOps")]
    public string? WebIdentityProvider { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Optional]
    public string? Audience { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Optional]
    public string? ServiceConnectionId { get; set; }

    /// <summary>Gives programs an endpoint instead of keys.</summary>
    [Parameter]
    public SwitchParameter Serve { get; set; }

    /// <summary>Starts from the entered role.</summary>
    [Parameter]
    public SwitchParameter Chain { get; set; }
}
