/** One call to IAM: its endpoint, its transport, and its errors. */

import type { ResolutionContext } from "../assume-role/resolution-context.ts";
import { stsError } from "../assume-role/sts/errors.ts";
import { resolveEndpoint } from "../network/endpoint.ts";
import { resolveRegion } from "../network/region.ts";
import { resolveRetries } from "../network/retries.ts";
import { transport } from "../network/transport.ts";
import type { Profile } from "../profiles/shared-config.ts";
import type { Context } from "../protocol/context.ts";
import type { Credentials } from "../protocol/credentials.ts";
import { canceled, RoleError } from "../protocol/errors.ts";
import { redact } from "../protocol/redact.ts";
import type { Iam } from "./iam-client.ts";

export type IamOperation = "CreateAccessKey" | "DeleteAccessKey" | "ListAccessKeys";

/** IAM's error code, or undefined if IAM did not answer. */
export function iamCodeOf(error: unknown): string | undefined {
  return error instanceof RoleError ? error.details.awsCode : undefined;
}

/**
 * Makes a call with the keys of a profile.
 * @throws RoleError `AccessDenied`, `IamFailed`, and the errors of the connection, as for STS
 */
export async function askIam<Answer>(
  operation: IamOperation,
  { name, settings }: Profile,
  credentials: Credentials,
  resolution: ResolutionContext,
  context: Context,
  send: (iam: Iam) => Promise<Answer>,
): Promise<Answer> {
  const { environment, signal, now } = context;
  const { shared } = resolution;
  const region = await resolveRegion({ explicit: resolution.region, settings, environment });
  const { url, signingRegion } = resolveEndpoint("iam", { settings, shared, region, environment });
  const [{ createIam }, way] = await Promise.all([import("./iam-client.ts"), transport(url, settings, context)]);
  const retries = resolveRetries({ settings, environment });
  const iam = createIam({
    url: url.href,
    signingRegion,
    transport: way,
    ...retries,
    // A second attempt could create a second key.
    ...(operation === "CreateAccessKey" && { maxAttempts: 1 }),
    signal,
    now,
    credentials,
  });
  context.say(`${operation} → ${url.origin} (${signingRegion}).`);
  try {
    return await send(iam);
  } catch (error) {
    if (signal.aborted) throw canceled();
    if (error instanceof RoleError) throw error;
    throw iamError(error, operation, name, url.origin, [credentials.secretAccessKey, credentials.sessionToken]);
  }
}

function iamError(
  error: unknown,
  operation: IamOperation,
  target: string,
  url: string,
  secrets: readonly (string | undefined)[],
): RoleError {
  const hop = `profile ${target}`;
  const same = stsError(error, { operation, target, hop, caller: hop, url, clockOffset: 0, secrets });
  const { awsCode } = same.details;
  // Without an answer, or with keys that AWS refuses, it is the same for every service.
  if (awsCode === undefined || ["CredentialsRejected", "CredentialsExpired", "ClockSkew"].includes(same.code))
    return same;
  const message = redact(error instanceof Error ? error.message : awsCode, secrets);
  const what = `${operation} failed for the keys of profile '${target}': ${message}`;
  const details = { target, hop, awsCode, cause: error };
  if (same.code === "AccessDenied") {
    const action = `Have an administrator allow the user iam:${operation} on its own keys, as in AWS's policy "Allows IAM users to manage their own access keys".`;
    return new RoleError("AccessDenied", what, { ...details, action });
  }
  return new RoleError("IamFailed", `${what} (${awsCode})`, { ...details, action: "Try again later." });
}
