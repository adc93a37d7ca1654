import { STSClient, type STSClientConfig } from "@aws-sdk/client-sts";
import type { SandboxUrls } from "./sandbox.ts";
import type { Keys } from "./world.ts";

export { type Keys, keysOf } from "./world.ts";

/** AWS's own client, with the sandbox as its endpoint and retries off. */
export function stsClient(
  sandbox: { readonly urls: Pick<SandboxUrls, "sts"> },
  keys: Keys,
  more: STSClientConfig = {},
): STSClient {
  const base = { endpoint: sandbox.urls.sts, region: "eu-west-1", maxAttempts: 1 };
  return new STSClient({ ...base, credentials: { ...keys }, ...more });
}

/** The credentials in an STS response. */
export function keysIn(answer: {
  readonly Credentials?:
    | {
        readonly AccessKeyId: string | undefined;
        readonly SecretAccessKey: string | undefined;
        readonly SessionToken: string | undefined;
      }
    | undefined;
}): Required<Keys> {
  const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = answer.Credentials ?? {};
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
}

/** The ARN of a role in the default world, in the production account by default. */
export function roleArn(name: string, account = "123456789012"): string {
  return `arn:aws:iam::${account}:role/${name}`;
}
