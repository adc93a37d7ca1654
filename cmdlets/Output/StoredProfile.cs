using System.Collections;
using System.Collections.Specialized;
using System.Globalization;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>A stored profile as an object: its properties are the parameters of Set-RoleCredentials. It holds no secrets.</summary>
internal static class StoredProfile
{
    internal static PSObject From(ProfileSummary summary)
    {
        string? ValueOf(string setting) => View.Text(summary.Settings.GetValueOrDefault(setting));
        return View.Of(
            "RoleCredentials.Profile",
            ("ProfileName", summary.Name),
            ("Source", View.Text(summary.Source)),
            ("RoleArn", ValueOf(Setting.RoleArn)),
            ("Account", AccountOf(ValueOf)),
            ("Role", RoleOf(ValueOf)),
            ("SsoSession", ValueOf(Setting.SsoSession)),
            ("LoginSession", ValueOf(Setting.LoginSession)),
            ("SourceProfile", ValueOf(Setting.SourceProfile)),
            ("CredentialSource", ValueOf(Setting.CredentialSource)),
            ("MfaSerial", ValueOf(Setting.MfaSerial)),
            ("MfaSession", string.Equals(ValueOf(Setting.MfaSession), "true", StringComparison.OrdinalIgnoreCase)),
            ("MfaProcess", ValueOf(Setting.MfaProcess)),
            ("ExternalId", ValueOf(Setting.ExternalId)),
            ("RoleSessionName", ValueOf(Setting.RoleSessionName)),
            (
                "DurationInSeconds",
                int.TryParse(ValueOf(Setting.DurationSeconds), NumberStyles.Integer, CultureInfo.InvariantCulture, out var seconds)
                    ? seconds
                    : null
            ),
            ("SourceIdentity", ValueOf(Setting.SourceIdentity)),
            ("Tag", TagsOf(ValueOf(Setting.SessionTags))),
            (
                "TransitiveTagKey",
                ValueOf(Setting.TransitiveSessionTags) is { } keys ? new TagKeys(keys.Split(',').Select(key => key.Trim())) : null
            ),
            ("AccessKey", ValueOf(Setting.AccessKeyId)),
            ("KeyStore", summary.KeyStore),
            ("Region", ValueOf(Setting.Region)),
            ("Output", ValueOf(Setting.Output))
        );
    }

    // The ARN comes unchecked from a file and may be malformed.
    private static string? AccountOf(Func<string, string?> valueOf) =>
        View.Text((valueOf(Setting.RoleArn) ?? valueOf(Setting.LoginSession))?.Split(':').ElementAtOrDefault(4))
        ?? valueOf(Setting.SsoAccountId)
        ?? valueOf(Setting.AccountId);

    private static string? RoleOf(Func<string, string?> valueOf) =>
        valueOf(Setting.RoleArn) is { } arn
            ? arn.Contains(":role/", StringComparison.Ordinal)
                ? View.RoleNameOf(arn)
                : null
            : valueOf(Setting.SsoRoleName);

    private static OrderedDictionary? TagsOf(string? text)
    {
        var tags = new TagTable();
        foreach (var pair in (text ?? "").Split(','))
        {
            var parts = pair.Split('=', 2);
            if (parts.Length == 2)
                tags[parts[0].Trim()] = parts[1].Trim();
        }
        return tags.Count > 0 ? tags : null;
    }

    // As text, in a CSV file, they are what the profile holds, which Set-RoleCredentials takes.
    private sealed class TagTable : OrderedDictionary
    {
        public override string ToString() => string.Join(',', this.Cast<DictionaryEntry>().Select(tag => $"{tag.Key}={tag.Value}"));
    }

    private sealed class TagKeys(IEnumerable<string> keys) : List<string>(keys)
    {
        public override string ToString() => string.Join(',', this);
    }
}
