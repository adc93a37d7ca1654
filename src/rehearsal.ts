/**
 * What a core does while nobody asks: it answers requests of its own, so that what a person's first request needs is loaded and compiled.
 * They go the way of all requests, but nobody is called, and nothing is written.
 */
import type { Agent } from "node:http";
import type { Duplex } from "node:stream";
import { lastProvider } from "./assume-role/chain.ts";
import type { ResolutionContext } from "./assume-role/hop-provider.ts";
import { planRequest } from "./assume-role/use-role.ts";
import type { CredentialCache } from "./cache/cache-request.ts";
import { createCredentialCache } from "./cache/credential-cache.ts";
import type { Context } from "./protocol/context.ts";
import type { UseRoleParams } from "./protocol/methods.ts";
import type { Core } from "./server/core.ts";
import { createHandlers } from "./server/handlers.ts";
import { createServer } from "./server/server.ts";
import { requestsLeft } from "./shortcut.ts";

/** Resolves when nobody else is served. */
export type Turn = () => Promise<void>;

/** V8 compiles a function when it is called first, and notes from the eighth time on what comes by. */
const rounds = 12;

/** Uses the roles that earlier sessions asked for first, as far as they are cached. */
export async function rehearseRoles(core: Core, context: Context, turn: Turn): Promise<void> {
  const known = core.cache(context);
  const cache: CredentialCache = {
    ...known,
    async obtain(request, options) {
      const entry = known.lookup(request, options.context);
      if (!entry) throw new Error("It is over meanwhile.");
      return entry;
    },
  };
  const use = rehearsed(core, { cache }, context, turn);
  await turn();
  const roles = requestsLeft(context.environment).filter((params) => isCached(params, core, context));
  for (let round = 0; round < rounds; round++) for (const params of roles) await use(params);
}

function isCached(params: UseRoleParams, core: Core, context: Context): boolean {
  try {
    const resolution = core.resolution(params, context);
    const { request } = lastProvider(planRequest(params, resolution, context), resolution, context);
    return request !== undefined && resolution.cache.lookup(request, context) !== undefined;
  } catch {
    // What is wrong with it is told to whoever asks.
    return false;
  }
}

/** Assumes a role of an STS in this process. Said to be where the default profile's is: the way there is made ready, and not gone. */
export async function rehearseSts(core: Core, context: Context, turn: Turn): Promise<void> {
  await turn();
  const sts = await import("./assume-role/sts/client.ts");
  await turn();
  const agents = { "http:": await answeringAgent("http:"), "https:": await answeringAgent("https:") };
  let isSecure = false;
  const createSts: typeof sts.createSts = (options) => {
    isSecure ||= options.url.startsWith("https:");
    const agent = agents[isSecure ? "https:" : "http:"];
    return sts.createSts({ ...options, transport: { ...options.transport, agent } });
  };
  // Of memory alone.
  const cache = createCredentialCache({});
  const use = rehearsed(core, { cache, loadSts: async () => ({ ...sts, createSts }) }, context, turn);
  const credentials = { accessKeyId: "AKIAREHEARSAL", secretAccessKey: "rehearsal" };
  for (let round = 0; round < rounds; round++) {
    const roleArn = `arn:aws:iam::000000000000:role/rehearsal${round}`;
    await use({ roleArn, roleSessionName: "rehearsal", region: "us-east-1", credentials });
  }
  if (!isSecure) return;
  await turn();
  // The first one reads all of Node's certificates.
  (await import("node:tls")).createSecureContext();
}

/** Asks a core that is like this one but for its journeys, and forgets what it answers. */
function rehearsed(core: Core, differing: Partial<ResolutionContext>, context: Context, turn: Turn) {
  const silent: Core = {
    ...core,
    history: { note() {}, flush: async () => {}, startAnew() {} },
    resolution: (params, during) => ({ ...core.resolution(params, during), ...differing }),
  };
  let answered = () => {};
  const { platform, now, environment, workingDirectory } = context;
  const server = createServer({ handlers: createHandlers(silent), write: () => answered(), platform, now });
  return async (params: UseRoleParams) => {
    await turn();
    const request = {
      jsonrpc: "2.0",
      id: 1,
      method: "role/use",
      params: { context: { environment, workingDirectory }, ...params },
    };
    await new Promise<void>((resolve) => {
      answered = resolve;
      server.feed(Buffer.from(`${JSON.stringify(request)}\n`));
    });
  };
}

const body = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><AssumedRoleUser><AssumedRoleId>AROAREHEARSAL:rehearsal</AssumedRoleId><Arn>arn:aws:sts::000000000000:assumed-role/rehearsal/rehearsal</Arn></AssumedRoleUser><Credentials><AccessKeyId>A</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2100-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`;
const response = `HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`;

/** Whatever is asked of it, it answers without a network. */
async function answeringAgent(protocol: "http:" | "https:"): Promise<Agent> {
  const [http, stream] = await Promise.all([import("node:http"), import("node:stream")]);
  const createConnection = (): Duplex => {
    let isAnswered = false;
    return new stream.Duplex({
      read() {},
      write(_chunk, _encoding, done) {
        if (!isAnswered) this.push(response);
        isAnswered = true;
        done();
      },
    });
  };
  return Object.assign(new http.Agent(), { protocol, createConnection });
}
