/** The settings of the AWS SDK's clients, in the bundle of each. */
import type { Agent as HttpsAgent } from "node:https";
import type { Readable } from "node:stream";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import type { Transport } from "../../network/transport.ts";
import type { Credentials } from "../../protocol/credentials.ts";

/** How to call AWS. The caller decides everything: the client reads no files and no variables. */
export interface ClientOptions {
  readonly url: string;
  readonly signingRegion: string;
  readonly transport: Transport;
  readonly maxAttempts: number;
  readonly retryMode: "standard" | "adaptive";
  readonly signal: AbortSignal;
  /** The signing clock; a server's response corrects it. */
  readonly now: () => number;
  /** Absent for unsigned calls. */
  readonly credentials?: Credentials;
}

/** Everything that a client would otherwise look for by itself. */
export function clientSettings({ url, signingRegion, transport, maxAttempts, retryMode, credentials }: ClientOptions) {
  const { agent, connectionTimeoutMs, requestTimeoutMs } = transport;
  return {
    region: signingRegion,
    endpoint: url,
    requestHandler: new NodeHttpHandler({
      // The client uses only the agent for the URL's scheme.
      httpAgent: agent,
      httpsAgent: agent as HttpsAgent,
      connectionTimeout: connectionTimeoutMs,
      requestTimeout: requestTimeoutMs,
      throwOnRequestTimeout: true,
    }),
    maxAttempts,
    retryMode,
    // Copy them, because the client records their origin on the object.
    credentials: { ...(credentials ?? { accessKeyId: "", secretAccessKey: "" }) },
    // Set these explicitly so that the client does not look for them in files and variables.
    defaultsMode: "standard" as const,
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    userAgentAppId: async () => undefined,
    disableClockSkewCorrection: false,
    authSchemePreference: ["sigv4"],
    sigv4aSigningRegionSet: [signingRegion],
    customUserAgent: [["role-credentials", VERSION]] as [string, string][],
    streamCollector: collectBounded,
  };
}

// STS's responses are a few kilobytes. A server that sends endlessly, or one byte a second, is not STS.
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
      () => fail(Object.assign(new Error("The response did not end."), { name: "TimeoutError" })),
      maximumBodyMs,
    );
    stream.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > maximumBodyBytes) fail(new SyntaxError("The response is larger than any response of STS."));
      else chunks.push(chunk);
    });
    stream.on("error", fail);
    stream.on("end", () => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks));
    });
  });
}
