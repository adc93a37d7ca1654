/** Advice about keys that work: where they are kept, and how old they are. */
import type { ChainHop } from "../assume-role/chain.ts";
import type { ResolutionContext } from "../assume-role/resolution-context.ts";
import { askIam } from "../keys/iam-call.ts";
import { configuredUrl } from "../network/configured-url.ts";
import type { Profile } from "../profiles/shared-config.ts";
import type { Context } from "../protocol/context.ts";
import type { Credentials } from "../protocol/credentials.ts";
import { RoleError } from "../protocol/errors.ts";
import { powerShellArgument } from "../protocol/quoting.ts";
import type { CallerIdentity } from "../protocol/role-messages.ts";
import { escapeForTerminal } from "../protocol/terminal.ts";

/** Days after which AWS's own checks call a key old: CIS AWS Foundations Benchmark, "Ensure access keys are rotated every 90 days". */
const oldAfterDays = 90;

/** Milliseconds for IAM to answer. The chain works, so advice must not delay the result. */
const patience = 5_000;

/** Returns one sentence for each thing to improve. */
export async function keyAdvice(
  { source, provider }: ChainHop,
  credentials: Credentials,
  { arn }: CallerIdentity,
  resolution: ResolutionContext,
  context: Context,
): Promise<string[]> {
  const profile = source?.holdsKeys && provider.longTerm ? source.profile : undefined;
  if (!profile) return [];
  const age = /:user\//.test(arn) ? await ageInDays(profile, credentials, resolution, context) : undefined;
  const name = powerShellArgument(profile.name);
  const advice: string[] = [];
  if (source?.operation === "Keys" && profile.settings.roleArn === undefined) {
    const where = resolution.shared.origin?.whereIs(profile.name, "secretAccessKey") ?? `profile '${profile.name}'`;
    advice.push(
      `The secret key is in plain text: ${where}. Set-RoleCredentials -ProfileName ${name} -Vault moves it to the system's keychain.`,
    );
  }
  if (age !== undefined && age > oldAfterDays)
    advice.push(`The access key is ${age} days old. Update-RoleKey ${name} replaces it.`);
  return advice.map(escapeForTerminal);
}

/** Undefined without the permission iam:ListAccessKeys, and if IAM does not answer. */
async function ageInDays(
  profile: Profile,
  credentials: Credentials,
  resolution: ResolutionContext,
  context: Context,
): Promise<number | undefined> {
  if (isOtherService(profile, resolution, context)) return undefined;
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(patience)]);
  const during = { ...context, signal };
  try {
    const keys = await askIam("ListAccessKeys", profile, credentials, resolution, during, (iam) =>
      iam.listAccessKeys(),
    );
    const created = keys.find(({ id }) => id === credentials.accessKeyId)?.created;
    return created && Math.floor((context.now() - created.getTime()) / 86_400_000);
  } catch (error) {
    if (!(error instanceof RoleError) || context.signal.aborted) throw error;
    context.say(`The age of the access key is not known: ${error.message}`);
    return undefined;
  }
}

/** Whether STS is not AWS's, so that AWS's IAM does not know the key. */
function isOtherService({ settings }: Profile, { shared, endpointUrl }: ResolutionContext, context: Context): boolean {
  const { environment } = context;
  const urlOf = (service: string, explicitUrl?: string) =>
    configuredUrl(service, { settings, shared, environment, ...(explicitUrl !== undefined && { explicitUrl }) });
  return urlOf("sts", endpointUrl) !== undefined && urlOf("iam") === undefined;
}
