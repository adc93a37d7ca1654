/**
 * The requests from the module to the core. A method is a key of {@link Methods} with its parameters and its result, which the files
 * `*-messages.ts` declare by noun.
 * `src/server/handlers.ts` does not compile if a method has no handler. `cmdlets/Protocol` declares the same messages in C#, under the
 * same names; `test/protocol/records.test.ts` compares the two.
 */
import type { ClearCacheParams, ClearedCache } from "./cache-messages.ts";
import type { CompletionList, CompletionParams } from "./completion-messages.ts";
import type { ConsoleLink, SignInParams, SwitchRoleParams } from "./console-messages.ts";
import type { HopReport, TestRoleParams } from "./diagnosis-messages.ts";
import type { CloseEndpointParams, OpenEndpointParams, OpenedEndpoint } from "./endpoint-messages.ts";
import type { ClearHistoryParams, RoleHistory } from "./history-messages.ts";
import type {
  AccountList,
  GoneRoleList,
  ListGoneRolesParams,
  ListRoleNamesParams,
  RoleNameList,
  SignOutParams,
  SignOutResult,
  SsoSessionChoice,
  StartSignInParams,
  StoredRoles,
  StoreRolesParams,
  StoreSessionParams,
} from "./identity-center-messages.ts";
import type { RotatedKey, RotateKeyParams } from "./key-messages.ts";
import type {
  CopyProfileParams,
  FileChanges,
  ListProfilesParams,
  ProfileList,
  ProfileParams,
  ProfileSummary,
  RemoveProfileParams,
  StoreProfileParams,
} from "./profile-messages.ts";
import type {
  AbandonParams,
  CallerIdentity,
  DescribedIdentity,
  RefreshArguments,
  UseRoleParams,
  UseRoleResult,
} from "./role-messages.ts";
import type {
  EndedLogins,
  LoginParams,
  LogoutParams,
  SignInIdParams,
  SignInStep,
  WaitForSignInParams,
} from "./sign-in-messages.ts";

/** No parameters, or no result. */
export type Nothing = Record<string, never>;

export interface Methods {
  /** Checks that the core responds. */
  "core/ping": { params: Nothing; result: Nothing };
  "profile/list": { params: ListProfilesParams; result: ProfileList };
  "profile/get": { params: ProfileParams; result: ProfileSummary };
  "profile/store": { params: StoreProfileParams; result: FileChanges };
  "profile/copy": { params: CopyProfileParams; result: FileChanges };
  "profile/remove": { params: RemoveProfileParams; result: FileChanges };
  /** Errors: `KeyNotRotatable`, `KeyLimitReached`, `AccessDenied`, and those of IAM, of the files and of the keychain. */
  "key/rotate": { params: RotateKeyParams; result: RotatedKey };
  "role/use": { params: UseRoleParams; result: UseRoleResult };
  /** Reports that the user did not enter the code that `MfaRequired` asked for, so that the core can ask another caller. */
  "role/abandon": { params: AbandonParams; result: Nothing };
  "role/test": { params: TestRoleParams; result: HopReport };
  "role/refresh": { params: UseRoleParams; result: RefreshArguments };
  "identity/get": { params: UseRoleParams; result: CallerIdentity };
  /** The identity outside of any entered role. Makes no call. */
  "identity/describe": { params: Nothing; result: DescribedIdentity };
  /**
   * Serves a role's credentials on loopback, in the format of containers, and renews them. Errors: `ServeNotPossible`,
   * `EndpointUnavailable`.
   */
  "endpoint/open": { params: OpenEndpointParams; result: OpenedEndpoint };
  /** Does nothing if the endpoint is closed already. */
  "endpoint/close": { params: CloseEndpointParams; result: Nothing };
  "history/list": { params: Nothing; result: RoleHistory };
  "history/clear": { params: ClearHistoryParams; result: RoleHistory };
  "console/switch-role": { params: SwitchRoleParams; result: ConsoleLink };
  "console/sign-in": { params: SignInParams; result: ConsoleLink };
  /** Begins a sign-in. Errors: `SsoSessionNotFound`, `SignInPortUnavailable`, `SsoFailed`. */
  "identity-center/sign-in": { params: StartSignInParams; result: SignInStep };
  /** Ends the sign-in, and forgets the credentials that came from it. Errors: `SsoSessionNotFound`, `FileUnwritable`. */
  "identity-center/sign-out": { params: SignOutParams; result: SignOutResult };
  /** Lists all accounts of the user. Errors: `SsoLoginRequired`, `SsoFailed`. */
  "identity-center/accounts": { params: SsoSessionChoice; result: AccountList };
  /** Stores an `[sso-session]`. */
  "identity-center/store-session": { params: StoreSessionParams; result: FileChanges };
  /** Stores a profile for each role in one change, and removes generated ones. Errors: `ProfileNameInvalid`, `ValueRefused`. */
  "identity-center/store-roles": { params: StoreRolesParams; result: StoredRoles };
  /** Finds the session's stored profiles whose account or role is gone. Errors: those of `identity-center/role-names`. */
  "identity-center/gone-roles": { params: ListGoneRolesParams; result: GoneRoleList };
  /** Lists the user's roles in one account. Errors: those of `identity-center/accounts`, and `AccessDenied`. */
  "identity-center/role-names": { params: ListRoleNamesParams; result: RoleNameList };
  /** Waits for the next step. Canceling the request ends the sign-in. Errors: `SignInTimeout`, `SignInDenied`, and those of storing it. */
  "sign-in/wait": { params: WaitForSignInParams; result: SignInStep };
  /** Reports that the caller no longer waits for the sign-in. */
  "sign-in/abandon": { params: SignInIdParams; result: Nothing };
  /** Begins a sign-in with console credentials. If the profile does not exist, the sign-in creates it. Errors: `SourceConflict`. */
  "login/begin": { params: LoginParams; result: SignInStep };
  /** Forgets the sign-in of a profile, or all sign-ins, and the roles that were assumed with them. */
  "login/end": { params: LogoutParams; result: EndedLogins };
  "completion/list": { params: CompletionParams; result: CompletionList };
  "cache/clear": { params: ClearCacheParams; result: ClearedCache };
}

export type Method = keyof Methods;
export type Params<M extends Method> = Methods[M]["params"];
