/** What a world declares. Statements are IAM's own, so that a trust policy reads as it does in AWS. */
export interface World {
  readonly accounts: readonly Account[];
  /** Sessions that exist from the start, e.g. one that expired long ago. */
  readonly sessions?: readonly DeclaredSession[];
  /** What the instance metadata and container services hand out. */
  readonly compute?: Compute;
  /** The one IAM Identity Center instance. */
  readonly identityCenter?: IdentityCenter;
}

export interface Account {
  /** Twelve digits. */
  readonly id: string;
  /** `aws` when absent. */
  readonly partition?: string;
  readonly rootKeys?: readonly AccessKey[];
  readonly users?: readonly User[];
  readonly roles?: readonly Role[];
  readonly oidcProviders?: readonly OidcProvider[];
  readonly samlProviders?: readonly SamlProvider[];
  /** Regions in which this account's STS is switched off. */
  readonly disabledRegions?: readonly string[];
}

export interface AccessKey {
  readonly id: string;
  readonly secret: string;
  /** `Active` when absent. */
  readonly status?: "Active" | "Inactive";
}

export interface User {
  readonly name: string;
  /** `/` when absent. */
  readonly path?: string;
  readonly keys?: readonly AccessKey[];
  readonly mfaDevices?: readonly MfaDevice[];
  /** What the user may do: which roles, with which of sts:AssumeRole, sts:TagSession, sts:SetSourceIdentity. */
  readonly policy?: readonly Statement[];
  readonly tags?: Readonly<Record<string, string>>;
}

export interface MfaDevice {
  /** The ARN of a virtual device, or the serial number of a thing. */
  readonly serial: string;
  /** The TOTP seed, in Base32. */
  readonly seed: string;
}

export interface Role {
  readonly name: string;
  /** `/` when absent. */
  readonly path?: string;
  /** Seconds, 3600 when absent. */
  readonly maxSessionDuration?: number;
  readonly trust: readonly Statement[];
  readonly policy?: readonly Statement[];
  readonly tags?: Readonly<Record<string, string>>;
}

export interface OidcProvider {
  /** `https://…`; the ARN of the provider is made of it. */
  readonly issuer: string;
  /** The audiences (client ids) that the provider accepts. */
  readonly clientIds: readonly string[];
}

export interface SamlProvider {
  readonly name: string;
  /** The entity id of the identity provider. */
  readonly issuer: string;
}

export interface DeclaredSession {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** ISO 8601. */
  readonly expiration: string;
  /** The user whose session this is. */
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
  /** Role names that are offered in each account, by account id. */
  readonly assignments: Readonly<Record<string, readonly string[]>>;
}

export type OneOrMore = string | readonly string[];

export interface Statement {
  readonly Effect: "Allow" | "Deny";
  readonly Principal?: "*" | Readonly<Record<string, OneOrMore>>;
  readonly Action: OneOrMore;
  readonly Resource?: OneOrMore;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, OneOrMore | boolean | number>>>>;
}
