import { writeJsonFile } from "../platform/atomic-write.ts";
import type { Context } from "../protocol/context.ts";
import { RoleError } from "../protocol/errors.ts";
import { timeText } from "../protocol/expiration.ts";
import type { SignedIn } from "../protocol/sign-in-messages.ts";
import type { SignIn } from "../sign-in/sign-ins.ts";
import { openCodeSignIn } from "./code-sign-in.ts";
import { openDeviceSignIn } from "./device-sign-in.ts";
import type { CreatedToken } from "./oidc.ts";
import type { Registration } from "./registration.ts";
import type { SsoServices } from "./sso-services.ts";
import type { SsoSession } from "./sso-session.ts";
import { renewBeforeMs, ssoAccessToken } from "./sso-token.ts";
import { readSignIn, ssoTokenPath, tokenMembers } from "./sso-token-file.ts";

export interface SignInOptions {
  /** Sign in with a code that the user confirms on any device, instead of a redirect to this one. */
  readonly useDeviceCode: boolean;
  /** Sign in again although there is a sign-in. */
  readonly force: boolean;
}

/** Signs in to IAM Identity Center as the AWS CLI does, and stores the token where the AWS CLI does. */
export function identityCenterSignIn(session: SsoSession, services: SsoServices, options: SignInOptions): SignIn {
  const path = ssoTokenPath(services.tokenDirectory, session);
  const refusedToken = options.force ? readSignIn(path, session)?.accessToken : undefined;
  return {
    path,
    async existing(context) {
      const before = readSignIn(path, session);
      if (!before || before.accessToken === refusedToken) return undefined;
      const token = (await isRenewed(context, session, services)) ? readSignIn(path, session) : undefined;
      return token && token.expiresAt.getTime() - context.now() > renewBeforeMs
        ? signedIn(session, token.expiresAt, token.renewal !== undefined)
        : undefined;
    },
    async open(context) {
      const open = options.useDeviceCode ? openDeviceSignIn : openCodeSignIn;
      const grant = await open(session, services, context);
      return {
        ...grant,
        finish: async (during) => store(session, path, grant.registration, await grant.finish(during), during),
      };
    },
  };
}

/** Whether the sign-in is valid, after a renewal if it needs one. */
async function isRenewed(context: Context, session: SsoSession, services: SsoServices): Promise<boolean> {
  try {
    await ssoAccessToken(context, session, services);
    return true;
  } catch (error) {
    if (error instanceof RoleError && error.code === "SsoLoginRequired") return false;
    throw error;
  }
}

async function store(
  session: SsoSession,
  path: string,
  registration: Registration,
  created: CreatedToken,
  context: Context,
): Promise<SignedIn> {
  const { clientId, clientSecret, expiresAt: registrationEnd } = registration;
  const { expiresAt, members } = tokenMembers(
    created,
    [
      ["startUrl", session.startUrl],
      ["region", session.region],
      ["accessToken", ""],
      ["expiresAt", ""],
      ["clientId", clientId],
      ["clientSecret", clientSecret],
      ["registrationExpiresAt", timeText(registrationEnd)],
    ],
    context,
  );
  await writeJsonFile(path, members);
  return signedIn(session, expiresAt, created.refreshToken !== undefined);
}

function signedIn({ sessionName, startUrl, region }: SsoSession, expiresAt: Date, renewable: boolean): SignedIn {
  return {
    startUrl,
    ssoRegion: region,
    ...(sessionName !== undefined && { ssoSession: sessionName }),
    expiration: expiresAt.toISOString(),
    renewable,
  };
}
