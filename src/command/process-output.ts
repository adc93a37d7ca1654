import type { UseRoleResult } from "../protocol/methods.ts";

/**
 * Credentials as AWS tools expect them of a `credential_process`.
 * Without the account: the SDK for .NET 3, which AWS Tools 4 carry, fails at a member that it does not know.
 */
export function processOutput(
  credentials: Pick<UseRoleResult, "accessKeyId" | "secretAccessKey" | "sessionToken" | "expiration">,
): string {
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = credentials;
  return `${JSON.stringify({
    Version: 1,
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    SessionToken: sessionToken,
    Expiration: expiration,
  })}\n`;
}
