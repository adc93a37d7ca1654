namespace RoleCredentials;

/// <summary>The roles that the user can choose from if a command names none.</summary>
internal static class RoleSelection
{
    /// <summary>
    /// Lets the user choose from the recently used roles and the profiles. Returns null after Esc. There is no fallback to the default
    /// credentials, because that would put long-term keys into the environment.
    /// </summary>
    internal static NamedRole? OfKnown(RoleCmdlet cmdlet, string? profileLocation)
    {
        const string action = "Name a role or a profile: Enter-Role prod. Get-RoleProfile and Get-RoleHistory list them.";
        var used = Used(cmdlet, needsSource: true).Select(RoleChoice.OfHistory).ToArray();
        var known = used.Select(choice => choice.Named.ProfileName).ToHashSet();
        var stored = cmdlet
            .Ask(Methods.ListProfiles, new ListProfilesParams { ProfileLocation = profileLocation })
            .Profiles.Where(profile => !known.Contains(profile.Name))
            .Select(RoleChoice.OfProfile);
        RoleChoice[] choices = [.. used, .. stored];
        if (choices.Length == 0)
            throw cmdlet.ThrowTerminating(
                "NoRoleNamed",
                "No role is named, the history is empty, and no profile is stored.",
                "Store a profile with Set-RoleCredentials, or pass -RoleArn.",
                null
            );
        return RolePicker.Pick(cmdlet, "Role:", choices, action)?.Named;
    }

    /// <summary>Lets the user choose the role of a console from the recently used ones. Returns null after Esc.</summary>
    internal static UsedRole? OfUsed(InputCmdlet cmdlet)
    {
        const string action = "Pass -RoleArn, -ProfileName, or -RoleName and -AccountId.";
        var used = Used(cmdlet, cmdlet.UsesSource);
        if (used.Length == 0)
            throw cmdlet.ThrowTerminating("NoRoleNamed", "No role is named or entered, and the history is empty.", action, null);
        var choices = used.Select(RoleChoice.OfHistory).ToArray();
        var chosen = RolePicker.Pick(cmdlet, "Console of:", choices, action);
        return chosen is null ? null : used[Array.IndexOf(choices, chosen)];
    }

    // The source of a role may have been given, and is not kept. Another source would be another identity.
    private static UsedRole[] Used(RoleCmdlet cmdlet, bool needsSource) =>
        [.. cmdlet.Ask(Methods.ListHistory, new Nothing()).Roles.Where(role => !needsSource || role.SourceGiven is not true)];
}
