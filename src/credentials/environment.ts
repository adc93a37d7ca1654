import { type Context, type Environment, variable } from "../protocol/context.ts";
import type { Credentials } from "../protocol/credentials.ts";
import { RoleError } from "../protocol/errors.ts";
import { parseExpiration } from "../protocol/expiration.ts";
import { type ExpiryRule, refuseExpired } from "./expired.ts";
import { secretHash, uncachedProvider } from "./provider.ts";
import type { Source } from "./source.ts";

/**
 * The trimmed value of a variable that selects an identity; undefined if it is unset or empty, which is how a shell unsets one.
 * @throws RoleError `EnvironmentIncomplete` if it holds only white space: the next source would be another identity
 */
export function selectingVariable(environment: Environment, name: string): string | undefined {
  const value = variable(environment, name);
  if (value !== undefined || !environment[name]) return value;
  throw new RoleError("EnvironmentIncomplete", `${name} is set in the environment, but holds only white space.`, {
    target: name,
    action: `Give ${name} a value, or remove it.`,
  });
}

/**
 * Whether the environment has keys. As in botocore the access key decides, so an access key without a secret key is an error.
 * @throws RoleError `EnvironmentIncomplete` for an access key of only white space
 */
export function hasEnvironmentKeys(environment: Environment): boolean {
  return selectingVariable(environment, "AWS_ACCESS_KEY_ID") !== undefined;
}

export const environmentSource: Source = {
  operation: "Environment",
  summary: "the environment",
  place: () => "AWS_ACCESS_KEY_ID in the environment",
  about({ AWS_ACCOUNT_ID, AWS_CREDENTIAL_EXPIRATION = "" }) {
    const expiration = parseExpiration(AWS_CREDENTIAL_EXPIRATION)?.toISOString();
    return {
      ...(AWS_ACCOUNT_ID && { account: AWS_ACCOUNT_ID }),
      ...(expiration !== undefined && { expiration }),
    };
  },
  isTemporary: (environment) => sessionTokenOf(environment) !== undefined,
  provider({ context: { environment }, rule }) {
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = environment;
    const token = sessionTokenOf(environment);
    return uncachedProvider(
      "the environment",
      ["environment", AWS_ACCESS_KEY_ID, secretHash(AWS_SECRET_ACCESS_KEY, token)],
      (during) => fromEnvironment(during, rule),
      token === undefined,
    );
  },
};

/**
 * The session token: `AWS_SESSION_TOKEN`, or the older `AWS_SECURITY_TOKEN`. If both are set, botocore uses the older one. Newer
 * SDKs only know `AWS_SESSION_TOKEN`, so it is more likely to be current.
 */
export function sessionTokenOf(environment: Environment): string | undefined {
  return variable(environment, "AWS_SESSION_TOKEN") ?? variable(environment, "AWS_SECURITY_TOKEN");
}

/**
 * Loads the keys in the caller's environment: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`,
 * `AWS_CREDENTIAL_EXPIRATION`, `AWS_ACCOUNT_ID`. Same as botocore, except for {@link sessionTokenOf}.
 * @throws RoleError `EnvironmentIncomplete`, `SettingInvalid` (an invalid expiration), `CredentialsExpired`
 */
export async function fromEnvironment(context: Context, options: ExpiryRule = {}): Promise<Credentials> {
  const { environment } = context;
  const accessKeyId = variable(environment, "AWS_ACCESS_KEY_ID");
  const secretAccessKey = variable(environment, "AWS_SECRET_ACCESS_KEY");
  if (!accessKeyId || !secretAccessKey) throw incomplete(accessKeyId !== undefined, secretAccessKey !== undefined);

  const sessionToken = sessionTokenOf(environment);
  const expiration = readExpiration(environment);
  const accountId = variable(environment, "AWS_ACCOUNT_ID");
  const credentials = {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken === undefined ? {} : { sessionToken }),
    ...(expiration === undefined ? {} : { expiration }),
    ...(accountId === undefined ? {} : { accountId }),
  };
  const origin = {
    subject: "The environment",
    target: "AWS_CREDENTIAL_EXPIRATION",
    action: "Set fresh AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or remove them.",
  };
  return refuseExpired(context, credentials, origin, options);
}

function readExpiration(environment: Environment): Date | undefined {
  const text = variable(environment, "AWS_CREDENTIAL_EXPIRATION");
  if (text === undefined) return undefined;
  const expiration = parseExpiration(text);
  if (expiration) return expiration;
  throw new RoleError("SettingInvalid", "AWS_CREDENTIAL_EXPIRATION is not a time.", {
    target: "AWS_CREDENTIAL_EXPIRATION",
    action: "Set it to a time like 2030-01-31T12:00:00Z, or remove it.",
  });
}

function incomplete(hasAccessKey: boolean, hasSecret: boolean): RoleError {
  const missing = hasAccessKey ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID";
  if (hasAccessKey || hasSecret) {
    const present = hasAccessKey ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY";
    return new RoleError("EnvironmentIncomplete", `${present} is set in the environment, but ${missing} is not.`, {
      target: missing,
      action: `Set ${missing} too, or remove ${present}.`,
    });
  }
  return new RoleError("EnvironmentIncomplete", "There are no keys in the environment.", {
    target: missing,
    action: "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN for temporary keys).",
  });
}
