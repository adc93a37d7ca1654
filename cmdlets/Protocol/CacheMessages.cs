namespace RoleCredentials;

internal sealed record ClearCacheParams : RequestParams
{
    public string? ProfileName { get; init; }
    public string? RoleArn { get; init; }
}

internal sealed record ClearedCache : Message
{
    public required int Removed { get; init; }
}
