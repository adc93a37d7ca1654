namespace RoleCredentials;

internal record SignInIdParams : RequestParams
{
    public required string SignInId { get; init; }
}

internal sealed record WaitForSignInParams : SignInIdParams
{
    public string? AuthorizationCode { get; init; }
}

internal sealed record SignedIn : Message
{
    public required string Expiration { get; init; }
    public required bool Renewable { get; init; }
    public string? SsoSession { get; init; }
    public string? StartUrl { get; init; }
    public string? SsoRegion { get; init; }
    public LoginIdentity? Login { get; init; }
}

internal sealed record LoginIdentity : Message
{
    public required string ProfileName { get; init; }
    public required string LoginSession { get; init; }
    public string? AccountId { get; init; }
    public required string Region { get; init; }
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
    public bool? WantsCode { get; init; }
    public string? Expiration { get; init; }
}

/// <summary>Where to sign in, in an error that a sign-in resolves.</summary>
internal sealed record SignInPlace : Message
{
    public string? SsoSession { get; init; }
    public string? ProfileName { get; init; }
    public string? StartUrl { get; init; }
    public string? SsoRegion { get; init; }
    public bool? Force { get; init; }
}

internal sealed record LoginParams : RequestParams
{
    public string? ProfileName { get; init; }
    public string? ProfileLocation { get; init; }
    public string? Region { get; init; }
    public bool? Remote { get; init; }
    public bool? Force { get; init; }
}

internal sealed record LogoutParams : RequestParams
{
    public string? ProfileName { get; init; }
    public string? ProfileLocation { get; init; }
    public bool? All { get; init; }
}

internal sealed record EndedLogins : Message
{
    public required int Removed { get; init; }
}
