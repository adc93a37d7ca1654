/** The messages about links to the AWS console. */
import type { UseRoleParams } from "./role-messages.ts";

/** Parameters for a link to the console's Switch Role page. A role ARN, a profile, or a name and an account name the role. */
export interface SwitchRoleParams {
  /** A session of IAM Identity Center, whose role {@link roleName} is. */
  ssoSession?: string;
  /** With {@link ssoRegion}, instead of {@link ssoSession}. */
  startUrl?: string;
  ssoRegion?: string;
  roleArn?: string;
  profileName?: string;
  profileLocation?: string;
  roleName?: string;
  /** Twelve digits or the account's alias. */
  account?: string;
  /** Determines the partition for an account alias or id. */
  region?: string;
  displayName?: string;
  color?: string;
  container?: BrowserContainer;
}

/** A container of Firefox that opens the link. */
export interface BrowserContainer {
  /** 1 to 100 characters, none of them a control character. */
  name: string;
  /** For a new container: one of `containerColors`. */
  color?: string;
  /** For a new container: one of `containerIcons`. */
  icon?: string;
}

export interface SignInParams extends UseRoleParams {
  /** A page of the console: a service, or the page's URL or path. */
  destination?: string;
  container?: BrowserContainer;
  /** The duration of the console session in seconds, 900 to 43200; at most an hour for a chained role. */
  sessionDurationInSeconds?: number;
  /** For given credentials: whether they belong to a chained role, and the partition of the role. */
  chained?: boolean;
  partition?: string;
}

/** A link of `console/sign-in` signs in whoever has it. */
export interface ConsoleLink {
  link: string;
}
