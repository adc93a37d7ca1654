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
    public string? Scopes { get; init; }
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

internal sealed record SsoRole : Message
{
    public required string AccountId { get; init; }
    public required string RoleName { get; init; }
}

internal sealed record ListGoneRolesParams : SsoSessionChoice
{
    public required SsoRole[] Roles { get; init; }
}

internal sealed record GoneRole : Message
{
    public required string ProfileName { get; init; }
    public required string AccountId { get; init; }
    public required string RoleName { get; init; }
    public required bool Generated { get; init; }
}

internal sealed record GoneRoleList : Message
{
    public required GoneRole[] Profiles { get; init; }
}

internal sealed record RoleProfile : Message
{
    public required string ProfileName { get; init; }
    public required Dictionary<string, string> Settings { get; init; }
}

internal sealed record StoreRolesParams : RequestParams
{
    public required RoleProfile[] Profiles { get; init; }
    public required string[] Removes { get; init; }
    public string? ProfileLocation { get; init; }
    public bool? WhatIf { get; init; }
}

internal sealed record RoleConflict : Message
{
    public required string ProfileName { get; init; }
    public required string Setting { get; init; }
}

internal sealed record StoredRoles : Message
{
    public required string[] Files { get; init; }
    public required string[] Added { get; init; }
    public required string[] Removed { get; init; }
    public required string[] Unchanged { get; init; }
    public required RoleConflict[] Conflicts { get; init; }
}
