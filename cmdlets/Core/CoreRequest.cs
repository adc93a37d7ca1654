using System.Collections;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>A request to the core, and its answer once it has come.</summary>
public sealed class CoreRequest
{
    private (CorePlace Place, string Folder) sentTo;
    private bool isRepeated;

    internal CoreRequest(string method, Hashtable parameters, IDictionary environment)
    {
        Method = method;
        Parameters = parameters;
        Environment = environment;
    }

    public string Method { get; }

    public Hashtable Parameters { get; }

    /// <summary>The caller's environment variables, for the core outlives changes to $env:.</summary>
    public IDictionary Environment { get; }

    /// <summary>What was answered, if it was no error.</summary>
    public Hashtable? Result { get; private set; }

    /// <summary>What was answered, as PowerShell knows errors.</summary>
    public ErrorRecord? ErrorRecord { get; private set; }

    /// <summary>What the core says of the error, beside its message.</summary>
    public Hashtable? Error { get; private set; }

    internal IReadOnlyList<string> Notes { get; private set; } = [];

    // Which of many it is, and how its credentials renew themselves.
    internal int Index { get; init; }

    internal string? RefreshCommand { get; init; }

    /// <summary>Whose request it is: what the command line and the pipeline said.</summary>
    internal RoleInput? Input { get; init; }

    internal bool IsAnswered => Task.IsCompleted;

    internal CoreProcess Core { get; private set; } = null!;

    internal Task<byte[]> Task { get; private set; } = null!;

    private long Id { get; set; }

    internal void SendTo(CorePlace core, string folder)
    {
        ErrorRecord = null;
        Error = null;
        sentTo = (core, folder);
        Core = RoleCore.Get(core);
        Task = Core.Send(id => RoleCore.LineOf(id, this, folder), out var given);
        Id = given;
    }

    /// <summary>
    /// Asks a new core, once, for a role whose core was killed. What the old one obtained is cached, so this costs no second call to STS.
    /// With -NoCache it would, and an MFA code may be used up: these are not repeated.
    /// </summary>
    internal bool TryRepeat()
    {
        if (isRepeated || Method != "role/use" || Task.IsCompletedSuccessfully || !Core.WasKilled)
            return false;
        if (Parameters["noCache"] is true || Parameters.ContainsKey("tokenCode") || Parameters.ContainsKey("tokenCodes"))
            return false;
        isRepeated = true;
        try
        {
            SendTo(sentTo.Place, sentTo.Folder);
            return true;
        }
        catch (RuntimeException)
        {
            // No other core starts: the error of this one stands.
            return false;
        }
    }

    /// <summary>Nobody waits for the answer any longer.</summary>
    public void Cancel()
    {
        if (!Task.IsCompleted)
            Core.Cancel(Id);
    }

    /// <summary>Takes the answer apart. A core that ended before it answered is one clear error; the next request starts another.</summary>
    internal void Complete()
    {
        var answer = Task.IsCompletedSuccessfully ? CoreAnswer.Parse(Task.Result) : null;
        if (answer is null)
        {
            if (Task.IsCompletedSuccessfully)
                Core.Stop("It answered what is no answer.");
            Fail(Core.Failure(Method));
            return;
        }
        Notes = answer.Notes;
        Result = answer.Result;
        Error = answer.Error;
        ErrorRecord = answer.ErrorRecord;
    }

    private void Fail(ErrorRecord record)
    {
        ErrorRecord = record;
        Error = new Hashtable { ["id"] = record.FullyQualifiedErrorId };
    }
}
