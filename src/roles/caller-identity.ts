import type { Context } from "../context.ts";
import type { Credentials } from "../credentials.ts";
import { inert } from "../protocol/errors.ts";
import type { CallerIdentity, UseRoleParams } from "../protocol/methods.ts";
import { lastStep } from "./chain.ts";
import type { Journey } from "./steps.ts";
import { askSts, type StsCaller } from "./sts-call.ts";
import { type StsCall, unusableAnswer } from "./sts-errors.ts";
import { planRequest } from "./use-role.ts";

/** Who the credentials of a request belong to. */
export async function callerIdentity(
  params: UseRoleParams,
  journey: Journey,
  context: Context,
): Promise<CallerIdentity> {
  const plan = planRequest(params, journey, context);
  const { label, obtain } = lastStep(plan, journey, context);
  const { credentials } = await obtain(context);
  const about = { target: params.profileName ?? label, hop: label, caller: label };
  return (await identityOf({ settings: plan.settings, credentials }, about, journey, context)).identity;
}

/** Whom credentials belong to, as STS says: `GetCallerIdentity` needs no permission, so it fails for bad credentials only. */
export async function identityOf(
  caller: StsCaller & { readonly credentials: Credentials },
  about: Pick<StsCall, "target" | "hop" | "caller">,
  journey: Journey,
  context: Context,
): Promise<{ identity: CallerIdentity; call: StsCall }> {
  const { answer, call } = await askSts({ operation: "GetCallerIdentity", ...about }, caller, journey, context, (sts) =>
    sts.getCallerIdentity(),
  );
  const { Account, Arn, UserId } = answer;
  if (!Account || !Arn || !UserId) throw unusableAnswer("does not say who it is", call);
  return { identity: { account: inert(Account), arn: inert(Arn), userId: inert(UserId) }, call };
}
