import { accessDenied } from "../errors.ts";
import { type ConditionContext, conditionsHold, toList, wildcardMatch } from "./conditions.ts";
import { iamArn, identityPolicy, type Principal, partitionOf } from "./principal.ts";
import type { Account, Role, Statement } from "./world-types.ts";

/** A request to perform an action on a role. */
export interface RoleRequest {
  readonly principal: Principal;
  readonly action: string;
  readonly roleAccount: Account;
  readonly role: Role;
  readonly context: ConditionContext;
}

/**
 * Authorizes an action on a role from the role's trust policy, the caller's identity policy and the session policies. Within one account, a
 * trust policy that names the caller is enough. If it names the account, or the role is in another account, the caller's own policy must
 * also allow the action.
 * @throws AwsError `AccessDenied`, with STS's wording
 */
export function authorizeOnRole({ principal, action, roleAccount, role, context }: RoleRequest): void {
  const resource = iamArn(roleAccount, "role", role);
  const refuse = (because = "") => {
    const what = `is not authorized to perform: ${action} on resource: ${resource}${because}`;
    return accessDenied(`User: ${principal.arn} ${what}`);
  };
  const sameAccount = principal.account.id === roleAccount.id;
  const request = { action, resource, context };

  const trust = role.trust.filter((statement) => covers(statement, request));
  const named = (effect: Statement["Effect"]) =>
    trust.filter((s) => s.Effect === effect).map((s) => howPrincipalMatches(s.Principal, principal));
  const identity = evaluate(identityPolicy(principal), request);

  if (named("Deny").some(Boolean)) throw refuse(" with an explicit deny in a resource-based policy");
  if (identity === "Deny") throw refuse(" with an explicit deny in an identity-based policy");

  const grants = named("Allow").filter((match) => match !== undefined);
  if (grants.length === 0) throw refuse();
  if (identity !== "Allow" && !(sameAccount && grants.some((match) => match !== "account"))) throw refuse();
  // Session policies do not limit a grant to the session itself. They limit every other grant.
  if (sameAccount && grants.includes("session")) return;
  if (!principal.sessionPolicies.every((policy) => evaluate(policy, request) === "Allow")) throw refuse();
}

/**
 * Authorizes an action on the caller's own user, from its identity policy.
 * @throws AwsError `AccessDenied`, with IAM's wording
 */
export function authorizeOnSelf(principal: Principal, action: string, context: ConditionContext): void {
  const resource = principal.arn;
  if (evaluate(identityPolicy(principal), { action, resource, context }) === "Allow") return;
  const why = `because no identity-based policy allows the ${action} action`;
  throw accessDenied(`User: ${resource} is not authorized to perform: ${action} on resource: ${resource} ${why}`);
}

/** Whether a role trusts an identity provider or service for an action. */
export function trustsProvider(
  role: Role,
  kind: "Federated" | "Service",
  provider: string,
  action: string,
  context: ConditionContext,
): boolean {
  const matching = role.trust.filter(
    (statement) =>
      covers(statement, { action, resource: "*", context }) &&
      typeof statement.Principal === "object" &&
      toList(statement.Principal[kind] ?? []).includes(provider),
  );
  return matching.some((s) => s.Effect === "Allow") && !matching.some((s) => s.Effect === "Deny");
}

interface PolicyRequest {
  readonly action: string;
  readonly resource: string;
  readonly context: ConditionContext;
}

function evaluate(statements: readonly Statement[], request: PolicyRequest): "Allow" | "Deny" | undefined {
  const effects = statements.filter((statement) => covers(statement, request)).map(({ Effect }) => Effect);
  return effects.includes("Deny") ? "Deny" : effects[0];
}

function covers(statement: Statement, { action, resource, context }: PolicyRequest): boolean {
  return (
    toList(statement.Action).some((pattern) => wildcardMatch(action.toLowerCase(), pattern.toLowerCase())) &&
    toList(statement.Resource ?? "*").some((pattern) => wildcardMatch(resource, pattern)) &&
    conditionsHold(statement.Condition, context)
  );
}

/** Which of `session`, `principal` (by name) or `account` names the caller most specifically. */
function howPrincipalMatches(
  declared: Statement["Principal"],
  principal: Principal,
): "session" | "principal" | "account" | undefined {
  if (declared === "*") return "account";
  const names = toList(declared?.AWS ?? []);
  const { account, role } = principal;
  if (names.includes(principal.arn)) return principal.kind === "assumed-role" ? "session" : "principal";
  if (role && names.includes(iamArn(account, "role", role))) return "principal";
  const root = `arn:${partitionOf(account)}:iam::${account.id}:root`;
  return names.includes(root) || names.includes(account.id) || names.includes("*") ? "account" : undefined;
}
