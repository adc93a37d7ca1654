import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RequiredFiles } from "../../src/profiles/locations.ts";
import { readSharedConfig } from "../../src/profiles/read.ts";
import { storeProfile } from "../../src/profiles/store.ts";
import { contextOf, temporaryDirectory } from "../credentials/fixtures.ts";
import { contextSource, OtherProcesses } from "../platform/other-process.ts";
import { amount, figure } from "./amount.ts";

let folder: string;
let others: OtherProcesses;
let files: RequiredFiles;

beforeEach(() => {
  folder = temporaryDirectory();
  others = new OtherProcesses(folder);
  files = { config: join(folder, ".aws", "config"), credentials: join(folder, ".aws", "credentials") };
});

afterEach(() => others.killAll());

const context = contextOf();
const isLinux = process.platform === "linux";
const isRoot = process.geteuid?.() === 0;

const writer = `
import { storeProfile } from "#src/profiles/store.ts";
${contextSource}
const [, , config, credentials, me, count, repeats] = process.argv;
let repeated = 0;
for (let index = 0; index < Number(count); index++) {
  const keys = { accessKeyId: "AKIA" + me.padStart(6, "0") + String(index).padStart(6, "0"), secretAccessKey: "secret/" + me + "/" + index };
  await storeProfile("p" + me + "-" + index, keys, context, { config, credentials });
}
console.log("done");
`;

function profilesIn(path: string): Map<string, string> {
  const text = readFileSync(path, "utf8");
  const found = new Map<string, string>();
  for (const [, name = "", id = "", secret = ""] of text.matchAll(
    /\[(p\d+-\d+)\]\naws_access_key_id = (\w+)\naws_secret_access_key = (\S+)\n/g,
  )) {
    found.set(name, `${id} ${secret}`);
  }
  return found;
}

/** Reads repeatedly and counts incomplete content. */
function startReaders(count: number): { stop(): Promise<{ reads: number; broken: number }> } {
  let isDone = false;
  const read = async () => {
    let reads = 0;
    let broken = 0;
    while (!isDone) {
      try {
        const shared = readSharedConfig(files);
        for (const { settings } of shared.profiles()) {
          const { accessKeyId, secretAccessKey } = settings;
          if (!accessKeyId || !secretAccessKey) broken++;
        }
        reads++;
      } catch {
        broken++;
      }
      await sleep(5);
      // With timers alone, reads that take longer than the delay would keep the loop from noticing a writer's exit.
      await new Promise((resolve) => setImmediate(resolve));
    }
    return { reads, broken };
  };
  const running = Array.from({ length: count }, read);
  return {
    async stop() {
      isDone = true;
      const all = await Promise.all(running);
      return {
        reads: all.reduce((sum, one) => sum + one.reads, 0),
        broken: all.reduce((sum, one) => sum + one.broken, 0),
      };
    },
  };
}

describe("many writers", () => {
  const processes = amount(8, 32);
  const writes = amount(20, 100);

  it.each(Array.from({ length: amount(1, 5) }, (_, index) => index + 1))(
    `${processes} processes of ${writes} writes lose nothing, time %i`,
    async (time) => {
      const program = others.program(writer);
      mkdirSync(join(folder, ".aws"));
      const readers = startReaders(8);
      const started = performance.now();
      const running = Array.from({ length: processes }, (_, index) =>
        others.start(program, files.config, files.credentials, String(index), String(writes)),
      );
      expect(new Set(await Promise.all(running.map(({ ended }) => ended)))).toEqual(new Set([0]));
      const took = performance.now() - started;
      const { reads, broken } = await readers.stop();
      const found = profilesIn(files.credentials);
      for (const [name, content] of found) {
        const [, me, index] = /p(\d+)-(\d+)/.exec(name) ?? [];
        if (!content.endsWith(`secret/${me}/${index}`)) throw new Error(`${name}: ${content}`);
      }
      expect([found.size, broken]).toEqual([processes * writes, 0]);
      expect(readdirSync(join(folder, ".aws"))).toEqual(["credentials"]);
      figure(
        `files: ${processes} × ${writes} writes, time ${time}: present, broken reads of`,
        `${found.size}, ${broken} of ${reads}`,
      );
      figure(`files: ${processes} × ${writes} writes, time ${time}: seconds`, (took / 1000).toFixed(1));
    },
  );

  const hasAws = spawnSync("aws", ["--version"]).status === 0;

  it.each([
    ["a tool that rewrites the file in place", "rewriter"],
    ["aws configure set", "aws"],
  ])(
    "next to %s, which takes no lock: the final file parses, and overwritten writes are counted",
    async (what, kind) => {
      if (kind === "aws" && !hasAws) return;
      const program = others.program(writer);
      mkdirSync(join(folder, ".aws"));
      writeFileSync(files.credentials, "[default]\naws_access_key_id = AKIADEFAULT\naws_secret_access_key = s\n");
      const env = { ...process.env, AWS_SHARED_CREDENTIALS_FILE: files.credentials, AWS_CONFIG_FILE: files.config };
      let rewrites = 0;
      /** Lines that were in the file but not in the content about to replace it. */
      let undone = 0;
      let isDone = false;
      const other = (async () => {
        while (!isDone) {
          if (kind === "aws") {
            const child = spawn("aws", ["configure", "set", "aws_session_token", `t${rewrites}`], {
              env,
              stdio: "ignore",
            });
            await once(child, "close");
          } else {
            // As the AWS CLI does: read, pause, truncate and write.
            const content = readFileSync(files.credentials, "utf8");
            await sleep(1);
            undone += profilesIn(files.credentials).size - [...content.matchAll(/^\[p\d+-\d+\]$/gm)].length;
            writeFileSync(files.credentials, content.replace(/\n?# \d+\n$|$/, `\n# ${rewrites}\n`));
            await sleep(kind === "rewriter" ? 20 : 0);
          }
          rewrites++;
        }
      })();
      const count = amount(15, 400);
      const running = [0, 1].map((me) =>
        others.start(program, files.config, files.credentials, String(me), String(count)),
      );
      const codes = await Promise.all(running.map(({ ended }) => ended));
      isDone = true;
      await other;
      expect(codes).toEqual([0, 0]);
      // It parses, whichever writer was last.
      expect(readSharedConfig(files).profile("default")?.settings.accessKeyId).toBe("AKIADEFAULT");
      const lost = 2 * count - profilesIn(files.credentials).size;
      figure(
        `files: beside ${what} (${rewrites} writes of its own): of our ${2 * count} acknowledged writes, those it overwrote`,
        lost,
      );
      // Only writes that the other tool overwrote are lost, and writes between its last read and its write. What the AWS CLI had read is
      // unknown.
      if (kind === "rewriter") expect(lost).toBeLessThanOrEqual(undone + 2 * rewrites + 2);
    },
  );
});

describe.skipIf(!isLinux)("without free space", () => {
  async function storeBig(): Promise<string> {
    return storeProfile("big", { accessKeyId: "AKIABIG", secretAccessKey: "s".repeat(60_000) }, context, files).then(
      () => "stored",
      (error: { code: string; details: { action?: string } }) =>
        `${error.code} ${error.details.action ? "with advice" : ""}`,
    );
  }

  // A mount needs root, and is removed afterwards.
  it.skipIf(!isRoot)("keeps the old content on a full disk, and reports the error (as root only)", async (test) => {
    const mount = join(folder, ".aws");
    mkdirSync(mount);
    if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", mount]).status !== 0) test.skip();
    try {
      const old = `[default]\naws_access_key_id = AKIA\naws_secret_access_key = s\n# ${"x".repeat(20_000)}\n`;
      writeFileSync(files.credentials, old);
      expect(await storeBig()).toBe("FileUnwritable with advice");
      expect([readFileSync(files.credentials, "utf8") === old, readdirSync(mount)]).toEqual([true, ["credentials"]]);
      await storeProfile("small", { accessKeyId: "AKIA2", secretAccessKey: "s" }, context, files);
      expect(readFileSync(files.credentials, "utf8")).toContain("AKIA2");
      figure("files: full disk", "old content whole, FileUnwritable, the next write succeeds");
    } finally {
      spawnSync("umount", [mount]);
    }
  });

  it.skipIf(!isRoot)(
    "keeps the old content on a read-only file system, and reports the error (as root only)",
    async (test) => {
      const mount = join(folder, ".aws");
      mkdirSync(mount);
      if (spawnSync("mount", ["-t", "tmpfs", "tmpfs", mount]).status !== 0) test.skip();
      try {
        writeFileSync(files.credentials, "[default]\n");
        spawnSync("mount", ["-o", "remount,ro", mount]);
        expect(await storeBig()).toBe("FileUnwritable with advice");
        expect(readFileSync(files.credentials, "utf8")).toBe("[default]\n");
      } finally {
        spawnSync("umount", [mount]);
      }
    },
  );
});
