using System.Management.Automation;

namespace RoleCredentials;

/// <summary>The parameters that have the positions of Use-STSRole, too.</summary>
public abstract class AssumingCmdlet : SessionCmdlet
{
    [Parameter(Position = 1)]
    public string? RoleSessionName { get; set; }

    [Parameter(Position = 2)]
    public string? Policy { get; set; }

    [Parameter(Position = 3)]
    [Alias("DurationSeconds")]
    public int DurationInSeconds { get; set; }

    [Parameter(Position = 4)]
    public string? ExternalId { get; set; }

    /// <summary>Start from the role that the session is in.</summary>
    [Parameter]
    public SwitchParameter Chain { get; set; }

    /// <summary>What was given at the command line, and not by the pipeline.</summary>
    private protected HashSet<string> Given { get; private set; } = [];

    protected override void BeginProcessing() => Given = [.. MyInvocation.BoundParameters.Keys];
}
