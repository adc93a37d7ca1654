/** The messages about a sign-in in the browser, which IAM Identity Center and console credentials share. */

export interface LoginParams {
  /** Default: the profile of the environment. */
  profileName?: string;
  profileLocation?: string;
  /** The region of AWS Sign-In, and of the profile if it has none. */
  region?: string;
  /** The browser is on another device. */
  remote?: boolean;
  force?: boolean;
}

export interface LogoutParams {
  profileName?: string;
  profileLocation?: string;
  all?: boolean;
}

/** A sign-in that this machine holds. */
export interface SignedIn {
  /** When it ends, unless it is renewed. ISO 8601, UTC. */
  expiration: string;
  /** Whether it is renewed without the user. */
  renewable: boolean;
  /** For IAM Identity Center. */
  ssoSession?: string;
  startUrl?: string;
  ssoRegion?: string;
  /** For a sign-in with console credentials. */
  login?: LoginIdentity;
}

/** Who signed in with console credentials, and the profile that holds the sign-in. */
export interface LoginIdentity {
  profileName: string;
  /** The ARN of the identity: `login_session` in the profile. */
  loginSession: string;
  accountId?: string;
  region: string;
}

/**
 * How far a sign-in in the browser is. The caller opens the link of `browser`, then asks with `sign-in/wait` for the next step.
 * `elsewhere`: another session is signing in to the same place; its sign-in counts.
 */
export type SignInStep =
  | { state: "done"; signedIn: SignedIn }
  | { state: "elsewhere"; signInId: string }
  | ({ state: "browser"; signInId: string } & SignInPage);

export interface SignInIdParams {
  signInId: string;
}

export interface WaitForSignInParams extends SignInIdParams {
  /** The code that the page shows at its end, if the step wants one. */
  code?: string;
}

export interface EndedLogins {
  removed: number;
}

/** The page on which the user signs in. */
export interface SignInPage {
  /** The address for the browser. It holds no secret. */
  link: string;
  /** For a device code: the short address and the code to type there. */
  address?: string;
  userCode?: string;
  /** The page shows a code at the end, which `sign-in/wait` needs. */
  wantsCode?: boolean;
  /** When the page stops being valid. ISO 8601, UTC. */
  expiration: string;
}

/** Where to sign in to IAM Identity Center, under the names of Connect-IdentityCenter. */
export interface SignInPlace {
  ssoSession?: string;
  profileName?: string;
  startUrl?: string;
  ssoRegion?: string;
  /** Set if the service refused the sign-in that there is. */
  force?: boolean;
}
