using System.Management.Automation;

namespace RoleCredentials;

/// <summary>The progress of a cmdlet, shown once the cmdlet has run for more than a second.</summary>
internal sealed class LateProgress(RoleCmdlet cmdlet, int id, string activity)
{
    private readonly long started = Environment.TickCount64;
    private ProgressRecord? shown;

    /// <param name="status">What is done so far.</param>
    /// <param name="percent">Null if the total is unknown.</param>
    internal void Show(string status, int? percent)
    {
        if (Environment.TickCount64 - started < 1000)
            return;
        var progress = new ProgressRecord(id, activity, status);
        if (percent is { } known)
            progress.PercentComplete = known;
        cmdlet.WriteProgress(progress);
        shown = progress;
    }

    /// <summary>Removes the progress, also after an error, because a script may go on. After Ctrl+C the host removes it.</summary>
    internal void End()
    {
        if (shown is null)
            return;
        shown.RecordType = ProgressRecordType.Completed;
        try
        {
            cmdlet.WriteProgress(shown);
        }
        catch (PipelineStoppedException)
        {
            // The pipeline takes no more records.
        }
    }
}
