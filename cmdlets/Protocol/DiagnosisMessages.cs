namespace RoleCredentials;

internal sealed record TestRoleParams : UseRoleParams
{
    internal TestRoleParams(UseRoleParams request)
        : base(request) { }

    public required int Hop { get; init; }
}

internal sealed record LikelyCause : Message
{
    public required string Id { get; init; }
    public required string Likelihood { get; init; }
    public required string Explanation { get; init; }
    public required string Action { get; init; }
}

internal sealed record HopError : Message
{
    public required string Id { get; init; }
    public required string Message { get; init; }
    public string? MfaSerial { get; init; }
    public string? MfaProblem { get; init; }
}

internal sealed record HopReport : Message
{
    public required int Number { get; init; }
    public required bool Last { get; init; }
    public required string Operation { get; init; }
    public required string Hop { get; init; }
    public string? ProfileName { get; init; }
    public string? RoleArn { get; init; }
    public string? Source { get; init; }
    public CallerIdentity? Identity { get; init; }
    public string? Endpoint { get; init; }
    public string? Region { get; init; }
    public string? Expiration { get; init; }
    public required bool Cached { get; init; }
    public required bool Succeeded { get; init; }
    public bool? CodeTaken { get; init; }
    public int? ClockSkewSeconds { get; init; }
    public HopError? Error { get; init; }
    public required LikelyCause[] Causes { get; init; }
    public string[]? Advice { get; init; }
    public string? TrustPolicy { get; init; }
    public string? IdentityPolicy { get; init; }
}
