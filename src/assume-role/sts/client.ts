/**
 * The only file that imports the STS client. The build puts it in a separate bundle, loaded when a role is not cached,
 * because the client is most of the core's code.
 */
import {
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
  AssumeRoleWithSAMLCommand,
  type AssumeRoleWithSAMLCommandInput,
  AssumeRoleWithWebIdentityCommand,
  type AssumeRoleWithWebIdentityCommandInput,
  GetCallerIdentityCommand,
  type GetCallerIdentityCommandOutput,
  GetSessionTokenCommand,
  type GetSessionTokenCommandInput,
  type ServiceInputTypes,
  type ServiceOutputTypes,
  STSClient,
} from "@aws-sdk/client-sts";
import type { FinalizeRequestMiddleware } from "@smithy/types";
import { serverTimeOf } from "../../network/clock-skew.ts";
import { type ClientOptions, clientSettings } from "./client-settings.ts";

/** The common output of the calls that return credentials. */
export interface StsSession {
  readonly Credentials?:
    | {
        AccessKeyId: string | undefined;
        SecretAccessKey: string | undefined;
        SessionToken: string | undefined;
        Expiration: Date | undefined;
      }
    | undefined;
  readonly AssumedRoleUser?: { AssumedRoleId: string | undefined; Arn: string | undefined } | undefined;
  readonly PackedPolicySize?: number | undefined;
  readonly SourceIdentity?: string | undefined;
}

export interface Sts {
  assumeRole(input: AssumeRoleCommandInput): Promise<StsSession>;
  assumeRoleWithWebIdentity(input: AssumeRoleWithWebIdentityCommandInput): Promise<StsSession>;
  assumeRoleWithSaml(input: AssumeRoleWithSAMLCommandInput): Promise<StsSession>;
  getSessionToken(input: GetSessionTokenCommandInput): Promise<StsSession>;
  getCallerIdentity(): Promise<GetCallerIdentityCommandOutput>;
  /** Milliseconds by which the server's clock is ahead of the local clock, from its last response. */
  clockOffset(): number;
}

interface Client {
  readonly options: ClientOptions;
  readonly sts: STSClient;
  /** Milliseconds by which its clock was ahead of the process's clock at creation. */
  readonly madeAhead: number;
  clockOffset: number;
}

// Keep a few clients: creating one can cost a third of a call. A thousand roles often share the same keys, while a chain uses
// different ones at each hop.
const maximumClients = 8;
const clients: Client[] = [];

/** Returns STS for one caller, and reuses the client of the last caller with the same configuration. */
export function createSts(options: ClientOptions): Sts {
  const client = clientFor(options);
  const abort = { abortSignal: options.signal };
  return {
    assumeRole: (input) => client.sts.send(new AssumeRoleCommand(input), abort),
    assumeRoleWithWebIdentity: (input) => client.sts.send(new AssumeRoleWithWebIdentityCommand(input), abort),
    assumeRoleWithSaml: (input) => client.sts.send(new AssumeRoleWithSAMLCommand(input), abort),
    getSessionToken: (input) => client.sts.send(new GetSessionTokenCommand(input), abort),
    getCallerIdentity: () => client.sts.send(new GetCallerIdentityCommand({}), abort),
    clockOffset: () => client.clockOffset,
  };
}

function clientFor(options: ClientOptions): Client {
  const at = clients.findIndex((client) => isFor(options, client));
  const [client = createClient(options)] = at < 0 ? [] : clients.splice(at, 1);
  // Most recently used first.
  clients.unshift(client);
  clients.length = Math.min(clients.length, maximumClients);
  return client;
}

function isFor(other: ClientOptions, client: Client): boolean {
  const one = client.options;
  return (
    one.url === other.url &&
    one.transport === other.transport &&
    one.signingRegion === other.signingRegion &&
    one.maxAttempts === other.maxAttempts &&
    one.retryMode === other.retryMode &&
    one.now === other.now &&
    // A different clock would produce a different signing time.
    Math.abs(client.madeAhead - aheadOf(other)) < 1000 &&
    one.credentials?.accessKeyId === other.credentials?.accessKeyId &&
    one.credentials?.secretAccessKey === other.credentials?.secretAccessKey &&
    one.credentials?.sessionToken === other.credentials?.sessionToken
  );
}

function aheadOf({ now }: ClientOptions): number {
  return now() - Date.now();
}

function createClient(options: ClientOptions): Client {
  const madeAhead = aheadOf(options);
  const sts = new STSClient({ ...clientSettings(options), systemClockOffset: madeAhead });
  const client: Client = { options, sts, madeAhead, clockOffset: 0 };
  // No logger, and no check for a recursive Lambda invocation.
  for (const name of ["loggerMiddleware", "recursionDetectionMiddleware"]) sts.middlewareStack.remove(name);
  // The client records the server's time only for signed calls.
  sts.middlewareStack.add(
    (next) => async (args) => {
      const output = await next(args);
      const { headers } = output.response as { headers?: Record<string, string> };
      const serverTime = serverTimeOf(headers);
      if (serverTime !== undefined) client.clockOffset = serverTime - options.now();
      return output;
    },
    { step: "deserialize", priority: "low", name: "noteServerTime" },
  );
  sts.middlewareStack.addRelativeTo(retryClockErrorsOnly(client), {
    relation: "after",
    toMiddleware: "retryMiddleware",
    name: "retryClockErrorsOnly",
  });
  return client;
}

/** The client's own threshold, in milliseconds: AWS tolerates five minutes. */
const retriedSkew = 240_000;

/**
 * With a clock that is minutes off, the client treats every rejection as a clock error and retries it. A retry does not help for
 * a denied role or a one-time code. But it helps after the clock was corrected since the last call, which the client does not retry.
 */
function retryClockErrorsOnly(client: Client): FinalizeRequestMiddleware<ServiceInputTypes, ServiceOutputTypes> {
  return (next) => (args) => {
    const offset = client.clockOffset;
    return next(args).catch((error: { name?: string; $metadata?: { clockSkewCorrected?: boolean } }) => {
      if (error.$metadata) {
        const isClockError = /Signature|Skewed|RequestExpired|InTheFuture/.test(error.name ?? "");
        const hasJumped = Math.abs(client.clockOffset - offset) >= retriedSkew;
        error.$metadata.clockSkewCorrected = isClockError && (error.$metadata.clockSkewCorrected === true || hasJumped);
      }
      throw error;
    });
  };
}
