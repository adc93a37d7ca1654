/**
 * The only file that imports the STS client. The build makes a bundle of its own of it, which is loaded when a role is
 * not cached: the client is most of the core's weight.
 */
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
import type { Credentials } from "./credentials.ts";
import type { Transport } from "./endpoints/transport.ts";

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

const handlers = new WeakMap<Transport, NodeHttpHandler>();

/** A client for one caller. Making one costs microseconds; the connections belong to the transport and stay. */
export function createSts(options: StsOptions): Sts {
  const client = new STSClient({
    region: options.signingRegion,
    endpoint: options.url,
    requestHandler: handlerOf(options.transport),
    maxAttempts: options.maxAttempts,
    retryMode: options.retryMode,
    // A copy, for the client notes on it where it came from.
    credentials: { ...(options.credentials ?? { accessKeyId: "", secretAccessKey: "" }) },
    // Said here so that the client looks for none of it in files and variables.
    defaultsMode: "standard",
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    userAgentAppId: async () => undefined,
    authSchemePreference: ["sigv4"],
    sigv4aSigningRegionSet: [options.signingRegion],
    customUserAgent: [["role-credentials", VERSION]],
    streamCollector: collectBounded,
    systemClockOffset: options.now() - Date.now(),
  });
  // The client itself notes the server's time of signed calls only.
  let clockOffset = 0;
  client.middlewareStack.add(
    (next) => async (args) => {
      const output = await next(args);
      const serverTime = dateOf(output.response);
      if (serverTime !== undefined) clockOffset = serverTime - options.now();
      return output;
    },
    { step: "deserialize", priority: "low", name: "noteServerTime" },
  );
  client.middlewareStack.addRelativeTo(refusalsAreFinal, {
    relation: "after",
    toMiddleware: "retryMiddleware",
    name: "refusalsAreFinal",
  });
  const abort = { abortSignal: options.signal };
  return {
    assumeRole: (input) => client.send(new AssumeRoleCommand(input), abort),
    assumeRoleWithWebIdentity: (input) => client.send(new AssumeRoleWithWebIdentityCommand(input), abort),
    getSessionToken: (input) => client.send(new GetSessionTokenCommand(input), abort),
    getCallerIdentity: () => client.send(new GetCallerIdentityCommand({}), abort),
    clockOffset: () => clockOffset,
  };
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

function handlerOf(transport: Transport): NodeHttpHandler {
  let handler = handlers.get(transport);
  if (!handler) {
    handler = new NodeHttpHandler({
      httpAgent: transport.httpAgent,
      httpsAgent: transport.httpsAgent,
      connectionTimeout: transport.connectionTimeoutMs,
      requestTimeout: transport.requestTimeoutMs,
      throwOnRequestTimeout: true,
    });
    handlers.set(transport, handler);
  }
  return handler;
}

// STS's answers have a few kilobytes. A server that sends without end, or a byte a second, is not STS.
const maximumBodyBytes = 1024 * 1024;
const maximumBodyMs = 20_000;

async function collectBounded(stream: Readable): Promise<Uint8Array> {
  const timer = setTimeout(() => {
    stream.destroy(Object.assign(new Error("The answer did not end."), { name: "TimeoutError" }));
  }, maximumBodyMs);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maximumBodyBytes) throw new SyntaxError("The answer is larger than any of STS's.");
      chunks.push(chunk);
    }
  } finally {
    clearTimeout(timer);
  }
  return Buffer.concat(chunks);
}
