namespace RoleCredentials;

/// <summary>Asks for the settings of a profile, as 'aws configure' does.</summary>
internal static class ProfilePrompts
{
    /// <summary>Shows the stored values, with keys masked; Enter keeps a value. Returns what the user entered.</summary>
    internal static Dictionary<string, string?> Read(RoleCmdlet cmdlet, string? location, string profile)
    {
        var profiles = cmdlet.Ask(Methods.ListProfiles, new ListProfilesParams { ProfileLocation = location }).Profiles;
        var stored = profiles.FirstOrDefault(one => one.Name == profile)?.Settings ?? [];
        var questions = new List<(string Setting, string Question)>();
        if (View.Text(stored.GetValueOrDefault(Setting.RoleArn)) is not null)
            questions.AddRange([
                (Setting.RoleArn, "Role ARN"),
                (Setting.SourceProfile, "Source profile"),
                (Setting.MfaSerial, "MFA serial"),
            ]);
        else
            questions.AddRange([(Setting.AccessKeyId, "AWS Access Key ID"), (Setting.SecretAccessKey, "AWS Secret Access Key")]);
        questions.AddRange([(Setting.Region, "Default region name"), (Setting.Output, "Default output format")]);

        var answers = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (setting, question) in questions)
        {
            var answer = HostPrompt.ReadRequired(
                cmdlet,
                $"{question} [{View.Text(stored.GetValueOrDefault(setting)) ?? "None"}]",
                isSecret: setting == Setting.SecretAccessKey
            );
            if (answer != "")
                answers[setting] = answer;
        }
        // Remove an old session token, because it would make the new keys invalid.
        if (answers.ContainsKey(Setting.AccessKeyId))
            answers[Setting.SessionToken] = null;
        return answers;
    }
}
