import type { Context } from "../protocol/context.ts";
import type { Credentials } from "../protocol/credentials.ts";
import type { CallerIdentity, UseRoleParams } from "../protocol/role-messages.ts";
import { escapeForTerminal } from "../protocol/terminal.ts";
import { lastProvider } from "./chain.ts";
import { planRequest } from "./plan-request.ts";
import type { ResolutionContext } from "./resolution-context.ts";
import { askSts, type StsCaller } from "./sts/call.ts";
import { type StsCall, unusableAnswer } from "./sts/errors.ts";

/** Returns the identity behind the credentials of a request. */
export async function callerIdentity(
  params: UseRoleParams,
  resolution: ResolutionContext,
  context: Context,
): Promise<CallerIdentity> {
  const plan = planRequest(params, resolution, context);
  const { label, obtain } = lastProvider(plan, resolution, context);
  const { credentials } = await obtain(context);
  const about = { target: params.profileName ?? label, hop: label, caller: label };
  return (await identityOf({ settings: plan.settings, credentials }, about, resolution, context)).identity;
}

/** Asks STS whose credentials these are. `GetCallerIdentity` needs no permission, so it fails only for bad credentials. */
export async function identityOf(
  caller: StsCaller & { readonly credentials: Credentials },
  about: Pick<StsCall, "target" | "hop" | "caller">,
  resolution: ResolutionContext,
  context: Context,
): Promise<{ identity: CallerIdentity; call: StsCall }> {
  const { answer, call } = await askSts(
    { operation: "GetCallerIdentity", ...about },
    caller,
    resolution,
    context,
    (sts) => sts.getCallerIdentity(),
  );
  const { Account, Arn, UserId } = answer;
  if (!Account || !Arn || !UserId) throw unusableAnswer("does not say who it is", call);
  return { identity: { account: escapeForTerminal(Account), arn: escapeForTerminal(Arn) }, call };
}
