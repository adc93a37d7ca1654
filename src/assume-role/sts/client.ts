/**
 * The only file that imports the STS client. The build makes a bundle of its own of it, which is loaded when a role is
 * not cached: the client is most of the core's weight.
 */
import type { Agent as HttpsAgent } from "node:https";
import type { Readable } from "node:stream";
import {
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
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
import { NodeHttpHandler } from "@smithy/node-http-handler";
import type { FinalizeRequestMiddleware } from "@smithy/types";
import type { Transport } from "../../network/transport.ts";
import type { Credentials } from "../../protocol/credentials.ts";

/** Where and how to call STS. Everything is decided by the caller: the client reads no file and no variable. */
export interface StsOptions {
  readonly url: string;
  readonly signingRegion: string;
  readonly transport: Transport;
  readonly maxAttempts: number;
  readonly retryMode: "standard" | "adaptive";
  readonly signal: AbortSignal;
  /** The clock that signs; a server that knows better corrects it. */
  readonly now: () => number;
  /** Absent for the calls that are not signed. */
  readonly credentials?: Credentials;
}

/** What the three calls that give credentials have in common. */
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
  getSessionToken(input: GetSessionTokenCommandInput): Promise<StsSession>;
  getCallerIdentity(): Promise<GetCallerIdentityCommandOutput>;
  /** Milliseconds by which the server's clock is ahead of this machine's, as its last answer said. */
  clockOffset(): number;
}

interface Client {
  readonly options: StsOptions;
  readonly sts: STSClient;
  /** What its clock was ahead of the process's when it was made, in milliseconds. */
  readonly madeAhead: number;
  clockOffset: number;
}

// Making a client and forgetting it costs as much as a third of a call. Who asks a thousand roles asks with the same keys; a chain has
// other ones at each hop.
const maximumClients = 8;
const clients: Client[] = [];

/** STS for one caller. The client is the one that served the last caller for whom the same applied. */
export function createSts(options: StsOptions): Sts {
  const client = clientFor(options);
  const abort = { abortSignal: options.signal };
  return {
    assumeRole: (input) => client.sts.send(new AssumeRoleCommand(input), abort),
    assumeRoleWithWebIdentity: (input) => client.sts.send(new AssumeRoleWithWebIdentityCommand(input), abort),
    getSessionToken: (input) => client.sts.send(new GetSessionTokenCommand(input), abort),
    getCallerIdentity: () => client.sts.send(new GetCallerIdentityCommand({}), abort),
    clockOffset: () => client.clockOffset,
  };
}

function clientFor(options: StsOptions): Client {
  const at = clients.findIndex((client) => isFor(options, client));
  const [client = createClient(options)] = at < 0 ? [] : clients.splice(at, 1);
  // The one used last stands first.
  clients.unshift(client);
  clients.length = Math.min(clients.length, maximumClients);
  return client;
}

function isFor(other: StsOptions, client: Client): boolean {
  const one = client.options;
  return (
    one.url === other.url &&
    one.transport === other.transport &&
    one.signingRegion === other.signingRegion &&
    one.maxAttempts === other.maxAttempts &&
    one.retryMode === other.retryMode &&
    one.now === other.now &&
    // By another clock the signature would have another time.
    Math.abs(client.madeAhead - aheadOf(other)) < 1000 &&
    one.credentials?.accessKeyId === other.credentials?.accessKeyId &&
    one.credentials?.secretAccessKey === other.credentials?.secretAccessKey &&
    one.credentials?.sessionToken === other.credentials?.sessionToken
  );
}

function aheadOf({ now }: StsOptions): number {
  return now() - Date.now();
}

function createClient(options: StsOptions): Client {
  const { agent, connectionTimeoutMs, requestTimeoutMs } = options.transport;
  const madeAhead = aheadOf(options);
  const sts = new STSClient({
    region: options.signingRegion,
    endpoint: options.url,
    requestHandler: new NodeHttpHandler({
      // Of the two only the one for the URL's scheme is asked.
      httpAgent: agent,
      httpsAgent: agent as HttpsAgent,
      connectionTimeout: connectionTimeoutMs,
      requestTimeout: requestTimeoutMs,
      throwOnRequestTimeout: true,
    }),
    maxAttempts: options.maxAttempts,
    retryMode: options.retryMode,
    // A copy, for the client notes on it where it came from.
    credentials: { ...(options.credentials ?? { accessKeyId: "", secretAccessKey: "" }) },
    // Said here so that the client looks for none of it in files and variables.
    defaultsMode: "standard",
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    userAgentAppId: async () => undefined,
    disableClockSkewCorrection: false,
    authSchemePreference: ["sigv4"],
    sigv4aSigningRegionSet: [options.signingRegion],
    customUserAgent: [["role-credentials", VERSION]],
    streamCollector: collectBounded,
    systemClockOffset: madeAhead,
  });
  const client: Client = { options, sts, madeAhead, clockOffset: 0 };
  // Neither is there a logger, nor is this a Lambda function that might call itself.
  for (const name of ["loggerMiddleware", "recursionDetectionMiddleware"]) sts.middlewareStack.remove(name);
  // The client itself notes the server's time of signed calls only.
  sts.middlewareStack.add(
    (next) => async (args) => {
      const output = await next(args);
      const serverTime = dateOf(output.response);
      if (serverTime !== undefined) client.clockOffset = serverTime - options.now();
      return output;
    },
    { step: "deserialize", priority: "low", name: "noteServerTime" },
  );
  sts.middlewareStack.addRelativeTo(refusalsAreFinal, {
    relation: "after",
    toMiddleware: "retryMiddleware",
    name: "refusalsAreFinal",
  });
  return client;
}

/**
 * On a machine whose clock is some minutes off, the client takes every refusal for one that a corrected clock would
 * avert, and asks again; a denied role, or a code that works once, stays what it is.
 */
const refusalsAreFinal: FinalizeRequestMiddleware<ServiceInputTypes, ServiceOutputTypes> = (next) => (args) =>
  next(args).catch((error: { name?: string; $metadata?: { clockSkewCorrected?: boolean } }) => {
    if (error.$metadata?.clockSkewCorrected && !/Signature|Skewed|RequestExpired|InTheFuture/.test(error.name ?? "")) {
      error.$metadata.clockSkewCorrected = false;
    }
    throw error;
  });

function dateOf(response: unknown): number | undefined {
  const { headers } = response as { headers?: Record<string, string> };
  const time = Date.parse(headers?.date ?? "");
  return Number.isNaN(time) ? undefined : time;
}

// STS's answers have a few kilobytes. A server that sends without end, or a byte a second, is not STS.
const maximumBodyBytes = 1024 * 1024;
const maximumBodyMs = 20_000;

function collectBounded(stream: Readable): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const fail = (error: Error) => {
      clearTimeout(timer);
      stream.destroy();
      reject(error);
    };
    const timer = setTimeout(
      () => fail(Object.assign(new Error("The answer did not end."), { name: "TimeoutError" })),
      maximumBodyMs,
    );
    stream.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > maximumBodyBytes) fail(new SyntaxError("The answer is larger than any of STS's."));
      else chunks.push(chunk);
    });
    stream.on("error", fail);
    stream.on("end", () => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks));
    });
  });
}
