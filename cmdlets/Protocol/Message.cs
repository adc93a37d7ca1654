using System.Collections;

namespace RoleCredentials;

/// <summary>
/// A message to or from the core. Its records have the names and the members of src/protocol/*-messages.ts, which document them;
/// test/protocol/records.test.ts compares the two.
/// </summary>
internal abstract record Message
{
    /// <summary>Hides the members, because a record would print its secrets.</summary>
    public sealed override string ToString() => GetType().Name;
}

/// <summary>The parameters of a request.</summary>
internal record RequestParams : Message
{
    /// <summary>Set when the request is sent.</summary>
    public CallerContext? Context { get; init; }
}

internal sealed record Nothing : RequestParams;

internal sealed record CallerContext : Message
{
    /// <summary>As .NET returns it, because a copy takes longer than the rest of a request.</summary>
    public required IDictionary Environment { get; init; }
    public required string WorkingDirectory { get; init; }
    public bool? AnswersQuestions { get; init; }
}

/// <summary>A response, without the id that CoreProcess has read.</summary>
internal sealed record Response<TResult> : Message
    where TResult : Message
{
    public TResult? Result { get; init; }
    public WireError? Error { get; init; }

    /// <summary>Messages for -Verbose, one line each.</summary>
    public string[]? Notes { get; init; }
}

internal sealed record WireError : Message
{
    public required int Code { get; init; }
    public required string Message { get; init; }
    public required WireErrorData Data { get; init; }
}

internal sealed record WireErrorData : Message
{
    public required string Id { get; init; }
    public required string Category { get; init; }
    public string? Target { get; init; }
    public string? Action { get; init; }
    public string? Hop { get; init; }
    public string? MfaSerial { get; init; }
    public string? MfaProblem { get; init; }
    public SignInPlace? SignIn { get; init; }
    public string? AwsCode { get; init; }
    public int? ClockSkewSeconds { get; init; }
}
