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
    internal static Method<Nothing, Nothing> Ping => new("core/ping");
    internal static Method<ListProfilesParams, ProfileList> ListProfiles => new("profile/list");
    internal static Method<ProfileParams, ProfileSummary> GetProfile => new("profile/get");
    internal static Method<StoreProfileParams, FileChanges> StoreProfile => new("profile/store");
    internal static Method<CopyProfileParams, FileChanges> CopyProfile => new("profile/copy");
    internal static Method<RemoveProfileParams, FileChanges> RemoveProfile => new("profile/remove");
    internal static Method<RotateKeyParams, RotatedKey> RotateKey => new("key/rotate");
    internal static Method<UseRoleParams, UseRoleResult> UseRole => new("role/use");
    internal static Method<AbandonParams, Nothing> Abandon => new("role/abandon");
    internal static Method<TestRoleParams, HopReport> TestRole => new("role/test");
    internal static Method<UseRoleParams, RefreshArguments> RefreshRole => new("role/refresh");
    internal static Method<UseRoleParams, CallerIdentity> GetIdentity => new("identity/get");
    internal static Method<Nothing, DescribedIdentity> DescribeIdentity => new("identity/describe");
    internal static Method<OpenEndpointParams, OpenedEndpoint> OpenEndpoint => new("endpoint/open");
    internal static Method<CloseEndpointParams, Nothing> CloseEndpoint => new("endpoint/close");
    internal static Method<Nothing, RoleHistory> ListHistory => new("history/list");
    internal static Method<ClearHistoryParams, RoleHistory> ClearHistory => new("history/clear");
    internal static Method<SwitchRoleParams, ConsoleLink> SwitchRole => new("console/switch-role");
    internal static Method<SignInParams, ConsoleLink> SignIn => new("console/sign-in");
    internal static Method<StartSignInParams, SignInStep> StartSignIn => new("identity-center/sign-in");
    internal static Method<SignOutParams, SignOutResult> SignOut => new("identity-center/sign-out");
    internal static Method<SsoSessionChoice, AccountList> ListAccounts => new("identity-center/accounts");
    internal static Method<StoreSessionParams, FileChanges> StoreSession => new("identity-center/store-session");
    internal static Method<StoreRolesParams, StoredRoles> StoreRoles => new("identity-center/store-roles");
    internal static Method<ListGoneRolesParams, GoneRoleList> ListGoneRoles => new("identity-center/gone-roles");
    internal static Method<ListRoleNamesParams, RoleNameList> ListRoleNames => new("identity-center/role-names");
    internal static Method<WaitForSignInParams, SignInStep> WaitForSignIn => new("sign-in/wait");
    internal static Method<SignInIdParams, Nothing> AbandonSignIn => new("sign-in/abandon");
    internal static Method<LoginParams, SignInStep> BeginLogin => new("login/begin");
    internal static Method<LogoutParams, EndedLogins> EndLogin => new("login/end");
    internal static Method<CompletionParams, CompletionList> Complete => new("completion/list");
    internal static Method<ClearCacheParams, ClearedCache> ClearCache => new("cache/clear");
}
