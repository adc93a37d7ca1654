import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import * as module from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { build } from "../scripts/build.mjs";
import { root } from "../scripts/project.mjs";

const { engines } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { engines: { node: string } };
const program = join(root, "module", "core", "role-credentials.cjs");
let home: string;

beforeAll(async () => {
  if (!existsSync(program)) await build();
});
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "role-credentials-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function run(args: readonly string[], options: readonly string[] = []) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...options, program, ...args], {
    env: { HOME: home, USERPROFILE: home },
    input: "",
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

describe("the program", () => {
  it.each(["18.20.4", "20.2.0"])(
    "reports the Node version %s, the version it needs and where to get it, and loads nothing else",
    (version) => {
      const patch = join(home, "patch.cjs");
      writeFileSync(
        patch,
        `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${version}" } });
       Object.defineProperty(process, "version", { value: "v${version}" });
       require("node:module").prototype.require = () => { throw new Error("loaded"); };`,
      );
      const { status, stderr } = run(["--version"], ["--require", patch]);
      expect([status, stderr]).toEqual([
        1,
        `role-credentials needs Node.js ${engines.node.slice(2)} or later; this is v${version} at ${process.execPath}. Install a newer one from https://nodejs.org.\n`,
      ]);
    },
  );

  it("does nothing when main.ts is imported", () => {
    const core = JSON.stringify(join(root, "module", "core", "core.cjs"));
    const { status, stdout } = spawnSync(process.execPath, ["-p", `Object.keys(require(${core}))`, "serve"], {
      encoding: "utf8",
    });
    expect([status, stdout.trim()]).toEqual([0, "[ 'main' ]"]);
  });

  it("exits when the input of serve ends", () => {
    expect(run(["serve"])).toEqual({ status: 0, stdout: "", stderr: "" });
  });
});

describe.skipIf(!("enableCompileCache" in module))("the compile cache", () => {
  const folder = () => join(home, ".aws", "role-credentials", "code");

  function version(): void {
    expect(run(["--version"])).toMatchObject({ status: 0, stderr: "" });
  }

  it("is kept for the next run, in a private folder of this user", () => {
    mkdirSync(join(home, ".aws"));
    version();
    expect(readdirSync(folder())).toHaveLength(1);
    if (process.platform !== "win32")
      for (const path of [folder(), ...readdirSync(folder()).map((name) => join(folder(), name))])
        expect(statSync(path).mode & 0o777).toBe(0o700);
  });

  it("is not kept when there is no ~/.aws", () => {
    version();
    expect(readdirSync(home)).toEqual([]);
  });

  it("is kept by a core too", () => {
    mkdirSync(join(home, ".aws"));
    run(["serve"]);
    expect(readdirSync(folder())).toHaveLength(1);
  });

  it.skipIf(process.platform === "win32")("is neither read from nor written to a folder that others can write", () => {
    mkdirSync(folder(), { recursive: true });
    chmodSync(folder(), 0o777);
    version();
    expect(readdirSync(folder())).toEqual([]);
  });

  it("is not kept when a file has the folder's name", () => {
    mkdirSync(join(home, ".aws", "role-credentials"), { recursive: true });
    writeFileSync(folder(), "");
    version();
    expect(statSync(folder()).isFile()).toBe(true);
  });
});
