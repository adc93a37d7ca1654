namespace RoleCredentials;

internal record ListProfilesParams : RequestParams
{
    public string? ProfileLocation { get; init; }
}

internal record ProfileParams : ListProfilesParams
{
    public required string ProfileName { get; init; }
}

internal sealed record RemoveProfileParams : ProfileParams
{
    public bool? WhatIf { get; init; }
}

internal sealed record ProfileSummary : Message
{
    public required string Name { get; init; }
    public string? Source { get; init; }
    public string? KeyStore { get; init; }

    /// <summary>Its keys are those of <see cref="Setting"/>.</summary>
    public required Dictionary<string, string> Settings { get; init; }
}

internal sealed record ProfileList : Message
{
    public required ProfileSummary[] Profiles { get; init; }
}

internal sealed record SecretVault : Message
{
    public required string Name { get; init; }
    public required string PowerShell { get; init; }
    public string? AccessKey { get; init; }
}

internal sealed record StoreProfileParams : ProfileParams
{
    /// <summary>Null removes a setting.</summary>
    public required Dictionary<string, string?> Settings { get; init; }
    public bool? Vault { get; init; }
    public SecretVault? SecretVault { get; init; }
    public bool? WhatIf { get; init; }
}

internal sealed record CopyProfileParams : ListProfilesParams
{
    public required string From { get; init; }
    public required string To { get; init; }
    public bool? AsProcess { get; init; }

    /// <summary>Null removes a setting.</summary>
    public Dictionary<string, string?>? Settings { get; init; }
    public bool? WhatIf { get; init; }
}

internal sealed record FileChanges : Message
{
    public required string[] Files { get; init; }
    public required string[] Warnings { get; init; }
}
