import type { Context } from "../protocol/context.ts";
import { checkText } from "./session-limits.ts";

/**
 * The name of a role session, which CloudTrail shows: the configured one, else `AWS_ROLE_SESSION_NAME`, else one of our own that
 * ends in epoch seconds, as those of the AWS CLI and botocore do.
 * @throws RoleError `RoleSessionNameInvalid`
 */
export function sessionName(configured: string | undefined, context: Context): string {
  const named = configured ?? configuredSessionName(context);
  if (named !== undefined) return checkText("roleSessionName", named);
  return `RoleCredentials-session-${Math.floor(context.now() / 1000)}`;
}

/** What the caller's environment says of all sessions. */
export function configuredSessionName({ environment }: Pick<Context, "environment">): string | undefined {
  return environment.AWS_ROLE_SESSION_NAME || undefined;
}
