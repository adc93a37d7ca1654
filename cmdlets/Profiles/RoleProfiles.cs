using System.Management.Automation;

namespace RoleCredentials;

/// <summary>
/// Stores profiles for the roles of IAM Identity Center that one pipeline brings, in one change of the file. It changes no profile that
/// exists. It names profiles whose account or role is gone, and removes those that an earlier run wrote, if asked.
/// </summary>
internal sealed class RoleProfiles(InputCmdlet cmdlet, string? location)
{
    private readonly List<RoleProfile> profiles = [];

    internal void Add(string name, Dictionary<string, string?> settings)
    {
        // The pipeline may bring a role twice.
        if (profiles.Any(one => one.ProfileName == name))
            return;
        var texts = settings.Where(one => one.Value is not null).ToDictionary(one => one.Key, one => one.Value!);
        profiles.Add(new() { ProfileName = name, Settings = texts });
    }

    /// <summary>Stores the profiles, and removes those whose role is gone, if <paramref name="prune"/> is set.</summary>
    internal void Store(bool prune)
    {
        var gone = Sessions().SelectMany(session => GoneFrom(session, prune)).ToArray();
        var removable = prune ? gone.Where(one => one.Generated).Select(one => one.ProfileName).ToArray() : [];
        var request = new StoreRolesParams
        {
            Profiles = [.. profiles],
            Removes = removable,
            ProfileLocation = location,
        };
        // Plan first, so that conflicts are reported before the confirmation, and with -WhatIf too.
        if (cmdlet.TryAsk(Methods.StoreRoles, request with { WhatIf = true }) is not { } planned)
            return;
        ReportConflicts(planned);
        var (where, added, removed) = (planned.Files.FirstOrDefault(), planned.Added.ToHashSet(), planned.Removed.ToHashSet());
        request = request with
        {
            Profiles =
            [
                .. profiles.Where(one =>
                    added.Contains(one.ProfileName) && IsConfirmed(one.ProfileName, where, ProfileSettings.InWords(one.Settings!))
                ),
            ],
            Removes = [.. removable.Where(name => removed.Contains(name) && IsConfirmed(name, where, "Remove"))],
        };
        foreach (var name in planned.Unchanged)
            cmdlet.WriteStep($"Profile '{name}' is already up to date.");
        NameGone(gone.Where(one => !removed.Contains(one.ProfileName)), prune);
        if (request.Profiles.Length + request.Removes.Length == 0 || cmdlet.TryAsk(Methods.StoreRoles, request) is not { } done)
            return;
        // Another program may have stored a profile since the plan.
        ReportConflicts(done);
        foreach (var name in done.Removed)
            cmdlet.WriteStep($"Removed profile '{name}'.");
        foreach (var file in done.Files)
            cmdlet.WriteStep($"Changed {file}.");
    }

    private bool IsConfirmed(string profile, string? file, string what) => cmdlet.ShouldProcess($"profile '{profile}' in {file}", what);

    // The sessions of the profiles, each with the roles that the pipeline brought.
    private IEnumerable<ListGoneRolesParams> Sessions() =>
        profiles
            .GroupBy(one =>
                (
                    Session: one.Settings.GetValueOrDefault(Setting.SsoSession),
                    StartUrl: one.Settings.GetValueOrDefault(Setting.SsoStartUrl),
                    Region: one.Settings.GetValueOrDefault(Setting.SsoRegion)
                )
            )
            .Select(group => new ListGoneRolesParams
            {
                SsoSession = group.Key.Session,
                StartUrl = group.Key.StartUrl,
                SsoRegion = group.Key.Region,
                ProfileLocation = location,
                Roles =
                [
                    .. group.Select(one => new SsoRole
                    {
                        AccountId = one.Settings.GetValueOrDefault(Setting.SsoAccountId) ?? "",
                        RoleName = one.Settings.GetValueOrDefault(Setting.SsoRoleName) ?? "",
                    }),
                ],
            });

    // The pipeline may be filtered, so the core lists what the session still has. Without a complete list, nothing counts as gone.
    private GoneRole[] GoneFrom(ListGoneRolesParams session, bool prune)
    {
        var answered = cmdlet.Request(Methods.ListGoneRoles, session);
        if (answered.ErrorRecord is not { } error)
            return answered.Result!.Profiles;
        if (prune)
            cmdlet.ReportError(error);
        else
            cmdlet.WriteStep($"Profiles whose role is gone are unknown: {error.Exception.Message}");
        return [];
    }

    private void ReportConflicts(StoredRoles stored)
    {
        foreach (var conflict in stored.Conflicts)
        {
            cmdlet.ReportError(
                CoreFailure.Create(
                    "ProfileConflict",
                    $"Profile '{conflict.ProfileName}' is stored already, with another {conflict.Setting}. It is unchanged.",
                    "Pass another -StoreAs, or remove the profile with Remove-RoleProfile.",
                    conflict.ProfileName,
                    ErrorCategory.ResourceExists
                )
            );
        }
    }

    private void NameGone(IEnumerable<GoneRole> gone, bool prune)
    {
        foreach (var one in gone)
        {
            var next =
                prune ? "This cmdlet did not write the profile, or the profile has changed since: remove it with Remove-RoleProfile."
                : one.Generated ? "-Prune removes the profile."
                : "Remove the profile with Remove-RoleProfile.";
            cmdlet.WriteWarning(
                $"IAM Identity Center no longer gives you {one.RoleName} in account {one.AccountId}, "
                    + $"which profile '{one.ProfileName}' uses. {next}"
            );
        }
    }
}
