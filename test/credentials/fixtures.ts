import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createRawServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect } from "vitest";
import type { Settings } from "../../src/profiles/settings.ts";
import type { Profile } from "../../src/profiles/shared-config.ts";
import type { Context, Environment } from "../../src/protocol/context.ts";
import { type ErrorCode, RoleError } from "../../src/protocol/errors.ts";

/** Noon of the day on which these tests take place. */
export const noon = Date.parse("2030-06-01T12:00:00Z");

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "role-credentials-"));
  // On Windows, a file stays in its folder while this process has it open, so the retries must not block it.
  cleanups.push(() => rm(directory, { recursive: true, force: true, maxRetries: 20 }));
  return directory;
}

export interface TestContext extends Context {
  readonly said: string[];
}

export function contextOf(environment: Environment = {}, more: Partial<Context> = {}): TestContext {
  const said: string[] = [];
  return {
    environment,
    workingDirectory: tmpdir(),
    platform: process.platform,
    now: () => noon,
    signal: new AbortController().signal,
    say: (line) => said.push(line),
    said,
    ...more,
  };
}

export function profileOf(settings: Settings, name = "prod"): Profile {
  return { name, settings };
}

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export type Answer = { readonly status?: number; readonly headers?: Record<string, string>; readonly body?: string };

/** A loopback server that responds by a function, and records its requests. */
export async function serve(
  answer: (request: Received, response: ServerResponse) => Answer | undefined,
): Promise<{ url: string; host: string; received: Received[] }> {
  const received: Received[] = [];
  const server = createServer(async (incoming, response) => {
    let body = "";
    for await (const chunk of incoming) body += chunk;
    const request = { method: incoming.method ?? "", path: incoming.url ?? "", headers: incoming.headers, body };
    received.push(request);
    // Its clock is right unless the response overrides it.
    response.setHeader("Date", new Date(noon).toUTCString());
    const answered = answer(request, response);
    // Undefined means no response.
    if (answered) response.writeHead(answered.status ?? 200, answered.headers).end(answered.body ?? "");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanups.push(() => {
    server.close();
    server.closeAllConnections();
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url: `http://${host}`, host, received };
}

/** A loopback server below HTTP. */
export async function serveRaw(onConnection: (socket: Socket) => void): Promise<{ url: string; host: string }> {
  const sockets = new Set<Socket>();
  const server = createRawServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    onConnection(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanups.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url: `http://${host}`, host };
}

/** A loopback port without a listener. */
export async function closedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Returns the RoleError with which the work rejects, and fails otherwise. */
export async function errorOf(work: () => unknown): Promise<RoleError> {
  const error: unknown = await new Promise((resolve) => {
    try {
      Promise.resolve(work()).then(() => resolve(undefined), resolve);
    } catch (thrown) {
      resolve(thrown);
    }
  });
  expect(error).toBeInstanceOf(RoleError);
  return error as RoleError;
}

export async function codeOf(work: () => unknown): Promise<ErrorCode> {
  return (await errorOf(work)).code;
}

/** Everything in an error that a user can see. */
export function textsOf(error: RoleError): string {
  const { cause, ...details } = error.details;
  return [error.message, JSON.stringify(details), error.stack, cause instanceof Error ? cause.stack : cause].join("\n");
}
