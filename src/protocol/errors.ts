import type { SignInPlace } from "./sign-in-messages.ts";
import { escapeForTerminal } from "./terminal.ts";

/**
 * All errors of the core, with the PowerShell `ErrorCategory` of each. The key is the error's id: `ProfileNotFound` reaches the user as
 * `ProfileNotFound,RoleCredentials.UseRoleCommand`.
 */
export const errorCategories = {
  // The request
  AccountIdInvalid: "InvalidArgument",
  ArnInvalid: "InvalidArgument",
  ColorInvalid: "InvalidArgument",
  ContainerInvalid: "InvalidArgument",
  DestinationInvalid: "InvalidArgument",
  DisplayNameInvalid: "InvalidArgument",
  DurationInvalid: "InvalidArgument",
  EndpointInvalid: "InvalidArgument",
  EndpointUnavailable: "ResourceUnavailable",
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
  ServeNotPossible: "InvalidOperation",
  SourceIdentityInvalid: "InvalidArgument",
  StartUrlInvalid: "InvalidArgument",
  TagInvalid: "InvalidArgument",
  TokenCodeInvalid: "InvalidArgument",
  ValueRefused: "InvalidArgument",
  // Stored files
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
  // Sources of credentials
  ContainerCredentialsFailed: "ResourceUnavailable",
  ContainerUriRefused: "SecurityError",
  CredentialProcessFailed: "ResourceUnavailable",
  EnvironmentIncomplete: "ObjectNotFound",
  InstanceMetadataFailed: "ResourceUnavailable",
  KeychainFailed: "ResourceUnavailable",
  KeychainKeyNotFound: "ObjectNotFound",
  KeychainLocked: "SecurityError",
  KeychainUnavailable: "ResourceUnavailable",
  LoginFailed: "ResourceUnavailable",
  LoginRequired: "AuthenticationError",
  MfaProcessFailed: "ResourceUnavailable",
  NoCredentials: "ObjectNotFound",
  SignInCodeInvalid: "InvalidArgument",
  SignInDenied: "PermissionDenied",
  SignInIdentityDiffers: "InvalidResult",
  SignInPortUnavailable: "ResourceUnavailable",
  SignInTimeout: "OperationTimeout",
  SsoFailed: "ResourceUnavailable",
  SsoLoginRequired: "AuthenticationError",
  WebIdentityTokenUnavailable: "ResourceUnavailable",
  WebIdentityTokenUnreadable: "ReadError",
  // Access keys in IAM
  IamFailed: "InvalidResult",
  KeyLimitReached: "LimitsExceeded",
  KeyNotRotatable: "InvalidOperation",
  // STS and the connection to it
  AccessDenied: "PermissionDenied",
  ClockSkew: "AuthenticationError",
  CredentialsExpired: "AuthenticationError",
  CredentialsRejected: "AuthenticationError",
  MfaCodeRejected: "AuthenticationError",
  MfaRequired: "AuthenticationError",
  PolicyTooLarge: "LimitsExceeded",
  RegionDisabled: "ResourceUnavailable",
  RootNotAllowed: "PermissionDenied",
  SamlAssertionRejected: "AuthenticationError",
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

/** Details of an error in addition to its message. */
export interface ErrorDetails {
  /** The profile, role, file or parameter that the error is about. */
  readonly target?: string | undefined;
  /** What the user can do next, in one sentence. */
  readonly action?: string | undefined;
  /** The hop of the chain that failed, in readable form: `role arn:… (profile prod)`. */
  readonly hop?: string | undefined;
  /** For `MfaRequired`: the serial of the device whose code is needed. */
  readonly mfaSerial?: string | undefined;
  /** For `MfaRequired`: why the profile's mfa_process gave no code that works. */
  readonly mfaProblem?: string | undefined;
  /** For `SsoLoginRequired`: where to sign in. */
  readonly signIn?: SignInPlace;
  /** STS's error code, if STS responded: `AccessDenied`, `ExpiredToken`, … */
  readonly awsCode?: string | undefined;
  /** Seconds by which this machine's clock is ahead of (positive) or behind the server's, if known. */
  readonly clockSkewSeconds?: number | undefined;
  readonly cause?: unknown;
}

/** A domain error. {@link escapeForTerminal} escapes its message. Never include a secret. */
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

/** The error of a canceled request. It has no details, because it is not shown. */
export function canceled(): RoleError {
  return new RoleError("Cancelled", "The request was canceled.");
}
