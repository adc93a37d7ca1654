namespace RoleCredentials;

/// <summary>Asks for the settings of a profile, as 'aws configure' and 'aws configure sso' do.</summary>
internal static class ProfilePrompts
{
    /// <summary>The last questions of both commands.</summary>
    internal static readonly (string Setting, string Question)[] Defaults =
    [
        (Setting.Region, "Default region name"),
        (Setting.Output, "Default output format"),
    ];

    /// <summary>
    /// Shows the stored values, with keys masked; Enter keeps a value. A profile without credentials may get an access key or a role of IAM
    /// Identity Center. Returns the name of the profile, and what the user entered.
    /// </summary>
    /// <param name="cmdlet">The cmdlet whose user is asked.</param>
    /// <param name="location">The value of -ProfileLocation.</param>
    /// <param name="given">The name of the profile, if the user gave one.</param>
    /// <param name="isForKeys">Whether the profile is to have an access key.</param>
    internal static (string Name, Dictionary<string, string?> Settings) Read(
        InputCmdlet cmdlet,
        string? location,
        string? given,
        bool isForKeys
    )
    {
        var name = given ?? "default";
        var profiles = cmdlet.Ask(Methods.ListProfiles, new ListProfilesParams { ProfileLocation = location }).Profiles;
        var stored = profiles.FirstOrDefault(one => one.Name == name)?.Settings ?? [];
        var hasSso = stored.ContainsKey(Setting.SsoSession);
        if (!isForKeys && (hasSso || (!HasCredentials(stored) && IsForIdentityCenter(cmdlet))))
            return IdentityCenterPrompts.Read(cmdlet, location, hasSso ? name : given, stored) ?? (name, []);
        return (name, ReadKeysOrRole(cmdlet, stored));
    }

    /// <summary>Asks, and returns the current value if the user presses Enter.</summary>
    internal static string? ReadOr(InputCmdlet cmdlet, string question, string? current)
    {
        var answer = HostPrompt.ReadRequired(cmdlet, $"{question} [{current ?? "None"}]", isSecret: false);
        return answer == "" ? current : answer;
    }

    private static bool HasCredentials(Dictionary<string, string> stored) =>
        new[]
        {
            Setting.AccessKeyId,
            Setting.RoleArn,
            Setting.CredentialProcess,
            Setting.LoginSession,
            Setting.SsoStartUrl,
            Setting.WebIdentityTokenFile,
        }.Any(stored.ContainsKey);

    private static bool IsForIdentityCenter(InputCmdlet cmdlet)
    {
        while (true)
        {
            var answer = ReadOr(cmdlet, "Credentials: 1 an access key, 2 IAM Identity Center", "1");
            if (answer is "1" or "2")
                return answer is "2";
        }
    }

    private static Dictionary<string, string?> ReadKeysOrRole(InputCmdlet cmdlet, Dictionary<string, string> stored)
    {
        var questions = new List<(string Setting, string Question)>();
        if (View.Text(stored.GetValueOrDefault(Setting.RoleArn)) is not null)
            questions.AddRange([
                (Setting.RoleArn, "Role ARN"),
                (Setting.SourceProfile, "Source profile"),
                (Setting.MfaSerial, "MFA serial"),
            ]);
        else
            questions.AddRange([(Setting.AccessKeyId, "AWS Access Key ID"), (Setting.SecretAccessKey, "AWS Secret Access Key")]);
        questions.AddRange(Defaults);

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
