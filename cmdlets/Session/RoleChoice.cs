namespace RoleCredentials;

/// <summary>A role or profile in the list that the user chooses from, and what names it in a request.</summary>
internal sealed record RoleChoice(string Name, string Account, string Role, NamedRole Named)
{
    /// <summary>Name, account and role in one line.</summary>
    internal string Label { get; } = Terminal.Escape(string.Join("  ", new[] { Name, Account, Role }.Where(part => part != "")));

    internal bool Matches(string typed) =>
        typed.Split(' ', StringSplitOptions.RemoveEmptyEntries).All(word => Label.Contains(word, StringComparison.OrdinalIgnoreCase));

    /// <summary>A role from the history, labeled with its display name or profile.</summary>
    internal static RoleChoice OfHistory(UsedRole used)
    {
        var arn = used.RoleArn;
        var profile = View.Text(used.ProfileName);
        var named = profile is null ? new NamedRole { RoleArn = arn } : new NamedRole { ProfileName = profile };
        named = named with { SourceProfile = View.Text(used.SourceProfile) };
        return new RoleChoice(View.Text(used.DisplayName) ?? profile ?? "", arn.Split(':')[4], View.RoleNameOf(arn), named);
    }

    internal static RoleChoice OfProfile(ProfileSummary summary)
    {
        var profile = StoredProfile.From(summary);
        string Value(string name) => profile.Properties[name].Value is { } value ? GivenValue.TextOf(value) : "";
        var role = Value("Role");
        return new RoleChoice(
            summary.Name,
            Value("Account"),
            role == "" ? Value("Source") : role,
            new NamedRole { ProfileName = summary.Name }
        );
    }
}
