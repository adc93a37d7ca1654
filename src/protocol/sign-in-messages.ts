/** The messages about a sign-in in the browser, which IAM Identity Center and console credentials share. */

export interface LoginParams {
  /** Default: the profile of the environment. */
  profileName?: string;
  profileLocation?: string;
  /** The region of AWS Sign-In, and of the profile if it has none. Default: the profile's, the environment's, or `us-east-1`. */
  region?: string;
  /** Whether the browser is on another device. The page then shows a code, which `sign-in/wait` needs. */
  remote?: boolean;
  /** Whether to sign in although there is a valid sign-in, and to let the profile change its identity. */
  force?: boolean;
}

export interface LogoutParams {
  /** Default: the profile of the environment. */
  profileName?: string;
  profileLocation?: string;
  /** Whether to end all sign-ins with console credentials. Cannot be combined with {@link profileName}. */
  all?: boolean;
}

/** A sign-in that this machine holds. */
export interface SignedIn {
  /** When its token or its credentials expire, unless they are renewed. ISO 8601, UTC. */
  expiration: string;
  /** Whether it renews itself without the user. */
  renewable: boolean;
  /** For IAM Identity Center. */
  ssoSession?: string;
  startUrl?: string;
  ssoRegion?: string;
  /** For a sign-in with console credentials. */
  login?: LoginIdentity;
}

/** The identity that signed in with console credentials, and the profile that holds the sign-in. */
export interface LoginIdentity {
  profileName: string;
  /** The ARN of the identity: `login_session` in the profile. */
  loginSession: string;
  accountId?: string;
  region: string;
}

/**
 * The state of a sign-in in the browser. `browser`: the caller opens the link, then asks with `sign-in/wait` for the next step.
 * `elsewhere`: another session is signing in to the same place, and the caller waits for that sign-in. `done`: there is a sign-in.
 */
export type SignInStep =
  | { state: "done"; signedIn: SignedIn }
  | { state: "elsewhere"; signInId: string }
  | ({ state: "browser"; signInId: string } & SignInPage);

export interface SignInIdParams {
  signInId: string;
}

export interface WaitForSignInParams extends SignInIdParams {
  /** The code that the page shows at the end. Required if the page has {@link SignInPage.wantsCode}. */
  authorizationCode?: string;
}

export interface EndedLogins {
  /** Number of sign-ins. */
  removed: number;
}

/** The page on which the user signs in. */
export interface SignInPage {
  /** The address for the browser. It holds no secret. */
  link: string;
  /** For a device code: the short address and the code to type there. */
  address?: string;
  userCode?: string;
  /** Whether the page shows a code at the end, which `sign-in/wait` needs. */
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
  /** Whether the service refused the stored sign-in, so that a new one must replace it. */
  force?: boolean;
}
