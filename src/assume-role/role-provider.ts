/** The steps that ask STS with credentials: AssumeRole, and GetSessionToken before it. */
import type { CacheRequest } from "../cache/cache-request.ts";
import { cachedProvider, type HopProvider, sourceOf } from "../credentials/provider.ts";
import type { Settings } from "../profiles/settings.ts";
import type { Context } from "../protocol/context.ts";
import { RoleError } from "../protocol/errors.ts";
import type { RoleHop } from "./plan.ts";
import type { ResolutionContext } from "./resolution-context.ts";
import { checkDuration, maximumChainedDuration } from "./session-limits.ts";
import { configuredSessionName, sessionName } from "./session-name.ts";
import { assumeRoleInput, beyondCliKey, cliKeyMembers } from "./session-parameters.ts";
import { callSts } from "./sts/call.ts";

/** Seconds that a session opened with one MFA code lasts when nobody says how long: a working day, as the service's own default. */
const defaultSessionDuration = 43_200;

/** One AssumeRole with the credentials of the provider before. */
export function roleProvider(
  hop: RoleHop,
  before: HopProvider,
  resolution: ResolutionContext,
  context: Context,
): HopProvider {
  const { text: roleArn } = hop.roleArn;
  const label = hop.profileName === undefined ? `role ${roleArn}` : `role ${roleArn} (profile ${hop.profileName})`;
  return cachedProvider(resolution, { label }, roleRequest(hop, before, resolution, context), async (during) => {
    const { credentials } = await before.obtain(during);
    const durationInSeconds = allowedDuration(hop, credentials.sessionToken !== undefined, label, during);
    const code =
      hop.mfaSerial !== undefined && !hop.mfaSession
        ? { SerialNumber: hop.mfaSerial, TokenCode: resolution.mfaCodes.take(hop.mfaSerial, label, roleArn) }
        : {};
    const input = {
      ...assumeRoleInput({ ...hop, ...(durationInSeconds !== undefined && { durationInSeconds }) }),
      ...code,
      RoleArn: roleArn,
      RoleSessionName: sessionName(hop.roleSessionName, during),
    };
    during.say(`AssumeRole ${roleArn} as ${input.RoleSessionName}, with the credentials of ${before.label}.`);
    return callSts(
      {
        operation: "AssumeRole",
        target: hop.profileName ?? roleArn,
        hop: label,
        caller: before.label,
        mfaSerial: hop.mfaSerial,
      },
      { settings: hop.settings, credentials, roleArn: hop.roleArn, tokenCode: code.TokenCode },
      resolution,
      during,
      (sts) => sts.assumeRole(input),
    );
  });
}

/** A session of the user, opened with an MFA code: what is assumed from it needs no further one. */
export function mfaSessionProvider(
  session: { mfaSerial: string; durationSeconds?: number; settings: Settings; profileName?: string },
  before: HopProvider,
  resolution: ResolutionContext,
  context: Context,
): HopProvider {
  const { mfaSerial, durationSeconds = defaultSessionDuration, settings, profileName } = session;
  const label = `MFA session of ${before.label}`;
  const request: CacheRequest = {
    operation: "GetSessionToken",
    identity: { serialNumber: mfaSerial, durationSeconds },
    source: sourceOf(resolution, context, before, { settings }),
    durationSeconds,
    ...(profileName !== undefined && { profileName }),
  };
  return cachedProvider(resolution, { label }, request, async (during) => {
    const { credentials } = await before.obtain(during);
    const target = profileName ?? mfaSerial;
    const code = resolution.mfaCodes.take(mfaSerial, label, target);
    during.say(`GetSessionToken with ${mfaSerial}, with the credentials of ${before.label}.`);
    return callSts(
      { operation: "GetSessionToken", target, hop: label, caller: before.label, mfaSerial },
      { settings, credentials, tokenCode: code },
      resolution,
      during,
      (sts) => sts.getSessionToken({ SerialNumber: mfaSerial, TokenCode: code, DurationSeconds: durationSeconds }),
    );
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
    source: sourceOf(resolution, context, before, hop),
    ...(hop.durationInSeconds !== undefined && { durationSeconds: hop.durationInSeconds }),
    ...(hop.profileName !== undefined && { profileName: hop.profileName }),
    roleArn,
  };
}

/**
 * What the AWS CLI makes the name of its own cache entry of. It knows these alone, so only where nothing else is asked for can
 * either tool use the other's entry.
 */
export function cliKeyOf(hop: RoleHop): Readonly<Record<string, string | number>> {
  return { RoleArn: hop.roleArn.text, ...cliKeyMembers(hop) };
}

/** Role chaining ends at an hour. What an MFA session brings about is capped; what the user asked for plainly is refused. */
function allowedDuration(hop: RoleHop, chained: boolean, label: string, context: Context): number | undefined {
  const { durationInSeconds: durationSeconds, mfaSession } = hop;
  if (durationSeconds === undefined || !chained || durationSeconds <= maximumChainedDuration) return durationSeconds;
  if (mfaSession) {
    context.say(
      `A role assumed from an MFA session lasts an hour at most: ${durationSeconds} s become ${maximumChainedDuration}.`,
    );
    return maximumChainedDuration;
  }
  try {
    return checkDuration(durationSeconds, maximumChainedDuration, "where temporary credentials assume a role");
  } catch (error) {
    if (!(error instanceof RoleError)) throw error;
    throw new RoleError(error.code, `${error.message.slice(0, -1)} (${label}).`, {
      ...error.details,
      hop: label,
      target: hop.profileName ?? hop.roleArn.text,
    });
  }
}
