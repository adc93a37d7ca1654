import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";
import { keysOf, stsClient } from "./clients.ts";
import { openSandbox } from "./open-sandbox.ts";

const sandbox = await openSandbox();

const identity = () => stsClient(sandbox, keysOf.jo).send(new GetCallerIdentityCommand({}));

// test/assume-role/sts/errors.test.ts covers the other faults.
describe("failNext", () => {
  it("delays a response", async () => {
    sandbox.failNext({ delayMs: 80 });
    const start = performance.now();
    await expect(identity()).resolves.toHaveProperty("Arn");
    expect(performance.now() - start).toBeGreaterThan(75);
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
