import { describe, expect, it } from "vitest";
import type { Environment } from "../../src/protocol/context.ts";
import { maximumLineLength } from "../../src/protocol/envelope.ts";
import { RoleError } from "../../src/protocol/errors.ts";
import type { Handlers } from "../../src/server/handlers/handler.ts";
import { createServer } from "../../src/server/server.ts";

const context = { environment: { HOME: "/home/jo" }, workingDirectory: "/work" };

/** A server whose `profile/get` is the test's function, and its output. */
function open(get: Handlers["profile/get"], platform: NodeJS.Platform = "linux") {
  const lines: string[] = [];
  const handlers = { "core/ping": () => ({}), "profile/get": get } as unknown as Handlers;
  const server = createServer({ handlers, write: (line) => lines.push(line), platform, now: () => 0 });
  const ask = (id: number, params: object = { profileName: "a" }, method = "profile/get") =>
    server.feed(Buffer.from(`${JSON.stringify({ jsonrpc: "2.0", id, method, params: { context, ...params } })}\n`));
  const answers = () => lines.map((line) => JSON.parse(line));
  return { server, lines, ask, answers };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe(createServer.name, () => {
  it("writes the id first, by which the module identifies the request", async () => {
    const { lines, ask } = open(() => ({ name: "a", settings: {} }));
    ask(7);
    await settled();
    expect(lines[0]).toMatch(/^\{"jsonrpc":"2\.0","id":7,"result":/);
  });

  it("passes the caller's environment on as a map without a prototype", async () => {
    let seen: unknown;
    const { ask } = open((_, { environment }) => {
      seen = environment;
      return { name: "a", settings: {} };
    });
    ask(1);
    await settled();
    expect(Object.getPrototypeOf(seen)).toBeNull();
    expect({ ...(seen as object) }).toEqual({ HOME: "/home/jo" });
  });

  it.each([
    ["win32", { aws_profile: "prod", UserProfile: "C:\\Users\\jo", __proto__: null }, "prod", "C:\\Users\\jo"],
    ["linux", { aws_profile: "prod", UserProfile: "C:\\Users\\jo", __proto__: null }, undefined, undefined],
  ] as const)("compares variable names like %s", async (platform, variables, profile, home) => {
    let seen: Environment = {};
    const { ask } = open((_, { environment }) => {
      seen = environment;
      return { name: "a", settings: {} };
    }, platform);
    ask(1, { profileName: "a", context: { ...context, environment: variables } });
    await settled();
    expect([seen.AWS_PROFILE, seen.USERPROFILE]).toEqual([profile, home]);
  });

  it.each([
    ["byte by byte", (bytes: Buffer) => [...bytes].map((byte) => Buffer.from([byte]))],
    ["all at once", (bytes: Buffer) => [bytes]],
    [
      "split within a character",
      (bytes: Buffer) => [bytes.subarray(0, bytes.indexOf(0xc3) + 1), bytes.subarray(bytes.indexOf(0xc3) + 1)],
    ],
  ])("reads requests %s", async (_, cut) => {
    const { server, answers } = open(({ profileName }) => ({ name: profileName, settings: {} }));
    const line = (id: number) =>
      `${JSON.stringify({ jsonrpc: "2.0", id, method: "profile/get", params: { profileName: "ä", context } })}\n`;
    for (const part of cut(Buffer.from(line(1) + line(2)))) server.feed(part);
    await settled();
    expect(answers().map(({ id, result }) => [id, result.name])).toEqual([
      [1, "ä"],
      [2, "ä"],
    ]);
  });

  it("asks a caller that knows the system's proxy, and passes its answer on", async () => {
    const found: unknown[] = [];
    const { server, ask, answers } = open(async (_, { findSystemProxy }) => {
      found.push(await findSystemProxy?.("https://a.test/"));
      return { name: "a", settings: {} };
    });
    ask(1);
    await settled();
    ask(2, { profileName: "a", context: { ...context, answersQuestions: true } });
    const answer = { destination: "https://a.test/", proxy: "http://p:1" };
    server.feed(Buffer.from(`${JSON.stringify({ jsonrpc: "2.0", method: "$/proxy", params: answer })}\n`));
    await settled();
    expect(found).toEqual([undefined, "http://p:1"]);
    expect(answers().map(({ id, method }) => id ?? method)).toEqual([1, "$/findProxy", 2]);
  });

  it("asks a caller on Windows to create a file, and passes its error on", async () => {
    const results: unknown[] = [];
    const get: Handlers["profile/get"] = async (_, { createFileLike }) => {
      results.push(await createFileLike?.("C:\\new", "C:\\old").catch(({ code }) => code));
      return { name: "a", settings: {} };
    };
    const asking = { profileName: "a", context: { ...context, answersQuestions: true } };
    open(get).ask(1, asking);
    await settled();
    const { server, ask, answers } = open(get, "win32");
    for (const params of [{ path: "C:\\new" }, { path: "C:\\new", error: "EACCES" }]) {
      ask(2, asking);
      server.feed(Buffer.from(`${JSON.stringify({ jsonrpc: "2.0", method: "$/fileCreated", params })}\n`));
      await settled();
    }
    expect(results).toEqual([undefined, undefined, "EACCES"]);
    expect(answers()[0]).toMatchObject({ method: "$/createFile", params: { path: "C:\\new", original: "C:\\old" } });
  });

  it("responds in the order in which requests finish", async () => {
    const release: (() => void)[] = [];
    const { ask, answers } = open(async ({ profileName }) => {
      if (profileName === "slow") await new Promise<void>((resolve) => release.push(resolve));
      return { name: profileName, settings: {} };
    });
    ask(1, { profileName: "slow" });
    ask(2, { profileName: "quick" });
    await settled();
    release[0]?.();
    await settled();
    expect(answers().map(({ id }) => id)).toEqual([2, 1]);
  });

  it("reports an error with its id, category, target, action and notes", async () => {
    const { ask, answers } = open((_, { say }) => {
      say("looked for it");
      throw new RoleError("ProfileNotFound", "There is no profile 'a'.", { target: "a", action: "Store it." });
    });
    ask(1);
    await settled();
    expect(answers()[0]).toMatchObject({
      error: { data: { id: "ProfileNotFound", category: "ObjectNotFound", target: "a", action: "Store it." } },
      notes: ["looked for it"],
    });
  });

  it("escapes control and bidirectional characters of an error", async () => {
    const evil = "a\u001b[2J\u202eb\u0007\n";
    const { lines, ask } = open(() => {
      throw new RoleError("ProfileNotFound", `There is no ${evil}`, { target: evil, action: evil, hop: evil });
    });
    ask(1);
    await settled();
    const texts = JSON.stringify(JSON.parse(lines[0] ?? ""));
    expect(texts).toContain("\\\\u001b");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the text must not contain these characters
    expect(JSON.parse(lines[0] ?? "").error.data.target).not.toMatch(/[\u0000-\u001f\u202e]/);
  });

  it("reports any other error as InternalError", async () => {
    const { ask, answers } = open(() => {
      throw new TypeError("x is not a function");
    });
    ask(1);
    await settled();
    expect(answers()[0].error.data.id).toBe("InternalError");
  });

  it.each([
    ["no JSON", "hello"],
    ["an array", "[]"],
    ["another version", '{"jsonrpc":"1.0","id":1,"method":"core/ping","params":{}}'],
    ["no id", '{"jsonrpc":"2.0","method":"core/ping","params":{}}'],
    ["no parameters", '{"jsonrpc":"2.0","id":1,"method":"core/ping"}'],
  ])("refuses %s and continues", async (_, line) => {
    const { server, ask, answers } = open(() => ({ name: "a", settings: {} }));
    server.feed(Buffer.from(`${line}\n`));
    ask(2);
    await settled();
    expect(answers()[0].error.data.id).toBe("RequestInvalid");
    expect(answers()[1].result).toBeDefined();
  });

  it.each(["constructor", "__proto__", "toString", "nothing"])("refuses the method %s", async (method) => {
    const { ask, answers } = open(() => ({ name: "a", settings: {} }));
    ask(1, {}, method);
    await settled();
    expect(answers()[0].error.data.id).toBe("RequestInvalid");
  });

  it("refuses an overlong line and continues with the next", async () => {
    const { server, ask, answers } = open(() => ({ name: "a", settings: {} }));
    const part = Buffer.alloc(1024 * 1024, 0x20);
    for (let size = 0; size <= maximumLineLength; size += part.length) server.feed(part);
    server.feed(Buffer.from("\n"));
    ask(1);
    await settled();
    expect(answers()[0].error.data.id).toBe("RequestInvalid");
    expect(answers()[1].id).toBe(1);
  });

  it("aborts a canceled request and does not answer it", async () => {
    let aborted = false;
    const { server, ask, lines } = open(async (_, { signal }) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      aborted = true;
      return { name: "a", settings: {} };
    });
    ask(1);
    server.feed(Buffer.from('{"jsonrpc":"2.0","method":"$/cancel","params":{"id":1}}\n'));
    await settled();
    expect(aborted).toBe(true);
    expect(lines).toEqual([]);
    expect(server.pending()).toBe(0);
  });

  it("aborts all requests when it closes", async () => {
    const signals: AbortSignal[] = [];
    const { server, ask } = open(async (_, { signal }) => {
      signals.push(signal);
      await new Promise(() => {});
      return { name: "a", settings: {} };
    });
    ask(1);
    ask(2);
    server.close();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
  });
});
