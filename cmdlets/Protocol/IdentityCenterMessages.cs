namespace RoleCredentials;

internal record SsoSessionChoice : RequestParams
{
    public string? SsoSession { get; set; }
    public string? ProfileName { get; set; }
    public string? ProfileLocation { get; set; }
    public string? StartUrl { get; set; }
    public string? SsoRegion { get; set; }
}

internal sealed record StartSignInParams : SsoSessionChoice
{
    public bool? UseDeviceCode { get; set; }
    public bool? Force { get; set; }
}

internal sealed record StoreSessionParams : RequestParams
{
    public required string SsoSession { get; init; }
    public string? StartUrl { get; init; }
    public string? SsoRegion { get; init; }
    public string? ProfileLocation { get; init; }
    public bool? WhatIf { get; init; }
}

internal sealed record SignOutParams : SsoSessionChoice
{
    public bool? WhatIf { get; set; }
}

internal record ChosenSession : Message
{
    public string? SsoSession { get; init; }
    public required string StartUrl { get; init; }
    public required string SsoRegion { get; init; }
}

internal sealed record SignOutResult : ChosenSession
{
    public required bool SignedOut { get; init; }
    public required string[] Warnings { get; init; }
}

internal sealed record SsoAccount : Message
{
    public required string AccountId { get; init; }
    public required string AccountName { get; init; }
    public required string EmailAddress { get; init; }
}

internal sealed record AccountList : Message
{
    public required ChosenSession Session { get; init; }
    public required SsoAccount[] Accounts { get; init; }
}

internal sealed record ListRoleNamesParams : SsoSessionChoice
{
    public required string AccountId { get; init; }
}

internal sealed record RoleNameList : Message
{
    public required string[] RoleNames { get; init; }
}
