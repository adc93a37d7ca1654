import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { updateFile, updateFiles } from "../../src/platform/replace-file.ts";
import { RoleError } from "../../src/protocol/errors.ts";
import { contextOf, type TestContext, temporaryDirectory } from "../credentials/fixtures.ts";
import { contextSource, OtherProcesses } from "./other-process.ts";

let folder: string;
let path: string;
let context: TestContext;
let others: OtherProcesses;

beforeEach(() => {
  folder = temporaryDirectory();
  path = join(folder, "file");
  context = contextOf();
  others = new OtherProcesses(folder);
});

afterEach(() => others.killAll());

const isRoot = process.geteuid?.() === 0;
const windows = process.platform === "win32";

function append(text: string): (content: Buffer) => Buffer {
  return (content) => Buffer.concat([content, Buffer.from(text)]);
}

function mode(file: string): string {
  return (statSync(file).mode & 0o777).toString(8);
}

function read(file = path): string {
  return readFileSync(file, "utf8");
}

describe(updateFile.name, () => {
  it.skipIf(windows)("creates the file and its folder with modes for the owner only, whatever the umask", async () => {
    for (const umask of [0o000, 0o022, 0o077]) {
      const before = process.umask(umask);
      onTestFinished(() => void process.umask(before));
      const file = join(folder, `umask-${umask}`, "deep", "file");
      await updateFile(file, append("a\n"), context);
      process.umask(before);
      expect([read(file), mode(file), mode(join(file, "..")), mode(join(file, "../.."))]).toEqual([
        "a\n",
        "600",
        "700",
        "700",
      ]);
      expect(readdirSync(join(file, ".."))).toEqual(["file"]);
    }
  });

  it.skipIf(windows)("narrows a wider mode and reports it, and keeps a narrower mode", async () => {
    writeFileSync(path, "a\n", { mode: 0o644 });
    chmodSync(path, 0o644);
    await updateFile(path, append("b\n"), context);
    expect(mode(path)).toBe("600");
    expect(context.said.join()).toContain("644");
    if (!isRoot) return;
    chmodSync(path, 0o400);
    await updateFile(path, append("c\n"), context);
    expect([mode(path), read()]).toEqual(["400", "a\nb\nc\n"]);
  });

  it("writes nothing when nothing changes", async () => {
    writeFileSync(path, "a");
    utimesSync(path, 1000, 1000);
    const stateOf = (of: string) => {
      const { ino, mtimeNs, ctimeNs } = statSync(of, { bigint: true });
      return [ino, mtimeNs, ctimeNs];
    };
    const before = [stateOf(path), stateOf(folder)];
    await updateFile(path, (content) => Buffer.from(content), context);
    expect([stateOf(path), stateOf(folder)]).toEqual(before);
    const missing = join(folder, "no", "folder", "file");
    await updateFile(missing, (content) => content, context);
    expect(existsSync(join(folder, "no"))).toBe(false);
  });

  it("leaves the file unchanged if the edit throws", async () => {
    writeFileSync(path, "a");
    const refuse = (): never => {
      throw new RoleError("FileBroken", "no");
    };
    await expect(updateFile(path, refuse, context)).rejects.toMatchObject({ code: "FileBroken" });
    expect(readdirSync(folder)).toEqual(["file"]);
  });

  describe.skipIf(windows)("symbolic links", () => {
    const real = () => join(folder, "real");
    it.each<[what: string, make: () => string]>([
      ["absolute", () => link(real())],
      ["relative", () => link("real")],
      [
        "chained",
        () => {
          mkdirSync(join(folder, "sub"));
          symlinkSync("../real", join(folder, "sub", "two"));
          return link("sub/two");
        },
      ],
      [
        "through a linked folder",
        () => {
          mkdirSync(join(folder, "deep", "deeper"), { recursive: true });
          symlinkSync("deep/deeper", join(folder, "link"));
          symlinkSync("../../real", join(folder, "deep", "deeper", "one"));
          return link("link/one");
        },
      ],
      ["into a folder that does not exist", () => link(join(folder, "not", "yet"), join(folder, "not", "yet"))],
      [
        "to another file system",
        () => {
          const other = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : folder, "role-credentials-"));
          onTestFinished(() => rmSync(other, { recursive: true }));
          return link(join(other, "real"), join(other, "real"));
        },
      ],
    ])("keeps links and writes their target (%s)", async (_, make) => {
      const target = make();
      const before = readlinkSync(path);
      for (const content of ["a\n", "a\na\n"]) {
        await updateFile(path, append("a\n"), context);
        expect([readlinkSync(path), read(target), mode(target)]).toEqual([before, content, "600"]);
        expect(lstatSync(target).isFile()).toBe(true);
      }
    });

    function link(content: string, target = real()): string {
      symlinkSync(content, path);
      return target;
    }

    it("does not follow links that were planted at the names of staged files", async () => {
      const victim = join(folder, "victim");
      writeFileSync(victim, "untouched");
      for (const name of ["file.tmp", "file.new", ".file.staged", "file~", `.file.${"0".repeat(32)}.staged`])
        symlinkSync(victim, join(folder, name));
      await updateFile(path, append("a\n"), context);
      expect([read(), read(victim), lstatSync(victim).isFile()]).toEqual(["a\n", "untouched", true]);
    });

    it("refuses a loop", async () => {
      symlinkSync("two", path);
      symlinkSync("file", join(folder, "two"));
      await expect(updateFile(path, append("a"), context)).rejects.toMatchObject({ code: "FileUnwritable" });
      symlinkSync("self", join(folder, "self"));
      await expect(updateFile(join(folder, "self", "x"), append("a"), context)).rejects.toMatchObject({
        code: "FileUnwritable",
      });
    });

    it("uses one lock for a link and its target", async () => {
      symlinkSync("real", path);
      const real = join(folder, "real");
      await Promise.all(
        Array.from({ length: 40 }, (_, index) => updateFile(index % 2 ? path : real, append(`${index}\n`), context)),
      );
      expect(
        read(real)
          .trim()
          .split("\n")
          .map(Number)
          .sort((one, other) => one - other),
      ).toEqual([...Array(40).keys()]);
    });
  });

  it.each([
    ["a folder", (at: string) => mkdirSync(at)],
    ["a file in the folder's place", (at: string) => void writeFileSync(join(at, ".."), "")],
  ])("refuses %s", refuses);

  it.skipIf(windows).each([
    ["a device", (at: string) => symlinkSync("/dev/null", at)],
    ["an endless device", (at: string) => symlinkSync("/dev/zero", at)],
    ["a pipe", (at: string) => void execFileSync("mkfifo", [at])],
  ])("refuses %s", refuses);

  async function refuses(what: string, make: (at: string) => void): Promise<void> {
    const at = what.startsWith("a file in") ? join(path, "below") : path;
    make(at);
    await expect(updateFile(at, append("a"), context)).rejects.toMatchObject({ code: "FileUnwritable" });
  }

  it.skipIf(isRoot)("refuses a read-only file (root can write it)", async () => {
    writeFileSync(path, "a", { mode: 0o400 });
    await expect(updateFile(path, append("b"), context)).rejects.toMatchObject({ code: "FileUnwritable" });
    expect(read()).toBe("a");
    chmodSync(path, 0o600);
  });

  // On Windows the read-only attribute of a folder does not protect what is in it.
  it.skipIf(isRoot || windows)("refuses a read-only folder (root can write it)", async () => {
    mkdirSync(join(folder, "closed"), { mode: 0o500 });
    await expect(updateFile(join(folder, "closed", "x"), append("b"), context)).rejects.toMatchObject({
      code: "FileUnwritable",
    });
  });

  it.skipIf(process.platform === "win32")("keeps the old content when the file size limit is reached", async () => {
    writeFileSync(path, "old\n");
    const program = others.program(`
import { updateFile } from "#src/platform/replace-file.ts";
${contextSource}
await updateFile(process.argv[2], (old) => Buffer.concat([old, Buffer.alloc(100_000)]), context).catch((error) => console.log(error.code));
`);
    const { stdout } = spawnSync("sh", ["-c", `ulimit -f 8; exec "${process.execPath}" "${program}" "${path}"`], {
      encoding: "utf8",
    });
    expect([stdout.trim(), read()]).toEqual(["FileUnwritable", "old\n"]);
    expect(readdirSync(folder).filter((name) => name.includes(".file") || name.startsWith("file"))).toEqual(["file"]);
  });

  describe("with other programs", () => {
    it("repeats the edit if another program writes between its read and its write", async () => {
      writeFileSync(path, "a\n");
      let asked = 0;
      await updateFile(
        path,
        (content) => {
          // The AWS CLI writes in place like this. The length stays the same.
          if (++asked === 2) writeFileSync(path, "b\n");
          if (asked === 1) writeFileSync(path, "c\n");
          return append("mine\n")(content);
        },
        context,
      );
      expect(asked).toBeGreaterThan(2);
      expect(read()).toBe("b\nmine\n");
    });

    it("writes again if another program overwrites the file right afterwards", async () => {
      // The other program takes no lock and has read the file before. Whether it writes in time is chance, so retry.
      let undone = 0;
      for (let time = 0; time < 50 && undone === 0; time++) {
        writeFileSync(path, "theirs\n");
        let isDone = false;
        const watch = () => {
          if (isDone) return;
          if (undone === 0 && read().includes("ours")) {
            undone++;
            writeFileSync(path, "theirs, again\n");
          }
          setImmediate(watch);
        };
        setImmediate(watch);
        await updateFile(path, append("ours\n"), context).finally(() => {
          isDone = true;
        });
        expect(read()).toBe(undone ? "theirs, again\nours\n" : "theirs\nours\n");
      }
      expect(undone).toBe(1);
    });

    it("gives up on a file that keeps changing", async () => {
      let count = 0;
      const edit = (content: Buffer): Buffer => {
        writeFileSync(path, `${++count}\n`);
        return append("x\n")(content);
      };
      await expect(updateFile(path, edit, context)).rejects.toMatchObject({ code: "FileBusy" });
      expect(readdirSync(folder)).toEqual(["file"]);
    });

    it("waits for a file that is being written and is still empty", async () => {
      writeFileSync(path, "");
      setTimeout(() => writeFileSync(path, "all of it\n"), 15);
      const edit = (content: Buffer): Buffer => append("mine\n")(content);
      await updateFile(path, edit, context);
      expect(read()).toBe("all of it\nmine\n");
    });

    it("does not wait for a file that has been empty for some time", async () => {
      writeFileSync(path, "");
      const longAgo = Date.now() / 1000 - 3600;
      utimesSync(path, longAgo, longAgo);
      // Each wait would take a second. On a busy machine, accept one fast run of five.
      const waits: number[] = [];
      for (let count = 0; count < 5 && waits.every((wait) => wait > 500); count++) {
        const before = performance.now();
        await updateFile(path, (content) => content, context);
        waits.push(performance.now() - before);
      }
      expect(Math.min(...waits)).toBeLessThan(500);
    });

    it("removes the staged file of a killed writer and nothing else", async () => {
      const program = others.program(`
import { updateFile } from "#src/platform/replace-file.ts";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
fs.renameSync = () => { console.log("staged"); for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000); };
syncBuiltinESMExports();
${contextSource}
await updateFile(process.argv[2], () => Buffer.from("secret"), context);
`);
      writeFileSync(path, "old\n");
      writeFileSync(join(folder, ".file.mine.staged"), "not ours");
      const other = others.start(program, path);
      await other.said("staged");
      const strays = (): string[] => readdirSync(folder).filter((name) => /^\.file\..*\.staged$/.test(name));
      expect(strays()).toHaveLength(2);
      await other.kill();
      expect(read()).toBe("old\n");
      const before = performance.now();
      await updateFile(path, append("new\n"), context);
      // The files of unknown processes stay for a minute.
      expect(performance.now() - before).toBeLessThan(30_000);
      expect([read(), strays()]).toEqual(["old\nnew\n", [".file.mine.staged"]]);
    });

    it("loses no change when 8 processes write 25 times each", async () => {
      const program = others.program(`
import { updateFile } from "#src/platform/replace-file.ts";
${contextSource}
for (let count = 0; count < 25; count++) {
  await updateFile(process.argv[2], (old) => Buffer.from(old + process.argv[3] + "-" + count + "\\n"), context);
}
`);
      const running = Array.from({ length: 8 }, (_, index) => others.start(program, path, String(index)));
      let broken = 0;
      let done = false;
      const reading = (async () => {
        while (!done) {
          if (existsSync(path) && !/^(?:\d-\d+\n)+$/.test(read())) broken++;
          // Windows does not replace a file while another program reads it, and a reader without pauses would block all writers.
          await new Promise((resolve) => setTimeout(resolve, windows ? 50 : 1));
        }
      })();
      expect(await Promise.all(running.map(({ ended }) => ended))).toEqual(Array(8).fill(0));
      done = true;
      await reading;
      const lines = read().trim().split("\n");
      expect([new Set(lines).size, lines.length, broken]).toEqual([200, 200, 0]);
      expect(readdirSync(folder).filter((name) => name.includes("file"))).toEqual(["file"]);
    });
  });
});

// Simulates the errors of Windows. Pester/Windows.Tests.ps1 has the real ones.
describe.skipIf(windows)("on Windows, while another program has the file open", () => {
  const program = (failures: number) => `
import { updateFile } from "#src/platform/replace-file.ts";
import { replaceJsonFile } from "#src/platform/atomic-write.ts";
import { writeEntryFile } from "#src/cache/entry-file.ts";
import { readRegularFile } from "#src/platform/read-file.ts";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
Object.defineProperty(process, "platform", { value: "win32" });
const { renameSync, openSync } = fs;
const [, , folder, code] = process.argv;
let refused = 0;
const refusing = (call) => (...args) => {
  if (++refused <= ${failures}) throw Object.assign(new Error(code), { code, syscall: call.name });
  return call(...args);
};
${contextSource}
const path = folder + "/file";
const report = async (work) => {
  refused = 0;
  let outcome;
  try { outcome = await work(); } catch (error) { outcome = error.message; }
  console.log(JSON.stringify([outcome ?? "done", refused]));
};
fs.renameSync = refusing(renameSync);
syncBuiltinESMExports();
await report(() => updateFile(path, () => Buffer.from("new"), context).then(() => "done"));
await report(() => replaceJsonFile(path, new Map()).then(() => "done"));
await report(() => writeEntryFile(folder + "/entry", "{}") && "done");
if (code === "EBUSY") {
  fs.renameSync = renameSync;
  fs.openSync = refusing(openSync);
  syncBuiltinESMExports();
  await report(() => readRegularFile(path).toString());
}
`;

  it.each(["EPERM", "EACCES", "EBUSY"])("replaces the file once it is closed (%s)", async (code) => {
    writeFileSync(path, "old");
    const run = others.start(others.program(program(6)), folder, code);
    expect(await run.ended).toBe(0);
    const reading = code === "EBUSY" ? [["{}", 7]] : [];
    expect(linesOf(run.output)).toEqual([["done", 7], ["done", 7], ["done", 7], ...reading]);
    expect(readdirSync(folder).filter((name) => /staged|tmp/.test(name))).toEqual([]);
  });

  it.each(["EPERM", "EACCES", "EBUSY"])("reports another program if the file stays open (%s)", async (code) => {
    writeFileSync(path, "old");
    const run = others.start(others.program(program(1000)), folder, code);
    expect(await run.ended).toBe(0);
    const outcomes = linesOf(run.output).map(([outcome]) => outcome);
    expect(outcomes[0]).toContain("another program is using it");
    for (const outcome of outcomes.slice(1)) expect(outcome).toContain("another program is using the file");
    expect(read()).toBe("old");
    expect(readdirSync(folder).filter((name) => /staged|tmp/.test(name))).toEqual([]);
  });

  function linesOf(output: string): [string, number][] {
    return output
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
  }
});

describe("with a caller that creates files like others", () => {
  it("writes into the file that the caller created, and creates the first one itself", async () => {
    const asked: string[][] = [];
    const createFileLike = async (staged: string, original: string) => {
      expect(read(original)).toBe("a\n");
      // On this system a mode shows whose file it is.
      writeFileSync(staged, "", { mode: 0o700, flag: "wx" });
      asked.push([dirname(staged), original]);
    };
    await updateFile(path, append("a\n"), { ...context, createFileLike });
    expect(asked).toEqual([]);
    await updateFile(path, append("b\n"), { ...context, createFileLike });
    expect(asked).toEqual([[folder, path]]);
    expect(read()).toBe("a\nb\n");
    if (!windows) expect(mode(path)).toBe("700");
    expect(readdirSync(folder)).toEqual(["file"]);
  });

  it.each([
    ["EACCES", "permission is denied"],
    ["0x80070032", "the system reports 0x80070032"],
  ])("reports what the caller cannot create (%s), and leaves the file unchanged", async (code, reason) => {
    writeFileSync(path, "a\n");
    const createFileLike = () => Promise.reject(Object.assign(new Error(""), { code, syscall: "createFile" }));
    const failure = await updateFile(path, append("b\n"), { ...context, createFileLike }).catch((error) => error);
    expect(failure).toMatchObject({ code: "FileUnwritable", message: expect.stringContaining(reason) });
    expect([read(), readdirSync(folder)]).toEqual(["a\n", ["file"]]);
  });
});

describe(updateFiles.name, () => {
  it("changes several files, computed from the content of all", async () => {
    const second = join(folder, "second");
    writeFileSync(path, "a");
    const swap = ([one, other]: readonly Buffer[]): Buffer[] => [other ?? Buffer.alloc(0), one ?? Buffer.alloc(0)];
    await updateFiles([path, second], swap, context);
    expect([read(), read(second)]).toEqual(["", "a"]);
  });

  it("changes no file if one cannot be changed", async () => {
    const second = join(folder, "second");
    writeFileSync(path, "a\n");
    mkdirSync(second);
    await expect(
      updateFiles([path, second], () => [Buffer.from("b"), Buffer.from("b")], context),
    ).rejects.toMatchObject({ code: "FileUnwritable" });
    expect(read()).toBe("a\n");
  });

  it("restores the first file if the second cannot be replaced", async () => {
    const program = others.program(`
import { updateFiles } from "#src/platform/replace-file.ts";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
const rename = fs.renameSync;
fs.renameSync = (from, to) => {
  if (to.endsWith("second")) throw Object.assign(new Error("no"), { code: "EIO", syscall: "rename" });
  rename(from, to);
};
syncBuiltinESMExports();
${contextSource}
const [, , first, second] = process.argv;
await updateFiles([first, second], () => [Buffer.from("new\\n"), Buffer.from("new\\n")], context).catch((error) => console.log(error.code));
`);
    const second = join(folder, "second");
    for (const exists of [true, false]) {
      rmSync(path, { force: true });
      if (exists) writeFileSync(path, "old\n");
      writeFileSync(second, "old\n");
      const run = others.start(program, path, second);
      await run.ended;
      expect(run.output.trim()).toBe("FileUnwritable");
      expect([existsSync(path) ? read() : undefined, read(second)]).toEqual([exists ? "old\n" : undefined, "old\n"]);
      expect(readdirSync(folder).filter((name) => name.startsWith("."))).toEqual([]);
    }
  });
});
