/** What becomes of a plan's credentials when they end. */
import type { Environment } from "../protocol/context.ts";
import type { Renewal } from "../protocol/methods.ts";
import type { Plan, RoleHop } from "./plan.ts";

/** How the credentials of a plan can be had again when they end. */
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
  return plan.hops.length > 1 || opensSession(plan, environment) || plan.source.isTemporary(environment);
}

function opensSession({ session, hops: [first], source }: Plan, environment: Environment): boolean {
  if (session) return true;
  return first?.mfaSession === true && first.mfaSerial !== undefined && !source.isTemporary(environment);
}
