namespace RoleCredentials;

/// <summary>The settings of a profile that the cmdlets name, as in src/protocol/setting.ts.</summary>
internal static class Setting
{
    internal const string AccessKeyId = "accessKeyId";
    internal const string SecretAccessKey = "secretAccessKey";
    internal const string SessionToken = "sessionToken";
    internal const string AccountId = "accountId";
    internal const string RoleArn = "roleArn";
    internal const string SourceProfile = "sourceProfile";
    internal const string CredentialSource = "credentialSource";
    internal const string MfaSerial = "mfaSerial";
    internal const string ExternalId = "externalId";
    internal const string RoleSessionName = "roleSessionName";
    internal const string DurationSeconds = "durationSeconds";
    internal const string WebIdentityTokenFile = "webIdentityTokenFile";
    internal const string SourceIdentity = "sourceIdentity";
    internal const string SessionTags = "sessionTags";
    internal const string TransitiveSessionTags = "transitiveSessionTags";
    internal const string MfaSession = "mfaSession";
    internal const string MfaProcess = "mfaProcess";
    internal const string CredentialProcess = "credentialProcess";
    internal const string LoginSession = "loginSession";
    internal const string SsoSession = "ssoSession";
    internal const string SsoAccountId = "ssoAccountId";
    internal const string SsoRoleName = "ssoRoleName";
    internal const string SsoRegion = "ssoRegion";
    internal const string SsoStartUrl = "ssoStartUrl";
    internal const string Region = "region";
    internal const string Output = "output";
}
