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

internal sealed record ServedCredentials : WireCredentials
{
    public string? RoleArn { get; init; }
}

internal sealed record OpenEndpointParams : RequestParams
{
    public required UseRoleParams Request { get; init; }
    public required ServedCredentials Current { get; init; }
}

internal sealed record OpenedEndpoint : Message
{
    public required string Url { get; init; }
    public required string Token { get; init; }
    public required Dictionary<string, string> Variables { get; init; }
}

internal sealed record CloseEndpointParams : RequestParams
{
    public required string Url { get; init; }
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
    public required string UserId { get; init; }
}

internal sealed record DescribedIdentity : Message
{
    public required string Source { get; init; }
    public string? ProfileName { get; init; }
    public string? RoleArn { get; init; }
    public string? RoleName { get; init; }
    public string? Account { get; init; }
    public string? AccessKeyId { get; init; }
    public string? Expiration { get; init; }
    public string? Region { get; init; }
    public string? Problem { get; init; }
}

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
    public string? AwsCode { get; init; }
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
