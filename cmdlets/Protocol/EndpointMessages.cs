namespace RoleCredentials;

internal sealed record OpenEndpointParams : RequestParams
{
    public required UseRoleParams Request { get; init; }
    public required UseRoleResult Current { get; init; }
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
