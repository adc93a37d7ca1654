import type { ResolutionContext } from "../assume-role/hop-provider.ts";
import { type Plan, planDefault, type Source } from "../assume-role/plan.ts";
import { profileOfEnvironment } from "../credentials/default-chain.ts";
import { regionOfEnvironment } from "../network/region.ts";
import type { Context } from "../protocol/context.ts";
import { isRoleError } from "../protocol/envelope.ts";
import type { DescribedIdentity } from "../protocol/methods.ts";
import { maskedAccessKey } from "../protocol/redact.ts";
import { parseRoleArn } from "../protocol/role-arn.ts";

/**
 * Who one is without a role entered, as far as the environment and the files tell: nobody is called, and nothing is tried.
 * A profile that is broken, or nothing at all, is an answer too.
 */
export function describeIdentity({ shared }: Pick<ResolutionContext, "shared">, context: Context): DescribedIdentity {
  const { environment } = context;
  let plan: Plan;
  try {
    plan = planDefault(shared, environment);
  } catch (error) {
    if (!isRoleError(error)) throw error;
    return { source: "none", problem: error.message };
  }
  const named = profileOfEnvironment(environment);
  const role = plan.hops.at(-1)?.roleArn;
  const region = plan.settings.region ?? regionOfEnvironment(environment)?.value;
  // Keys in the environment hide the profile.
  const profileName = plan.source.kind === "environment" && plan.hops.length === 0 ? undefined : named.name;
  return {
    source: sourceName(plan.source),
    ...(profileName !== undefined && shared.profile(profileName) && { profileName }),
    ...(role && { roleArn: role.text, account: role.accountId }),
    ...aboutSource(plan, context),
    ...(region !== undefined && { region }),
  };
}

function aboutSource({ source, hops }: Plan, { environment }: Context): Partial<DescribedIdentity> {
  if (hops.length > 0) return {};
  switch (source.kind) {
    case "keys": {
      const { accessKeyId, accountId } = source.profile.settings;
      return { ...masked(accessKeyId), ...(accountId !== undefined && { account: accountId }) };
    }
    case "environment": {
      const { AWS_ACCESS_KEY_ID, AWS_ACCOUNT_ID, AWS_CREDENTIAL_EXPIRATION } = environment;
      return {
        ...masked(AWS_ACCESS_KEY_ID),
        ...(AWS_ACCOUNT_ID && { account: AWS_ACCOUNT_ID }),
        ...(AWS_CREDENTIAL_EXPIRATION && { expiration: AWS_CREDENTIAL_EXPIRATION }),
      };
    }
    case "sso": {
      const { ssoAccountId, ssoRoleName } = source.profile.settings;
      return {
        ...(ssoAccountId !== undefined && { account: ssoAccountId }),
        ...(ssoRoleName !== undefined && { roleName: ssoRoleName }),
      };
    }
    case "webIdentity":
      return { roleArn: source.identity.roleArn, ...accountOf(source.identity.roleArn) };
    default:
      return {};
  }
}

function masked(accessKeyId: string | undefined): Partial<DescribedIdentity> {
  return accessKeyId === undefined ? {} : { accessKeyId: maskedAccessKey(accessKeyId) };
}

function accountOf(roleArn: string): Partial<DescribedIdentity> {
  try {
    return { account: parseRoleArn(roleArn).accountId };
  } catch {
    return {};
  }
}

function sourceName(source: Source): string {
  switch (source.kind) {
    case "environment":
      return "the environment";
    case "keys":
      return `the keys of profile ${source.profile.name}`;
    case "process":
      return `the credential_process of profile ${source.profile.name}`;
    case "sso":
      return "IAM Identity Center";
    case "webIdentity":
      return "a web identity";
    case "container":
      return "the container";
    case "instanceMetadata":
      return "EC2 instance metadata, if this is an instance";
    default:
      return source.kind;
  }
}
