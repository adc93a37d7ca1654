namespace RoleCredentials;

internal sealed record SignInIdParams : RequestParams
{
    public required string SignInId { get; init; }
}

internal sealed record SignedIn : Message
{
    public required string Expiration { get; init; }
}

/// <summary>The members of all states: TypeScript has a union.</summary>
internal sealed record SignInStep : Message
{
    public required string State { get; init; }
    public SignedIn? SignedIn { get; init; }
    public string? SignInId { get; init; }
    public string? Link { get; init; }
    public string? Address { get; init; }
    public string? UserCode { get; init; }
    public string? Expiration { get; init; }
}
