/**
 * Every error that the core can answer, with the PowerShell `ErrorCategory` that the cmdlets give it.
 * The key is the error's id: `ProfileNotFound` reaches the user as `ProfileNotFound,RoleCredentials.UseRoleCommand`.
 */
export const errorCategories = {
  // What was asked
  AccountIdInvalid: "InvalidArgument",
  ArnInvalid: "InvalidArgument",
  ColorInvalid: "InvalidArgument",
  DestinationInvalid: "InvalidArgument",
  DisplayNameInvalid: "InvalidArgument",
  DurationInvalid: "InvalidArgument",
  EndpointInvalid: "InvalidArgument",
  ExternalIdInvalid: "InvalidArgument",
  MfaSerialInvalid: "InvalidArgument",
  ParameterConflict: "InvalidArgument",
  PartitionMismatch: "InvalidArgument",
  PolicyInvalid: "InvalidArgument",
  ProfileNameInvalid: "InvalidArgument",
  ProxyInvalid: "InvalidArgument",
  RefreshNotPossible: "InvalidOperation",
  RegionInvalid: "InvalidArgument",
  RequestInvalid: "InvalidArgument",
  RoleNameInvalid: "InvalidArgument",
  RoleSessionNameInvalid: "InvalidArgument",
  SourceIdentityInvalid: "InvalidArgument",
  TagInvalid: "InvalidArgument",
  TokenCodeInvalid: "InvalidArgument",
  ValueRefused: "InvalidArgument",
  // What is stored
  CaBundleInvalid: "InvalidData",
  CredentialSourceInvalid: "InvalidData",
  CredentialsInvalid: "InvalidData",
  FileBroken: "ParserError",
  FileBusy: "ResourceBusy",
  FileUnreadable: "ReadError",
  FileUnwritable: "WriteError",
  ProfileCycle: "InvalidData",
  ProfileIncomplete: "InvalidData",
  ProfileNotFound: "ObjectNotFound",
  SettingInvalid: "InvalidData",
  SourceConflict: "InvalidData",
  SourceMissing: "InvalidData",
  SourceProfileNotFound: "ObjectNotFound",
  SsoSessionNotFound: "ObjectNotFound",
  // Where credentials come from
  ContainerCredentialsFailed: "ResourceUnavailable",
  ContainerUriRefused: "SecurityError",
  CredentialProcessFailed: "ResourceUnavailable",
  EnvironmentIncomplete: "ObjectNotFound",
  InstanceMetadataFailed: "ResourceUnavailable",
  LoginFailed: "ResourceUnavailable",
  LoginRequired: "AuthenticationError",
  NoCredentials: "ObjectNotFound",
  SsoFailed: "ResourceUnavailable",
  SsoLoginRequired: "AuthenticationError",
  WebIdentityTokenUnreadable: "ReadError",
  // What STS, or the way to it, answered
  AccessDenied: "PermissionDenied",
  ClockSkew: "AuthenticationError",
  CredentialsExpired: "AuthenticationError",
  CredentialsRejected: "AuthenticationError",
  MfaCodeRejected: "AuthenticationError",
  MfaRequired: "AuthenticationError",
  PolicyTooLarge: "LimitsExceeded",
  RegionDisabled: "ResourceUnavailable",
  RootNotAllowed: "PermissionDenied",
  StsFailed: "InvalidResult",
  StsRejected: "InvalidOperation",
  StsResponseInvalid: "InvalidResult",
  StsThrottled: "LimitsExceeded",
  StsTimeout: "OperationTimeout",
  StsUnreachable: "ConnectionError",
  TlsFailed: "SecurityError",
  WebIdentityRejected: "AuthenticationError",
  // The console
  ConsoleUnavailable: "ResourceUnavailable",
  SigninFailed: "ResourceUnavailable",
  SigninNeedsRole: "InvalidOperation",
  SigninRejected: "AuthenticationError",
  // The core itself
  Cancelled: "OperationStopped",
  InternalError: "NotSpecified",
} as const;

export type ErrorCode = keyof typeof errorCategories;

/** What an error says besides its message. */
export interface ErrorDetails {
  /** The profile, role, file or parameter that the error is about. */
  readonly target?: string;
  /** What the user can do next, one sentence. */
  readonly action?: string;
  /** The hop of the chain that failed, as people read it: `role arn:… (profile prod)`. */
  readonly hop?: string;
  /** With `MfaRequired`: the device whose code is wanted. */
  readonly mfaSerial?: string;
  /** STS's own code, where STS answered: `AccessDenied`, `ExpiredToken`, … */
  readonly awsCode?: string;
  /** Seconds by which this machine's clock is ahead of (positive) or behind the server's, where known. */
  readonly clockSkewSeconds?: number;
  readonly cause?: unknown;
}

/** An error of this domain. Its texts are escapeForTerminal: see {@link escapeForTerminal}. Never put a secret into one. */
export class RoleError extends Error {
  override readonly name = "RoleError";
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(escapeForTerminal(message), details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.details = details;
  }
}

/** The error for whoever cancelled: nobody reads it, so it says no more. */
export function cancelled(target?: string): RoleError {
  return new RoleError("Cancelled", "The request was cancelled.", target === undefined ? {} : { target });
}

// Controls (Cc), what formats or reorders text (Cf), separators of lines, and whatever else Unicode says is not to be seen.
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** The text with every control, bidirectional and invisible character shown as `\uXXXX`, safe on any terminal. */
export function escapeForTerminal(text: string): string {
  return text.replace(unsafe, (character) =>
    character
      .split("")
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join(""),
  );
}
