import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { keysOf, stsClient } from "./clients.ts";
import type { Fault } from "./http/faults.ts";
import { type Sandbox, startSandbox } from "./sandbox.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterEach(() => {
  sandbox.clearFaults();
  sandbox.clearCalls();
});
afterAll(() => sandbox.close());

const identity = (signal?: AbortSignal) =>
  stsClient(sandbox, keysOf.jo).send(new GetCallerIdentityCommand({}), signal ? { abortSignal: signal } : {});

describe("failNext", () => {
  it.each<[string, Fault, object]>([
    ["throttles", { code: "Throttling", message: "Rate exceeded" }, { Code: "Throttling" }],
    ["breaks", { code: "InternalFailure", status: 500 }, { $metadata: { httpStatusCode: 500 } }],
    ["closes the connection before the response", { cut: "beforeResponse" }, { code: "ECONNRESET" }],
    ["closes the connection in the middle of the body", { cut: "midBody" }, {}],
    ["sends the given status, headers and body", { body: "<a>", status: 200 }, {}],
  ])("%s, once", async (_, fault, error) => {
    sandbox.failNext(fault);
    await expect(identity()).rejects.toMatchObject(error);
    await expect(identity()).resolves.toHaveProperty("Arn");
  });

  it("hits matching calls only, and as many times as requested", async () => {
    sandbox.failNext({ service: "sts", action: "AssumeRole", code: "Throttling" });
    sandbox.failNext({ action: "GetCallerIdentity", code: "Throttling", times: 2 });
    await expect(identity()).rejects.toMatchObject({ Code: "Throttling" });
    await expect(identity()).rejects.toMatchObject({ Code: "Throttling" });
    await expect(identity()).resolves.toHaveProperty("Arn");
  });

  it("delays a response", async () => {
    sandbox.failNext({ delayMs: 80 });
    const start = performance.now();
    await expect(identity()).resolves.toHaveProperty("Arn");
    expect(performance.now() - start).toBeGreaterThan(75);
  });

  it.each<[string, Fault]>([
    ["never answers", { hang: true }],
    ["sends one byte per second", { bytesPerSecond: 1 }],
  ])("%s", async (_, fault) => {
    sandbox.failNext(fault);
    await expect(identity(AbortSignal.timeout(200))).rejects.toThrow();
  });

  it("sends a body of the requested size, and redirects", async () => {
    sandbox.failNext({ bodyBytes: 5_000_000 });
    expect((await (await fetch(sandbox.urls.sts)).arrayBuffer()).byteLength).toBe(5_000_000);
    sandbox.failNext({ status: 307, headers: { Location: "http://127.0.0.1:9/" } });
    const response = await fetch(sandbox.urls.sts, { redirect: "manual" });
    expect([response.status, response.headers.get("location")]).toEqual([307, "http://127.0.0.1:9/"]);
  });
});

describe("setLatency", () => {
  it("delays every call, and the delays overlap", async () => {
    sandbox.setLatency(1000);
    const start = performance.now();
    await Promise.all(Array.from({ length: 10 }, () => identity()));
    const elapsed = performance.now() - start;
    expect(elapsed).toBeGreaterThan(990);
    // Sequential calls would take 10 s.
    expect(elapsed).toBeLessThan(8000);
  });
});

describe("calls", () => {
  it("show whether a connection was reused", async () => {
    const client = stsClient(sandbox, keysOf.jo);
    await client.send(new GetCallerIdentityCommand({}));
    await client.send(new GetCallerIdentityCommand({}));
    await identity();
    const [first, second, third] = sandbox.calls.map(({ connection }) => connection);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });
});
