import type { Context } from "../protocol/context.ts";
import { checkText } from "./session-limits.ts";

/**
 * The name of a role session, which CloudTrail shows: the configured name, else `AWS_ROLE_SESSION_NAME`, else a generated one.
 * Like those of the AWS CLI and botocore, generated names end in epoch seconds.
 * @throws RoleError `RoleSessionNameInvalid`
 */
export function sessionName(configured: string | undefined, context: Context): string {
  const named = configured ?? configuredSessionName(context);
  if (named !== undefined) return checkText("roleSessionName", named);
  return `RoleCredentials-session-${Math.floor(context.now() / 1000)}`;
}

/** The session name that the caller's environment sets for all sessions. */
export function configuredSessionName({ environment }: Pick<Context, "environment">): string | undefined {
  return environment.AWS_ROLE_SESSION_NAME || undefined;
}
