namespace RoleCredentials;

/// <summary>What names a role: its ARN, a profile, or its name and account. A profile beside an ARN is the source.</summary>
internal sealed record NamedRole
{
    internal string? RoleArn { get; init; }

    internal string? ProfileName { get; init; }

    /// <summary>The source, in an entry of the history.</summary>
    internal string? SourceProfile { get; init; }

    internal string? RoleName { get; init; }

    internal string? AccountId { get; init; }

    /// <summary>What assumes the role instead of AWS credentials.</summary>
    internal Federation? Federation { get; init; }

    /// <summary>The duration that a SAML assertion asks for, if the command does not.</summary>
    internal int? DurationInSeconds { get; init; }

    /// <summary>Whether it names nothing.</summary>
    internal bool IsEmpty => this is { RoleArn: null, ProfileName: null, RoleName: null, AccountId: null, Federation: null };

    /// <summary>A request for this role.</summary>
    internal UseRoleParams Of(UseRoleParams request) =>
        request with
        {
            RoleArn = RoleArn,
            ProfileName = ProfileName,
            SourceProfile = SourceProfile ?? request.SourceProfile,
            RoleName = RoleName,
            AccountId = AccountId,
            Federation = Federation,
            SourceGiven = Federation is null ? request.SourceGiven : true,
            DurationInSeconds = request.DurationInSeconds ?? DurationInSeconds,
        };
}
