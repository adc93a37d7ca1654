/** One call to STS: its endpoint, its transport, and the checks of its response. */

import type { CacheEntry } from "../../cache/cache-request.ts";
import { describeSkew, notableSkew } from "../../network/clock-skew.ts";
import { type Endpoint, resolveEndpoint } from "../../network/endpoint.ts";
import type { RateLimiter } from "../../network/rate-limiter.ts";
import { resolveRegion } from "../../network/region.ts";
import { resolveRetries } from "../../network/retries.ts";
import { transport } from "../../network/transport.ts";
import type { Settings } from "../../profiles/settings.ts";
import type { SharedConfig } from "../../profiles/shared-config.ts";
import type { Context } from "../../protocol/context.ts";
import type { Credentials } from "../../protocol/credentials.ts";
import { canceled, RoleError } from "../../protocol/errors.ts";
import type { RoleArn } from "../../protocol/role-arn.ts";
import type { Sts, StsSession } from "./client.ts";
import { type StsCall, stsError, unusableAnswer } from "./errors.ts";

export interface StsCaller {
  /** Settings of the profile that makes the call. */
  readonly settings: Settings;
  /** Absent for unsigned calls. */
  readonly credentials?: Credentials;
  /** The requested role, which determines the partition. */
  readonly roleArn?: RoleArn | undefined;
  readonly tokenCode?: string | undefined;
  /** The SAML assertion or web identity token of an unsigned call. */
  readonly token?: string;
}

/** Access to STS for all hops of one request. */
export interface StsAccess {
  readonly shared: Pick<SharedConfig, "services">;
  /** `-Region` and `-EndpointUrl`. */
  readonly region?: string | undefined;
  readonly endpointUrl?: string | undefined;
  /** Returns the rate limiter that all callers of one STS endpoint share. */
  readonly rateLimiterOf: (origin: string) => RateLimiter;
  /** Imports the STS client at the first call. */
  readonly loadSts: () => Promise<typeof import("./client.ts")>;
  /** Returns the region of the EC2 instance, if the chain starts there. */
  readonly instanceRegion?: ((context: Context) => Promise<string | undefined>) | undefined;
}

/** Makes a call that returns credentials. */
export async function callSts(
  about: Omit<StsCall, "url" | "clockOffset">,
  caller: StsCaller,
  resolution: StsAccess,
  context: Context,
  send: (sts: Sts) => Promise<StsSession>,
): Promise<CacheEntry> {
  const { answer, call } = await askSts(about, caller, resolution, context, send);
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = answer.Credentials ?? {};
  if (!AccessKeyId || !SecretAccessKey || !SessionToken || !Expiration || Number.isNaN(Expiration.getTime()))
    throw unusableAnswer("has no complete credentials", call);
  // Use the server's clock, which set the expiration; else the local clock.
  const lifetime = Expiration.getTime() - (context.now() + call.clockOffset);
  if (lifetime <= 0) throw unusableAnswer("has credentials that have already expired", call);
  const { AssumedRoleUser, PackedPolicySize, SourceIdentity } = answer;
  const accountId = /^arn:[^:]*:sts::(\d{12}):/.exec(AssumedRoleUser?.Arn ?? "")?.[1];
  return {
    lifetime,
    credentials: {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
      expiration: Expiration,
      ...(accountId !== undefined && { accountId }),
    },
    ...(AssumedRoleUser?.Arn !== undefined &&
      AssumedRoleUser.AssumedRoleId !== undefined && {
        assumedRoleUser: { arn: AssumedRoleUser.Arn, assumedRoleId: AssumedRoleUser.AssumedRoleId },
      }),
    ...(PackedPolicySize !== undefined && { packedPolicySize: PackedPolicySize }),
    ...(SourceIdentity !== undefined && { sourceIdentity: SourceIdentity }),
  };
}

/** Makes any call, and converts its errors to our own. */
export async function askSts<Answer>(
  about: Omit<StsCall, "url" | "clockOffset">,
  { settings, credentials, roleArn, tokenCode, token }: StsCaller,
  resolution: StsAccess,
  context: Context,
  send: (sts: Sts) => Promise<Answer>,
): Promise<{ answer: Answer; call: StsCall }> {
  const { environment } = context;
  const { url, signingRegion } = await stsEndpoint({ settings, roleArn }, resolution, context);
  const [{ createSts }, way] = await Promise.all([resolution.loadSts(), transport(url, settings, context)]);
  const sts = createSts({
    url: url.href,
    signingRegion,
    transport: way,
    ...resolveRetries({ settings, environment }),
    signal: context.signal,
    now: context.now,
    ...(credentials && { credentials }),
  });
  const call = (): StsCall => ({
    ...about,
    url: url.origin,
    clockOffset: sts.clockOffset(),
    secrets: [credentials?.secretAccessKey, credentials?.sessionToken, tokenCode, token],
  });
  context.say(`${about.operation} → ${url.origin} (${signingRegion}).`);
  const isThrottled = (error: unknown) =>
    !(error instanceof RoleError) && stsError(error, call()).code === "StsThrottled";
  try {
    const answer = await resolution.rateLimiterOf(url.origin).run(() => send(sts), isThrottled, context);
    const made = call();
    if (Math.abs(made.clockOffset) >= notableSkew) context.say(`Correct the clock: ${describeSkew(made.clockOffset)}.`);
    return { answer, call: made };
  } catch (error) {
    if (context.signal.aborted) throw canceled();
    // An invalid CA bundle shows up at the first connection, and has its own error.
    throw error instanceof RoleError ? error : stsError(error, call());
  }
}

/**
 * Resolves the endpoint of a call to STS.
 * @throws RoleError `RegionInvalid`, `PartitionMismatch`, `EndpointInvalid`, `SettingInvalid`
 */
export async function stsEndpoint(
  { settings, roleArn }: Pick<StsCaller, "settings" | "roleArn">,
  resolution: StsAccess,
  context: Context,
): Promise<Endpoint> {
  const { environment } = context;
  const { instanceRegion } = resolution;
  const region = await resolveRegion({
    explicit: resolution.region,
    settings,
    environment,
    role: roleArn,
    instanceRegion: instanceRegion && (() => instanceRegion(context)),
  });
  return resolveEndpoint("sts", {
    explicitUrl: resolution.endpointUrl,
    settings,
    shared: resolution.shared,
    region,
    environment,
  });
}
