using System.Collections;
using System.Globalization;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>Settings of a profile in the form that the core stores. Null removes a setting.</summary>
internal static class ProfileSettings
{
    private static readonly string[] Texts =
    [
        "RoleArn",
        "SourceProfile",
        "CredentialSource",
        "MfaSerial",
        "MfaProcess",
        "ExternalId",
        "RoleSessionName",
        "SourceIdentity",
        "Region",
        "Output",
    ];

    /// <summary>Converts the given parameters of Set-RoleCredentials. An empty string removes a setting.</summary>
    internal static Dictionary<string, string?> From(RoleCmdlet cmdlet, IDictionary given)
    {
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var name in Texts)
            if (given.Contains(name))
                settings[RoleRequest.WireName(name)] = View.Text(GivenValue.TextOf(given[name]));
        foreach (var (parameter, setting) in IdentityCenterProfile.Settings)
            if (given.Contains(parameter))
                settings[setting] = View.Text(GivenValue.TextOf(given[parameter]));
        // 0 removes the setting, so that AWS's default applies.
        if (given["DurationInSeconds"] is int seconds)
            settings[Setting.DurationSeconds] = seconds == 0 ? null : seconds.ToString(CultureInfo.InvariantCulture);
        if (given.Contains("MfaSession"))
            settings[Setting.MfaSession] = LanguagePrimitives.IsTrue(given["MfaSession"]) ? "true" : null;
        if (given["Tag"] is { } tags)
            settings[Setting.SessionTags] = View.Text(
                string.Join(',', RoleRequest.Tags(cmdlet, (object?[])tags).Select(tag => StoredTag(cmdlet, tag)))
            );
        if (given["TransitiveTagKey"] is { } tagKeys)
            settings[Setting.TransitiveSessionTags] = View.Text(string.Join(',', (string?[])tagKeys));
        if (given["Credential"] is { } credential)
        {
            var keys = SourceCredentials.From(cmdlet, credential);
            settings[Setting.AccessKeyId] = keys.AccessKeyId;
            settings[Setting.SecretAccessKey] = keys.SecretAccessKey;
            settings[Setting.SessionToken] = keys.SessionToken;
        }
        if (given.Contains("AccessKey"))
        {
            settings[Setting.AccessKeyId] = GivenValue.TextOf(given["AccessKey"]);
            settings[Setting.SecretAccessKey] = given.Contains("SecretKey")
                ? GivenValue.SecretOf(given["SecretKey"])
                : HostPrompt.ReadRequired(cmdlet, "AWS Secret Access Key", isSecret: true);
            settings[Setting.SessionToken] = given.Contains("SessionToken") ? GivenValue.SecretOf(given["SessionToken"]) : null;
        }
        return settings;
    }

    /// <summary>Describes the change for -WhatIf and -Confirm: names settings, never values.</summary>
    internal static string InWords(IReadOnlyDictionary<string, string?> settings, string? keptIn = null)
    {
        // New keys always remove an old token, so don't list it.
        var isNewKey =
            settings.GetValueOrDefault(Setting.AccessKeyId) is not null && settings.GetValueOrDefault(Setting.SessionToken) is null;
        var names = settings
            .Keys.Where(name => !(isNewKey && name == Setting.SessionToken))
            .Order(StringComparer.OrdinalIgnoreCase)
            .ToArray();
        var parts = new[]
        {
            ("Store", names.Where(name => settings[name] is not null)),
            ("Remove", names.Where(name => settings[name] is null)),
        };
        var words = parts.Where(part => part.Item2.Any()).Select(part => $"{part.Item1} {string.Join(", ", part.Item2)}");
        if (keptIn is not null)
            words = words.Append(settings.ContainsKey(Setting.AccessKeyId) ? $"keep the keys in {keptIn}" : $"Move the keys to {keptIn}");
        return string.Join("; ", words);
    }

    // A profile holds tags as key=value,key=value, without escapes, so it cannot hold these characters.
    private static string StoredTag(RoleCmdlet cmdlet, SessionTag tag)
    {
        var (key, value) = (tag.Key, tag.Value);
        if (key.AsSpan().IndexOfAny('=', ',') < 0 && !value.Contains(','))
            return $"{key}={value}";
        throw cmdlet.ThrowTerminating(
            "TagInvalid",
            $"Tag '{key}' cannot be stored in a profile.",
            "Remove commas from the tag and equals signs from its key, or pass the tag to Use-Role -Tag.",
            key
        );
    }
}
