/** The declaration of a world. Statements are IAM's own, so a trust policy reads as it does in AWS. */
export interface World {
  readonly accounts: readonly Account[];
  /** Sessions that exist from the start, such as one that expired long ago. */
  readonly sessions?: readonly DeclaredSession[];
  /** The roles that instance metadata and the container service return credentials for. */
  readonly compute?: Compute;
  /** The only IAM Identity Center instance. */
  readonly identityCenter?: IdentityCenter;
}

export interface Account {
  /** Twelve digits. */
  readonly id: string;
  /** `aws` by default. */
  readonly partition?: string;
  readonly rootKeys?: readonly AccessKey[];
  readonly users?: readonly User[];
  readonly roles?: readonly Role[];
  readonly oidcProviders?: readonly OidcProvider[];
  readonly samlProviders?: readonly SamlProvider[];
  /** Regions in which STS is deactivated for this account. */
  readonly disabledRegions?: readonly string[];
}

export interface AccessKey {
  readonly id: string;
  readonly secret: string;
  /** `Active` by default. */
  readonly status?: "Active" | "Inactive";
  /** ISO 8601. The sandbox's start by default. */
  readonly created?: string;
}

export interface User {
  readonly name: string;
  /** `/` when absent. */
  readonly path?: string;
  readonly keys?: readonly AccessKey[];
  readonly mfaDevices?: readonly MfaDevice[];
  /** The user's policy: which roles it covers, and which of sts:AssumeRole, sts:TagSession, sts:SetSourceIdentity. */
  readonly policy?: readonly Statement[];
  readonly tags?: Readonly<Record<string, string>>;
}

export interface MfaDevice {
  /** The ARN of a virtual device, or the serial number of a hardware device. */
  readonly serial: string;
  /** The TOTP seed, in Base32. */
  readonly seed: string;
}

export interface Role {
  readonly name: string;
  /** `/` when absent. */
  readonly path?: string;
  /** In seconds, 3600 by default. */
  readonly maxSessionDuration?: number;
  readonly trust: readonly Statement[];
  readonly policy?: readonly Statement[];
  readonly tags?: Readonly<Record<string, string>>;
}

export interface OidcProvider {
  /** An `https://` URL. The provider's ARN is derived from it. */
  readonly issuer: string;
  /** The audiences (client ids) that the provider accepts. */
  readonly clientIds: readonly string[];
}

export interface SamlProvider {
  readonly name: string;
  /** The identity provider's entity id. */
  readonly issuer: string;
}

export interface DeclaredSession {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** ISO 8601. */
  readonly expiration: string;
  /** The owner of the session. */
  readonly userArn: string;
}

export interface Compute {
  readonly instanceRoleArn: string;
  readonly instanceId: string;
  readonly region: string;
  readonly containerRoleArn: string;
  readonly containerToken: string;
}

export interface IdentityCenter {
  readonly region: string;
  readonly startUrl: string;
  /** The role names available in each account, by account id. */
  readonly assignments: Readonly<Record<string, readonly string[]>>;
  /** `Account` and the id by default. */
  readonly accountNames?: Readonly<Record<string, string>>;
  /** Accounts that are listed but give no roles. */
  readonly suspended?: readonly string[];
}

export type OneOrMore = string | readonly string[];

export interface Statement {
  readonly Effect: "Allow" | "Deny";
  readonly Principal?: "*" | Readonly<Record<string, OneOrMore>>;
  readonly Action: OneOrMore;
  readonly Resource?: OneOrMore;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, OneOrMore | boolean | number>>>>;
}
