import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { build } from "../scripts/build.mjs";

const windows = process.platform === "win32";
const program = join(import.meta.dirname, "..", "module", "core", "role-credentials.cjs");
let home: string;
let store: string;

beforeAll(async () => {
  if (!existsSync(program)) await build();
});
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "role-credentials-"));
  store = join(home, ".aws", "role-credentials", "code");
  mkdirSync(join(home, ".aws"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function version(): string {
  const { stdout, stderr, status } = spawnSync(process.execPath, [program, "--version"], {
    env: { HOME: home, USERPROFILE: home },
    encoding: "utf8",
  });
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  return stdout;
}

/** The one file that a run left. */
function left(): string {
  const names = readdirSync(store);
  expect(names).toHaveLength(1);
  return join(store, names[0] ?? "");
}

describe("the bytecode of a command", () => {
  it("is left for the next run, closed to others, and used as it is", () => {
    const first = version();
    const { ino, mode } = statSync(left());
    if (!windows) expect([mode & 0o777, statSync(store).mode & 0o777]).toEqual([0o600, 0o700]);
    expect(version()).toBe(first);
    expect(statSync(left()).ino).toBe(ino);
  });

  it("is not kept where there is no ~/.aws", () => {
    rmSync(join(home, ".aws"), { recursive: true });
    version();
    expect(readdirSync(home)).toEqual([]);
  });

  it("is replaced when V8 cannot use it", () => {
    const good = version();
    writeFileSync(left(), "no bytecode");
    expect(version()).toBe(good);
    expect(readFileSync(left(), "latin1")).not.toBe("no bytecode");
  });

  it("goes when there is another version of it", () => {
    version();
    const mine = left();
    renameSync(mine, mine.replace(/[0-9a-f]{64}/, "0".repeat(64)));
    version();
    expect(left()).toBe(mine);
  });

  it("takes with it what a run that was killed had begun", () => {
    version();
    const mine = left();
    renameSync(mine, join(store, `.${basename(mine)}.4711`));
    version();
    expect(left()).toBe(mine);
  });

  it.skipIf(windows).each([0o644, 0o620, 0o602])("is not read with mode %o, but made anew", (mode) => {
    version();
    chmodSync(left(), mode);
    const { ino } = statSync(left());
    version();
    expect(statSync(left()).mode & 0o777).toBe(0o600);
    expect(statSync(left()).ino).not.toBe(ino);
  });

  it.skipIf(windows)("is neither read from nor left in a folder that others can write", () => {
    version();
    rmSync(left());
    chmodSync(store, 0o777);
    version();
    expect(readdirSync(store)).toEqual([]);
  });

  it.skipIf(windows)("follows no link", () => {
    version();
    const file = left();
    const elsewhere = join(home, "elsewhere.bin");
    renameSync(file, elsewhere);
    symlinkSync(elsewhere, file);
    version();
    expect(statSync(elsewhere).ino).not.toBe(statSync(left()).ino);
  });
});

describe.skipIf(windows)("the bytecode of PowerShell's core", () => {
  const names = () => (existsSync(store) ? readdirSync(store).filter((name) => !name.startsWith(".")) : []);

  /** Runs a core that nobody asks anything, until so many files are there. */
  async function rehearse(count: number): Promise<void> {
    const core = spawn(process.execPath, [program, "serve"], { env: {}, stdio: ["pipe", "ignore", "inherit"] });
    const context = { environment: { HOME: home }, workingDirectory: "/" };
    core.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id: 1, method: "core/rehearse", params: { context } })}\n`);
    const ended = new Promise((resolve) => core.on("exit", resolve));
    await expect.poll(() => names().length, { timeout: 20_000 }).toBe(count);
    core.stdin.end();
    await ended;
  }

  it("is left when it has rehearsed, beside that of a command", async () => {
    version();
    await rehearse(3);
    expect(names().map((name) => name.replace(/-v\d.*/, ""))).toEqual(
      expect.arrayContaining(["core.cjs-command", "core.cjs-serve", "assume-role.cjs-serve"]),
    );
    for (const name of names()) expect(statSync(join(store, name)).mode & 0o777).toBe(0o600);
    const before = names().map((name) => statSync(join(store, name)).ino);
    await rehearse(3);
    expect(names().map((name) => statSync(join(store, name)).ino)).toEqual(before);
  });
});
