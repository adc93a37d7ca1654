namespace RoleCredentials;

internal record WireCredentials : Message
{
    public required string AccessKeyId { get; init; }
    public required string SecretAccessKey { get; init; }
    public string? SessionToken { get; init; }
    public string? Expiration { get; init; }
    public string? AccountId { get; init; }
}

internal sealed record SessionTag : Message
{
    public required string Key { get; init; }
    public required string Value { get; init; }
}

internal record SessionParameters : RequestParams
{
    public string? RoleSessionName { get; set; }
    public int? DurationInSeconds { get; set; }
    public string? ExternalId { get; set; }
    public string? MfaSerial { get; set; }
    public string? SourceIdentity { get; set; }
    public SessionTag[]? Tags { get; set; }
    public string[]? TransitiveTagKeys { get; set; }
    public string? Policy { get; set; }
    public string[]? PolicyArns { get; set; }
}

/// <summary>The members of all kinds: TypeScript has a union.</summary>
internal sealed record Federation : Message
{
    public required string Kind { get; init; }
    public string? Assertion { get; init; }
    public string? PrincipalArn { get; init; }
    public string? Token { get; init; }
    public string? Path { get; init; }
    public string? Audience { get; init; }
    public string? ServiceConnectionId { get; init; }
}

internal record UseRoleParams : SessionParameters
{
    public string? ProfileName { get; set; }
    public string? ProfileLocation { get; set; }
    public string? RoleArn { get; set; }
    public string? RoleName { get; set; }
    public string? AccountId { get; set; }
    public string? SsoSession { get; set; }
    public string? StartUrl { get; set; }
    public string? SsoRegion { get; set; }
    public string? SourceProfile { get; set; }
    public WireCredentials? Credentials { get; set; }
    public Federation? Federation { get; set; }
    public bool? SourceGiven { get; set; }
    public string? TokenCode { get; set; }
    public Dictionary<string, string>? TokenCodes { get; set; }
    public string? Region { get; set; }
    public string? EndpointUrl { get; set; }
    public bool? NoCache { get; set; }
    public string? InvocationId { get; set; }
}

internal sealed record AssumedRoleUser : Message
{
    public required string Arn { get; init; }
    public required string AssumedRoleId { get; init; }
}

internal sealed record UseRoleResult : WireCredentials
{
    public AssumedRoleUser? AssumedRoleUser { get; init; }
    public string? SourceIdentity { get; init; }
    public double? PackedPolicySize { get; init; }
    public string? RoleArn { get; init; }
    public string? Region { get; init; }
    public string? ProfileName { get; init; }
    public string? SourceProfile { get; init; }
    public bool? Chained { get; init; }
    public string? Renewal { get; init; }
}

internal sealed record AbandonParams : RequestParams
{
    public required string InvocationId { get; init; }
}

internal sealed record RefreshArguments : Message
{
    public required string[] Arguments { get; init; }
}

internal sealed record CallerIdentity : Message
{
    public required string Account { get; init; }
    public required string Arn { get; init; }
}

internal sealed record DescribedIdentity : Message
{
    public required string Source { get; init; }
    public string? ProfileName { get; init; }
    public string? RoleArn { get; init; }
    public string? RoleName { get; init; }
    public string? Account { get; init; }
    public string? Expiration { get; init; }
    public string? Region { get; init; }
    public string? Problem { get; init; }
}
