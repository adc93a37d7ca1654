namespace RoleCredentials;

internal sealed record SwitchRoleParams : RequestParams
{
    public string? RoleArn { get; set; }
    public string? ProfileName { get; set; }
    public string? ProfileLocation { get; set; }
    public string? RoleName { get; set; }
    public string? SsoSession { get; set; }
    public string? StartUrl { get; set; }
    public string? SsoRegion { get; set; }
    public string? Account { get; set; }
    public string? Region { get; set; }
    public string? DisplayName { get; set; }
    public string? Color { get; set; }
    public BrowserContainer? Container { get; set; }
}

internal sealed record BrowserContainer : Message
{
    public required string Name { get; init; }
    public string? Color { get; init; }
    public string? Icon { get; init; }
}

internal sealed record SignInParams : UseRoleParams
{
    internal SignInParams(UseRoleParams request)
        : base(request) { }

    public string? Destination { get; set; }
    public BrowserContainer? Container { get; set; }
    public int? SessionDurationInSeconds { get; set; }
    public bool? Chained { get; set; }
    public string? Partition { get; set; }
}

internal sealed record ConsoleLink : Message
{
    public required string Link { get; init; }
}
