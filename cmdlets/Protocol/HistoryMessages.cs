namespace RoleCredentials;

internal sealed record UsedRole : Message
{
    public required string RoleArn { get; init; }
    public required string LastUsed { get; init; }
    public string? DisplayName { get; init; }
    public string? Color { get; init; }
    public string? ProfileName { get; init; }
    public string? SourceProfile { get; init; }
    public bool? SourceGiven { get; init; }
    public string? Region { get; init; }
}

internal sealed record RoleHistory : Message
{
    public required UsedRole[] Roles { get; init; }
}

internal sealed record ClearHistoryParams : RequestParams
{
    public string? RoleArn { get; init; }
    public bool? WhatIf { get; init; }
}
