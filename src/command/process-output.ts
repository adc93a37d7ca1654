import type { UseRoleResult } from "../protocol/role-messages.ts";

/**
 * Formats credentials for the `credential_process` of AWS tools. Omits the account: the SDK for .NET 3, which AWS Tools 4 includes, fails
 * on an unknown member.
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
