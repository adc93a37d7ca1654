using System.Collections;
using System.Collections.Specialized;
using System.Globalization;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>A stored profile as an object: its properties are the parameters of Set-RoleCredentials. It holds no secrets.</summary>
internal static class StoredProfile
{
    internal static PSObject From(Hashtable summary)
    {
        var settings = (Hashtable)summary["settings"]!;
        string? Setting(string name) => View.Text(settings[name]);
        return View.Of(
            "RoleCredentials.Profile",
            ("ProfileName", summary["name"]),
            ("Source", summary["keyStore"] is "keychain" ? "keychain" : SourceOf(Setting)),
            ("RoleArn", Setting("roleArn")),
            ("Account", AccountOf(Setting)),
            ("Role", RoleOf(Setting)),
            ("SsoSession", Setting("ssoSession")),
            ("LoginSession", Setting("loginSession")),
            ("SourceProfile", Setting("sourceProfile")),
            ("CredentialSource", Setting("credentialSource")),
            ("MfaSerial", Setting("mfaSerial")),
            ("MfaSession", string.Equals(Setting("mfaSession"), "true", StringComparison.OrdinalIgnoreCase)),
            ("ExternalId", Setting("externalId")),
            ("RoleSessionName", Setting("roleSessionName")),
            (
                "DurationInSeconds",
                int.TryParse(Setting("durationSeconds"), NumberStyles.Integer, CultureInfo.InvariantCulture, out var seconds)
                    ? seconds
                    : null
            ),
            ("SourceIdentity", Setting("sourceIdentity")),
            ("Tag", TagsOf(Setting("sessionTags"))),
            (
                "TransitiveTagKey",
                Setting("transitiveSessionTags") is { } keys ? new TagKeys(keys.Split(',').Select(key => key.Trim())) : null
            ),
            ("AccessKey", Setting("accessKeyId")),
            ("KeyStore", summary["keyStore"]),
            ("Region", Setting("region")),
            ("Output", Setting("output"))
        );
    }

    private static string? SourceOf(Func<string, string?> setting)
    {
        if (setting("sourceProfile") is { } profile)
            return $"profile {profile}";
        if (setting("credentialSource") is { } source)
            return source;
        if (setting("webIdentityTokenFile") is not null)
            return "web identity";
        if ((setting("ssoAccountId") ?? setting("ssoRoleName")) is not null)
        {
            return (setting("ssoSession") ?? setting("ssoStartUrl")) is { } session
                ? $"IAM Identity Center {session}"
                : "IAM Identity Center";
        }
        if (setting("loginSession") is not null)
            return "aws login";
        if ((setting("accessKeyId") ?? setting("secretAccessKey")) is not null)
            return "keys";
        return setting("credentialProcess") is not null ? "credential process" : null;
    }

    // The ARN comes unchecked from a file and may be malformed.
    private static string? AccountOf(Func<string, string?> setting) =>
        View.Text((setting("roleArn") ?? setting("loginSession"))?.Split(':').ElementAtOrDefault(4))
        ?? setting("ssoAccountId")
        ?? setting("accountId");

    private static string? RoleOf(Func<string, string?> setting) =>
        setting("roleArn") is { } arn
            ? arn.Contains(":role/", StringComparison.Ordinal)
                ? View.RoleNameOf(arn)
                : null
            : setting("ssoRoleName");

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
