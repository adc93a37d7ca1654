/** Whether and how a plan's credentials can be renewed. */
import type { Environment } from "../protocol/context.ts";
import type { Renewal } from "../protocol/role-messages.ts";
import type { Plan, RoleHop } from "./plan.ts";

/** What it takes to renew a plan's credentials when they expire. */
export function renewalOf(plan: Plan, environment: Environment): Renewal {
  if (plan.source.isGiven) return "given";
  const hasSession = opensSession(plan, environment);
  const wantsCode = (hop: RoleHop, index: number) =>
    hop.mfaSerial !== undefined && !hop.mfaProgram && !(index === 0 && hop.mfaSession && hasSession);
  if (plan.hops.some(wantsCode)) return "code";
  // A program may print the code of the next session.
  const program = plan.session ? plan.session.program : plan.hops[0]?.mfaProgram;
  return hasSession && !program ? "session" : "silent";
}

/**
 * Whether the role is assumed with temporary credentials. AWS calls this role chaining and limits it, console sessions included,
 * to an hour. The credentials of a credential process are unknown in advance, so they count as long-term.
 */
export function isChained(plan: Plan, environment: Environment): boolean {
  if (plan.hops.length === 0) return false;
  return plan.hops.length > 1 || opensSession(plan, environment) || plan.source.isTemporary(environment);
}

function opensSession({ session, hops: [first], source }: Plan, environment: Environment): boolean {
  if (session) return true;
  return first?.mfaSession === true && first.mfaSerial !== undefined && !source.isTemporary(environment);
}
