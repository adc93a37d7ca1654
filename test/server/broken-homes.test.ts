import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { build } from "../../scripts/build.mjs";
import { root } from "../../scripts/project.mjs";
import { cliFileName } from "../../src/cache/cache-key.ts";
import { keysOf, roleArn } from "../sandbox/clients.ts";
import { type Sandbox, startSandbox } from "../sandbox/sandbox.ts";

const windows = process.platform === "win32";
const isRoot = process.geteuid?.() === 0;
/** Root has every permission, so the core runs as another user. */
const nobody = isRoot ? { uid: 65_534, gid: 65_534 } : {};

let sandbox: Sandbox;
let scratch = "";
let program: string;

beforeAll(async () => {
  if (!existsSync(join(root, "module", "core", "role-credentials.cjs"))) await build();
  sandbox = await startSandbox();
  scratch = mkdtempSync(join(tmpdir(), "role-credentials-"));
  chmodSync(scratch, 0o755);
  const core = join(scratch, "core");
  cpSync(join(root, "module", "core"), core, { recursive: true });
  if (!windows) execFileSync("chmod", ["-R", "a+rX", core]);
  program = join(core, "role-credentials.cjs");
});
afterAll(async () => {
  await sandbox?.close();
  if (!scratch) return;
  if (!windows) execFileSync("chmod", ["-R", "u+rwX", scratch]);
  rmSync(scratch, { recursive: true, force: true });
});

/** A home with one profile, `base`, that has keys. */
function makeHome(): string {
  const home = mkdtempSync(join(scratch, "home-"));
  mkdirSync(join(home, ".aws"), { mode: 0o700 });
  const { accessKeyId, secretAccessKey } = keysOf.jo;
  const keys = `[base]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`;
  writeFileSync(join(home, ".aws", "credentials"), keys, { mode: 0o600 });
  return home;
}

function giveAway(path: string): void {
  if (isRoot) execFileSync("chown", ["-hR", "65534:65534", path]);
}

/** A core that answers requests line by line. */
class Core {
  readonly child: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #asked = 0;

  constructor(user: { uid?: number; gid?: number } = nobody, environment: Record<string, string> = {}) {
    this.child = spawn(process.execPath, [program, "serve"], {
      ...user,
      cwd: "/",
      env: environment,
      stdio: ["pipe", "pipe", "inherit"],
    });
    createInterface({ input: this.child.stdout as NodeJS.ReadableStream }).on("line", (line) => {
      const answer = JSON.parse(line) as Answer & { id: number };
      this.#waiting.get(answer.id)?.(answer);
    });
  }

  ask(method: string, params: object, environment: Record<string, string>): Promise<Answer> {
    const id = ++this.#asked;
    const context = {
      environment: { AWS_REGION: "eu-west-1", ...sandbox.environment, ...environment },
      workingDirectory: "/",
    };
    this.child.stdin?.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params: { ...params, context } })}\n`);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, resolve);
      this.child.once("exit", (code) => reject(new Error(`The core exited with ${code}.`))).setMaxListeners(0);
    });
  }

  /** Ends the core as PowerShell does. Returns its exit code. */
  end(): Promise<number | null> {
    this.child.stdin?.end();
    return new Promise((resolve) => this.child.once("exit", resolve));
  }
}

interface Answer {
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string; readonly data?: { readonly id?: string } };
}

const admin = roleArn("Admin");
const entry = cliFileName({ RoleArn: admin });
/** Every folder of the module, and those shared with the AWS CLI. */
const folders = ["role-credentials", "role-credentials/cache", "role-credentials/code", "cli", "cli/cache"];
const files = ["role-credentials/settings.ini", "role-credentials/settings.ini.lock", `cli/cache/${entry}`];

type Obstacle = readonly [what: string, make: (path: string) => void];

// Windows has neither modes nor pipes, and its links need a privilege.
const posixObstacles: readonly Obstacle[] = [
  ["a closed folder", (path) => mkdirSync(path, { mode: 0o000 })],
  ["a read-only folder", (path) => mkdirSync(path, { mode: 0o500 })],
  ["a link to nowhere", (path) => symlinkSync("/nowhere/at/all", path)],
  ["a link to itself", (path) => symlinkSync(path, path)],
  ["a link to a full disk", (path) => symlinkSync("/dev/full", path)],
  ["a pipe", (path) => execFileSync("mkfifo", [path])],
];
const obstacles: readonly Obstacle[] = [
  ["a file", (path) => writeFileSync(path, "not what it should be")],
  ...(windows ? [] : posixObstacles),
];

describe("a cache or history that cannot be written is skipped without an error", () => {
  it.each(obstacles)("by the core, if %s is in the place of a file or folder", async (what, make) => {
    const core = new Core();
    const homes = [...folders, ...files].map((name) => {
      const home = makeHome();
      const path = join(home, ".aws", name);
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      giveAway(home);
      make(path);
      if (isRoot) execFileSync("chown", ["-h", what.includes("folder") ? "0:0" : "65534:65534", path]);
      return { name, home };
    });
    const asked = homes.map(async ({ name, home }) => {
      const kinds = [{}, { sourceIdentity: "jo" }].map(async (more) => {
        const answer = await core.ask("role/use", { profileName: "base", roleArn: admin, ...more }, { HOME: home });
        return answer.error?.message ?? typeof answer.result?.accessKeyId;
      });
      return [name, ...(await Promise.all(kinds))];
    });
    expect(await Promise.all(asked)).toEqual(homes.map(({ name }) => [name, "string", "string"]));
    expect(await core.end()).toBe(0);
  });

  it.each(obstacles)("by the command, if %s is in the place of a folder", async (_, make) => {
    for (const name of ["role-credentials", "cli"]) {
      const home = makeHome();
      make(join(home, ".aws", name));
      giveAway(home);
      const answer = await command(["credential-process", "--profile", "base", "--role-arn", admin], { HOME: home });
      expect(answer).toEqual({ code: 0, errors: "" });
    }
  });
});

async function command(args: readonly string[], environment: Record<string, string>, user: object = nobody) {
  const child = spawn(process.execPath, [program, ...args], {
    ...user,
    cwd: "/",
    env: { AWS_REGION: "eu-west-1", ...sandbox.environment, ...environment },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const [errors, [code]] = await Promise.all([text(child.stderr), once(child, "close")]);
  return { code, errors };
}

describe.skipIf(windows)("an unusable home", () => {
  const keys = {
    AWS_ACCESS_KEY_ID: keysOf.jo.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keysOf.jo.secretAccessKey,
  };

  it.skipIf(process.platform !== "linux").each(["/proc", "/proc/self", "/dev/null", "/sys"])(
    "such as %s stores nothing",
    async (HOME) => {
      const ended = await command(["credential-process", "--role-arn", admin], { HOME, ...keys });
      expect(ended).toEqual({ code: 0, errors: "" });
    },
  );

  // Only root can become a user without a passwd entry.
  describe.runIf(isRoot)("of a user without an entry", () => {
    const stranger = { uid: 54_321, gid: 54_321 };

    it("does not matter if the environment has keys", async () => {
      const ended = await command(["credential-process", "--role-arn", admin], keys, stranger);
      expect(ended).toEqual({ code: 0, errors: "" });
    });

    it("does not matter if variables name both files", async () => {
      const home = makeHome();
      execFileSync("chmod", ["-R", "a+rX", home]);
      const AWS_SHARED_CREDENTIALS_FILE = join(home, ".aws", "credentials");
      const args = ["credential-process", "--profile", "base", "--role-arn", admin];
      for (const AWS_CONFIG_FILE of [join(home, ".aws", "config"), "/dev/null"]) {
        const ended = await command(args, { AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE }, stranger);
        expect(ended).toEqual({ code: 0, errors: "" });
      }
    });

    it("is an error when a profile is stored", async () => {
      const core = new Core(stranger);
      const params = { profileName: "x", settings: { region: "eu-west-1" } };
      const answer = await core.ask("profile/store", params, {});
      expect(answer.error?.message).toContain("no home directory");
      expect((await core.ask("profile/list", {}, {})).result).toEqual({ profiles: [] });
      expect(await core.end()).toBe(0);
    });
  });
});

describe.runIf(isRoot && process.platform === "linux")("root in another user's home", () => {
  it.each([
    ["with ~/.aws", true],
    ["without ~/.aws", false],
  ])("%s leaves no file that belongs to root", async (_, hasFolder) => {
    const home = makeHome();
    if (!hasFolder) rmSync(join(home, ".aws"), { recursive: true });
    giveAway(home);
    const root = new Core({});
    const settings = {
      accessKeyId: keysOf.jo.accessKeyId,
      secretAccessKey: keysOf.jo.secretAccessKey,
      region: "eu-west-1",
    };
    await root.ask("profile/store", { profileName: "new", settings }, { HOME: home });
    const use = { profileName: "new", roleArn: admin };
    const first = await root.ask("role/use", use, { HOME: home });
    await root.ask("role/use", { ...use, sourceIdentity: "jo" }, { HOME: home });
    await root.ask("history/list", {}, { HOME: home });
    expect(await root.end()).toBe(0);
    const found = readdirSync(join(home, ".aws"), { recursive: true, encoding: "utf8" });
    const ofRoot = found.filter((name) => lstatSync(join(home, ".aws", name)).uid === 0);
    expect(ofRoot).toEqual([]);
    expect(found).toEqual(
      expect.arrayContaining(["config", "credentials", `cli/cache/${entry}`, "role-credentials/settings.ini"]),
    );
    sandbox.clearCalls();
    const user = new Core();
    expect((await user.ask("role/use", use, { HOME: home })).result).toMatchObject({
      accessKeyId: first.result?.accessKeyId,
    });
    expect((await user.ask("history/list", {}, { HOME: home })).result).toMatchObject({ roles: [{ roleArn: admin }] });
    expect(await user.end()).toBe(0);
    expect(sandbox.calls).toEqual([]);
  });
});
