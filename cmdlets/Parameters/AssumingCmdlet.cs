using System.Management.Automation;

namespace RoleCredentials;

/// <summary>The parameters that have the positions of Use-STSRole, too.</summary>
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

    /// <summary>Start from the role that the session is in.</summary>
    [Parameter]
    public SwitchParameter Chain { get; set; }
}
