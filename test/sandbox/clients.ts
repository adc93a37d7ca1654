import { STSClient, type STSClientConfig } from "@aws-sdk/client-sts";
import type { SandboxUrls } from "./sandbox.ts";

export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Access keys of the users in the default world. */
export const keysOf = {
  jo: { accessKeyId: "AKIAJOEXAMPLE0000001", secretAccessKey: "Jo/EXAMPLE+secret00000000000000000000001" },
  ann: { accessKeyId: "AKIAANNEXAMPLE000001", secretAccessKey: "Ann/EXAMPLE+secret0000000000000000000001" },
  annInactive: { accessKeyId: "AKIAANNEXAMPLE000002", secretAccessKey: "Ann/EXAMPLE+secret0000000000000000000002" },
  root: { accessKeyId: "AKIAROOTEXAMPLE00001", secretAccessKey: "Root/EXAMPLE+secret000000000000000000001" },
  wei: { accessKeyId: "AKIAWEIEXAMPLE000001", secretAccessKey: "Wei/EXAMPLE+secret0000000000000000000001" },
  sam: { accessKeyId: "AKIASAMEXAMPLE000001", secretAccessKey: "Sam/EXAMPLE+secret0000000000000000000001" },
  expired: {
    accessKeyId: "ASIAEXPIREDEXAMPLE01",
    secretAccessKey: "Expired/EXAMPLE+secret000000000000000001",
    sessionToken: "EXPIREDEXAMPLETOKEN//////////wEaCXVzLWVhc3QtMSJHMEUCIQDexample==",
  },
} satisfies Readonly<Record<string, Keys>>;

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
