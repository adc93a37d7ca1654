namespace RoleCredentials;

/// <summary>A method of the core, with the types of its parameters and its result.</summary>
internal sealed class Method<TParams, TResult>(string name)
    where TParams : RequestParams
    where TResult : Message
{
    internal string Name { get; } = name;
}

/// <summary>The methods of the core, as in src/protocol/methods.ts.</summary>
internal static class Methods
{
    internal static readonly Method<Nothing, Nothing> Ping = new("core/ping");
    internal static readonly Method<ListProfilesParams, ProfileList> ListProfiles = new("profile/list");
    internal static readonly Method<ProfileParams, ProfileSummary> GetProfile = new("profile/get");
    internal static readonly Method<StoreProfileParams, FileChanges> StoreProfile = new("profile/store");
    internal static readonly Method<CopyProfileParams, FileChanges> CopyProfile = new("profile/copy");
    internal static readonly Method<RemoveProfileParams, FileChanges> RemoveProfile = new("profile/remove");
    internal static readonly Method<RotateKeyParams, RotatedKey> RotateKey = new("key/rotate");
    internal static readonly Method<UseRoleParams, UseRoleResult> UseRole = new("role/use");
    internal static readonly Method<AbandonParams, Nothing> Abandon = new("role/abandon");
    internal static readonly Method<TestRoleParams, HopReport> TestRole = new("role/test");
    internal static readonly Method<UseRoleParams, RefreshArguments> RefreshRole = new("role/refresh");
    internal static readonly Method<UseRoleParams, CallerIdentity> GetIdentity = new("identity/get");
    internal static readonly Method<Nothing, DescribedIdentity> DescribeIdentity = new("identity/describe");
    internal static readonly Method<OpenEndpointParams, OpenedEndpoint> OpenEndpoint = new("endpoint/open");
    internal static readonly Method<CloseEndpointParams, Nothing> CloseEndpoint = new("endpoint/close");
    internal static readonly Method<Nothing, RoleHistory> ListHistory = new("history/list");
    internal static readonly Method<ClearHistoryParams, RoleHistory> ClearHistory = new("history/clear");
    internal static readonly Method<SwitchRoleParams, SwitchRoleLink> SwitchRole = new("console/switch-role");
    internal static readonly Method<SignInParams, SignInLink> SignIn = new("console/sign-in");
    internal static readonly Method<StartSignInParams, SignInStep> StartSignIn = new("identity-center/sign-in");
    internal static readonly Method<SignOutParams, SignOutResult> SignOut = new("identity-center/sign-out");
    internal static readonly Method<SsoSessionChoice, AccountList> ListAccounts = new("identity-center/accounts");
    internal static readonly Method<StoreSessionParams, FileChanges> StoreSession = new("identity-center/store-session");
    internal static readonly Method<StoreRolesParams, StoredRoles> StoreRoles = new("identity-center/store-roles");
    internal static readonly Method<ListGoneRolesParams, GoneRoleList> ListGoneRoles = new("identity-center/gone-roles");
    internal static readonly Method<ListRoleNamesParams, RoleNameList> ListRoleNames = new("identity-center/role-names");
    internal static readonly Method<WaitForSignInParams, SignInStep> WaitForSignIn = new("sign-in/wait");
    internal static readonly Method<SignInIdParams, Nothing> AbandonSignIn = new("sign-in/abandon");
    internal static readonly Method<LoginParams, SignInStep> BeginLogin = new("login/begin");
    internal static readonly Method<LogoutParams, EndedLogins> EndLogin = new("login/end");
    internal static readonly Method<CompletionParams, CompletionList> Complete = new("completion/list");
    internal static readonly Method<ClearCacheParams, ClearedCache> ClearCache = new("cache/clear");
}
