/** Providers that call STS with credentials: AssumeRole, and GetSessionToken before it. */
import type { CacheRequest } from "../cache/cache-request.ts";
import { cachedProvider, type HopProvider, sourceOf } from "../credentials/provider.ts";
import type { Settings } from "../profiles/settings.ts";
import type { Context } from "../protocol/context.ts";
import { RoleError } from "../protocol/errors.ts";
import { type MfaDevice, withMfaCode } from "./mfa-process.ts";
import type { RoleHop } from "./plan.ts";
import type { ResolutionContext } from "./resolution-context.ts";
import { checkDuration, maximumChainedDuration } from "./session-limits.ts";
import { configuredSessionName, sessionName } from "./session-name.ts";
import { assumeRoleInput, beyondCliKey, cliKeyMembers } from "./session-parameters.ts";
import { callSts } from "./sts/call.ts";

/** Default duration in seconds of a session opened with one MFA code: twelve hours, as in the service. */
const defaultSessionDuration = 43_200;

/** One AssumeRole with the previous provider's credentials. */
export function roleProvider(
  hop: RoleHop,
  before: HopProvider,
  resolution: ResolutionContext,
  context: Context,
): HopProvider {
  const { text: roleArn } = hop.roleArn;
  const label = hop.profileName === undefined ? `role ${roleArn}` : `role ${roleArn} (profile ${hop.profileName})`;
  return cachedProvider(resolution, label, roleRequest(hop, before, resolution, context), async (during) => {
    const { credentials } = await before.obtain(during);
    const durationInSeconds = allowedDuration(hop, credentials.sessionToken !== undefined, label, during);
    const { mfaSerial, mfaProgram: program } = hop;
    const input = {
      ...assumeRoleInput({ ...hop, ...(durationInSeconds !== undefined && { durationInSeconds }) }),
      RoleArn: roleArn,
      RoleSessionName: sessionName(hop.roleSessionName, during),
    };
    const assume = (tokenCode?: string) => {
      during.say(`AssumeRole ${roleArn} as ${input.RoleSessionName}, with the credentials of ${before.label}.`);
      return callSts(
        { operation: "AssumeRole", target: hop.profileName ?? roleArn, hop: label, caller: before.label, mfaSerial },
        { settings: hop.settings, credentials, roleArn: hop.roleArn, tokenCode },
        resolution,
        during,
        (sts) => sts.assumeRole(tokenCode ? { ...input, SerialNumber: mfaSerial, TokenCode: tokenCode } : input),
      );
    };
    if (mfaSerial === undefined || hop.mfaSession) return assume();
    return withMfaCode({ mfaSerial, program }, { hop: label, target: roleArn }, resolution, during, assume);
  });
}

/** A user's session, opened with an MFA code. Roles assumed from it need no further code. */
export function mfaSessionProvider(
  session: MfaDevice & { durationSeconds?: number; settings: Settings; profileName: string | undefined },
  before: HopProvider,
  resolution: ResolutionContext,
  context: Context,
): HopProvider {
  const { mfaSerial, durationSeconds = defaultSessionDuration, settings, profileName } = session;
  const label = `MFA session of ${before.label}`;
  const request: CacheRequest = {
    operation: "GetSessionToken",
    identity: { serialNumber: mfaSerial, durationSeconds },
    source: sourceOf(resolution, context, before.identity, settings),
    durationSeconds,
    profileName,
  };
  return cachedProvider(resolution, label, request, async (during) => {
    const { credentials } = await before.obtain(during);
    const target = profileName ?? mfaSerial;
    return withMfaCode(session, { hop: label, target }, resolution, during, (code) => {
      during.say(`GetSessionToken with ${mfaSerial}, with the credentials of ${before.label}.`);
      return callSts(
        { operation: "GetSessionToken", target, hop: label, caller: before.label, mfaSerial },
        { settings, credentials, tokenCode: code },
        resolution,
        during,
        (sts) => sts.getSessionToken({ SerialNumber: mfaSerial, TokenCode: code, DurationSeconds: durationSeconds }),
      );
    });
  });
}

function roleRequest(hop: RoleHop, before: HopProvider, resolution: ResolutionContext, context: Context): CacheRequest {
  const roleArn = hop.roleArn.text;
  const named = configuredSessionName(context);
  const cliKey = cliKeyOf(hop);
  const beyond = {
    ...(hop.roleSessionName === undefined && named !== undefined && { roleSessionName: named }),
    ...beyondCliKey(hop),
    ...(resolution.endpointUrl !== undefined && { endpointUrl: resolution.endpointUrl }),
    ...(before.isGiven && { given: true }),
  };
  return {
    operation: "AssumeRole",
    ...(Object.keys(beyond).length === 0 && { cliKey }),
    identity: { ...cliKey, ...beyond },
    source: sourceOf(resolution, context, before.identity, hop.settings),
    durationSeconds: hop.durationInSeconds,
    profileName: hop.profileName,
    roleArn,
  };
}

/**
 * The parameters that the AWS CLI hashes into its cache key. It supports only these, so the two tools can share an entry only if
 * the request has no others.
 */
export function cliKeyOf(hop: RoleHop): Readonly<Record<string, string | number>> {
  return { RoleArn: hop.roleArn.text, ...cliKeyMembers(hop) };
}

/** Role chaining is limited to an hour. After an MFA session the duration is capped; an explicit longer duration is an error. */
function allowedDuration(hop: RoleHop, chained: boolean, label: string, context: Context): number | undefined {
  const { durationInSeconds: durationSeconds, mfaSession } = hop;
  if (durationSeconds === undefined || !chained || durationSeconds <= maximumChainedDuration) return durationSeconds;
  if (mfaSession) {
    context.say(
      `A role assumed from an MFA session lasts an hour at most: using ${maximumChainedDuration} s instead of ${durationSeconds}.`,
    );
    return maximumChainedDuration;
  }
  try {
    return checkDuration(durationSeconds, maximumChainedDuration, "when temporary credentials assume a role");
  } catch (error) {
    if (!(error instanceof RoleError)) throw error;
    throw new RoleError(error.code, `${error.message.slice(0, -1)} (${label}).`, {
      ...error.details,
      hop: label,
      target: hop.profileName ?? hop.roleArn.text,
    });
  }
}
