namespace RoleCredentials;

internal sealed record RotateKeyParams : ProfileParams
{
    public bool? WhatIf { get; init; }
}

internal sealed record RotatedKey : Message
{
    public required string[] ProfileNames { get; init; }
    public required string KeyStore { get; init; }
    public string? Arn { get; init; }
    public string? OldAccessKeyId { get; init; }
    public string? NewAccessKeyId { get; init; }
    public bool? Resumed { get; init; }
    public required string[] Warnings { get; init; }
}
