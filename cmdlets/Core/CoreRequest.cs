using System.Collections;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>A request to the core, and its response once it arrives.</summary>
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

    /// <summary>The caller's environment variables. The request carries them because $env: may change after the core has started.</summary>
    public IDictionary Environment { get; }

    /// <summary>The result, if the request succeeded.</summary>
    public Hashtable? Result { get; private set; }

    /// <summary>The error, if the request failed.</summary>
    public ErrorRecord? ErrorRecord { get; private set; }

    /// <summary>The data that the core sends with an error.</summary>
    public Hashtable? Error { get; private set; }

    internal IReadOnlyList<string> Notes { get; private set; } = [];

    // Its position among the requests of one cmdlet, and the command that renews its credentials.
    internal int Index { get; init; }

    internal string? RefreshCommand { get; init; }

    /// <summary>The input that it was made from.</summary>
    internal RoleInput? Input { get; init; }

    /// <summary>When it was sent, on the clock of <see cref="System.Environment.TickCount64"/>.</summary>
    internal long SentAt { get; private set; }

    internal bool IsAnswered => Task.IsCompleted;

    internal CoreProcess Core { get; private set; } = null!;

    internal Task<byte[]> Task { get; private set; } = null!;

    private long Id { get; set; }

    internal void SendTo(CorePlace core, string folder)
    {
        ErrorRecord = null;
        Error = null;
        SentAt = System.Environment.TickCount64;
        sentTo = (core, folder);
        Core = RoleCore.Get(core);
        Task = Core.Send(id => RoleCore.LineOf(id, this, folder), out var given);
        Id = given;
    }

    /// <summary>
    /// Repeats a role/use request once, on a new core, if the core was killed. The old core cached the credentials that it got, so this
    /// makes no second call to STS. Requests with -NoCache would call STS again, and an MFA code may be used up, so these are not repeated.
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
            // No new core starts: report the error of the old one.
            return false;
        }
    }

    /// <summary>Stops waiting for the response.</summary>
    public void Cancel()
    {
        if (!Task.IsCompleted)
            Core.Cancel(Id);
    }

    /// <summary>Parses the response. If the core ended first, the request fails; the next request starts a new core.</summary>
    internal void Complete()
    {
        var answer = Task.IsCompletedSuccessfully ? CoreAnswer.Parse(Task.Result) : null;
        if (answer is null)
        {
            if (Task.IsCompletedSuccessfully)
                Core.Stop("It sent a malformed response.");
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
