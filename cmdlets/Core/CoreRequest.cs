using System.Collections;
using System.Management.Automation;
using System.Text.Json;

namespace RoleCredentials;

/// <summary>A request to the core, and its response once it arrives.</summary>
internal abstract class CoreRequest
{
    private (CoreFolder CoreFolder, string Folder) sentTo;
    private int id;
    private bool isRepeated;

    private protected CoreRequest(string method, IDictionary environment)
    {
        Method = method;
        Environment = environment;
    }

    internal string Method { get; }

    internal abstract RequestParams Request { get; }

    /// <summary>The caller's environment variables. The request carries them because $env: may change after the core has started.</summary>
    internal IDictionary Environment { get; }

    /// <summary>The error, if the request failed.</summary>
    internal ErrorRecord? ErrorRecord { get; private set; }

    /// <summary>The data that the core sends with an error.</summary>
    internal WireErrorData? Error { get; private set; }

    /// <summary>The result, or the data of the error.</summary>
    internal abstract Message? Response { get; }

    internal IReadOnlyList<string> Notes { get; private set; } = [];

    /// <summary>When it was sent, on the clock of <see cref="System.Environment.TickCount64"/>.</summary>
    internal long SentAt { get; private set; }

    internal bool IsAnswered => Task.IsCompleted;

    internal CoreProcess Core { get; private set; } = null!;

    internal Task<byte[]> Task { get; private set; } = null!;

    internal void SendTo(CoreFolder coreFolder, string folder)
    {
        ErrorRecord = null;
        Error = null;
        SentAt = System.Environment.TickCount64;
        sentTo = (coreFolder, folder);
        Core = RoleCore.Get(coreFolder);
        var context = new CallerContext
        {
            Environment = Environment,
            WorkingDirectory = folder,
            AnswersQuestions = CoreQuestion.AreAnswered ? true : null,
        };
        Task = Core.Send(given => Json.LineOf(Method, Request with { Context = context }, given), out id);
    }

    /// <summary>
    /// Repeats a role/use request once, on a new core, if the core was killed. The old core cached the credentials that it got, so this
    /// makes no second call to STS. Requests with -NoCache would call STS again, and an MFA code may be used up, so these are not repeated.
    /// </summary>
    internal bool TryRepeat()
    {
        if (isRepeated || Method != Methods.UseRole.Name || Task.IsCompletedSuccessfully || !Core.WasKilled)
            return false;
        if (Request is not UseRoleParams { NoCache: not true, TokenCode: null, TokenCodes: null })
            return false;
        isRepeated = true;
        try
        {
            SendTo(sentTo.CoreFolder, sentTo.Folder);
            return true;
        }
        catch (RuntimeException)
        {
            // No new core starts: report the error of the old one.
            return false;
        }
    }

    /// <summary>Stops waiting for the response.</summary>
    internal void Cancel()
    {
        if (!Task.IsCompleted)
            Core.Cancel(id);
    }

    /// <summary>Parses the response. If the core ended first, the request fails; the next request starts a new core.</summary>
    internal void Complete()
    {
        if (Task.IsCompletedSuccessfully)
        {
            if (TryRead(Task.Result))
                return;
            Core.Stop("It sent a malformed response.");
        }
        ErrorRecord = Core.Failure(Method);
        Error = new WireErrorData { Id = ErrorRecord.FullyQualifiedErrorId, Category = $"{ErrorRecord.CategoryInfo.Category}" };
    }

    /// <summary>Reads a response, and returns false if it is malformed.</summary>
    private protected abstract bool TryRead(ReadOnlySpan<byte> line);

    private protected bool TryTake(WireError? error, string[]? notes)
    {
        Notes = notes ?? [];
        if (error is null)
            return true;
        Error = error.Data;
        ErrorRecord = ToErrorRecord(error);
        return ErrorRecord is not null;
    }

    // Converts the core's error to PowerShell's ErrorRecord. Returns null if its category is unknown.
    private static ErrorRecord? ToErrorRecord(WireError error)
    {
        var data = error.Data;
        if (!Enum.TryParse(data.Category, out ErrorCategory category))
            return null;
        var record = CoreFailure.Create(data.Id, error.Message, data.Action, data.Target, category);
        foreach (
            var (name, value) in new (string, object?)[]
            {
                ("hop", data.Hop),
                ("mfaSerial", data.MfaSerial),
                ("awsCode", data.AwsCode),
                ("clockSkewSeconds", data.ClockSkewSeconds),
            }
        )
        {
            if (value is not null)
                record.Exception.Data[name] = value;
        }
        return record;
    }
}

/// <summary>A request of one method.</summary>
internal class CoreRequest<TParams, TResult>(Method<TParams, TResult> method, TParams parameters, IDictionary environment)
    : CoreRequest(method.Name, environment)
    where TParams : RequestParams
    where TResult : Message
{
    internal TParams Parameters { get; } = parameters;

    internal override RequestParams Request => Parameters;

    internal override Message? Response => (Message?)Error ?? Result;

    /// <summary>The result, if the request succeeded.</summary>
    internal TResult? Result { get; private set; }

    private protected sealed override bool TryRead(ReadOnlySpan<byte> line)
    {
        try
        {
            var response = Json.Read<Response<TResult>>(line);
            Result = response.Error is null ? response.Result : null;
            return TryTake(response.Error, response.Notes) && (response.Error is null) == (Result is not null);
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
