import type { Context } from "../context.ts";
import type { CallerIdentity, UseRoleParams } from "../protocol/methods.ts";
import { lastStep } from "./chain.ts";
import type { Journey } from "./steps.ts";
import { askSts } from "./sts-call.ts";
import { unusableAnswer } from "./sts-errors.ts";
import { planRequest } from "./use-role.ts";

/** Who the credentials belong to, as STS says: `GetCallerIdentity` needs no permission. */
export async function callerIdentity(
  params: UseRoleParams,
  journey: Journey,
  context: Context,
): Promise<CallerIdentity> {
  const plan = planRequest(params, journey, context);
  const step = lastStep(plan, journey, context);
  const { credentials } = await step.obtain(context);
  const { answer, call } = await askSts(
    { operation: "GetCallerIdentity", target: params.profileName ?? step.label, hop: step.label, caller: step.label },
    { settings: plan.settings, credentials },
    journey,
    context,
    (sts) => sts.getCallerIdentity(),
  );
  const { Account, Arn, UserId } = answer;
  if (!Account || !Arn || !UserId) throw unusableAnswer("does not say who it is", call);
  return { account: Account, arn: Arn, userId: UserId };
}
