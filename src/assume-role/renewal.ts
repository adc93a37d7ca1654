/** What becomes of a plan's credentials when they end. */
import { sessionTokenOf } from "../credentials/environment.ts";
import type { Environment } from "../protocol/context.ts";
import type { Plan, RoleHop, Source } from "./plan.ts";

/**
 * How they can be had again: `silent`, without anybody; `session`, for as long as the MFA session behind them lasts; `code`, with
 * another MFA code; `given`, not at all, because the caller brought their source along.
 */
export type Renewal = "silent" | "session" | "code" | "given";

export function renewalOf(plan: Plan, environment: Environment): Renewal {
  if (plan.source.kind === "given") return "given";
  const hasSession = opensSession(plan, environment);
  const wantsCode = (hop: RoleHop, index: number) =>
    hop.mfaSerial !== undefined && !(index === 0 && hop.mfaSession && hasSession);
  if (plan.hops.some(wantsCode)) return "code";
  return hasSession ? "session" : "silent";
}

/**
 * Whether the role is assumed with temporary credentials, which AWS calls role chaining and limits to an hour; for the console's
 * sessions too. What a credential process gives is not known beforehand, and not taken for temporary.
 */
export function isChained(plan: Plan, environment: Environment): boolean {
  if (plan.hops.length === 0) return false;
  return plan.hops.length > 1 || opensSession(plan, environment) || isTemporary(plan.source, environment);
}

function opensSession({ session, hops: [first], source }: Plan, environment: Environment): boolean {
  if (session) return true;
  return first?.mfaSession === true && first.mfaSerial !== undefined && !isTemporary(source, environment);
}

function isTemporary(source: Source, environment: Environment): boolean {
  switch (source.kind) {
    case "given":
      return source.credentials.sessionToken !== undefined;
    case "keys":
      return source.profile.settings.sessionToken !== undefined;
    case "environment":
      return sessionTokenOf(environment) !== undefined;
    case "process":
      return false;
    default:
      return true;
  }
}
