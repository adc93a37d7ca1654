namespace RoleCredentials;

internal sealed record CompletionParams : RequestParams
{
    public required string Subject { get; init; }
    public required string Word { get; init; }
    public string? ProfileLocation { get; init; }
    public string? AccountId { get; init; }
    public string? RoleName { get; init; }
    public string? RoleArn { get; init; }
    public string? SsoSession { get; init; }
}

internal sealed record Completion : Message
{
    public required string Text { get; init; }
    public required string Tip { get; init; }
}

internal sealed record CompletionList : Message
{
    public required Completion[] Completions { get; init; }
}
