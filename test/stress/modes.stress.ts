import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import * as module from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OtherProcesses } from "../platform/other-process.ts";
import { figure, hasStrace } from "./amount.ts";
import { faultSubjects, filesIn, preamble } from "./fault-subjects.ts";

const canTrace = hasStrace();
const umasks = ["000", "022", "077"];
/** What exists beforehand: nothing, or a file with this mode, readable by others or not. */
const before = [undefined, 0o644, 0o600];

/** An invalid cache entry. */
const outdated = "{}";

/** A program that writes files below the home. */
interface Writer {
  readonly what: string;
  readonly command: (home: string) => readonly string[];
  prepare(home: string): void;
}

describe.skipIf(process.platform === "win32")("files are private to their owner from the first instant", () => {
  let folder: string;
  const writers: Writer[] = [];
  let tried = 0;
  let seen = 0;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "role-credentials-"));
    const others = new OtherProcesses(folder);
    for (const subject of faultSubjects) {
      const program = others.program(`${preamble("/b", "/e")}\n${subject.program}\nconsole.log(outcome);`);
      writers.push({
        what: subject.what,
        command: (home) => [program, home],
        prepare: (home) => subject.prepare(home),
      });
    }
    if (!("enableCompileCache" in module)) return;
    const core = join(folder, "core");
    cpSync(join(import.meta.dirname, "..", "..", "module", "core"), core, { recursive: true });
    writers.push({
      what: "the bytecode",
      command: () => [join(core, "role-credentials.cjs"), "credential-process"],
      prepare(home) {
        mkdirSync(join(home, ".aws"), { recursive: true, mode: 0o700 });
        const keys = "[default]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = s\n";
        writeFileSync(join(home, ".aws", "credentials"), keys, { mode: 0o600 });
      },
    });
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
    figure("modes: writers, umasks and modes tried", tried);
    figure("modes: files and folders made, of them ever wider than 0600 and 0700", `${seen}, 0`);
  });

  let homes = 0;
  function write(writer: Writer, umask: string, mode: number | undefined) {
    const home = join(folder, `home-${++homes}`);
    mkdirSync(home, { mode: 0o700 });
    writer.prepare(home);
    if (mode !== undefined) {
      // Left by an earlier run, wide open, and out of date.
      spawnSync(process.execPath, writer.command(home), { env: { HOME: home, PATH: process.env.PATH } });
      writer.prepare(home);
      for (const file of filesIn(home)) {
        const path = join(home, file);
        if (file.endsWith("settings.ini")) writeFileSync(path, "[x]\n");
        if (/cache\/[0-9a-f]+\.json$/.test(file) && !file.includes("sso")) writeFileSync(path, outdated);
        chmodSync(path, mode);
      }
    }
    const log = join(folder, "log");
    const calls = "trace=?open,?openat,?creat,?mkdir,?mkdirat,?chmod,?fchmod,?fchmodat";
    const strace = ["strace", "-f", "-y", "-o", log, "-e", calls];
    const args = [...(canTrace ? strace : []), process.execPath, ...writer.command(home)];
    const script = `umask ${umask}; exec "$@"`;
    const { status, stderr } = spawnSync("sh", ["-c", script, "sh", ...args], {
      env: { HOME: home, PATH: process.env.PATH },
      encoding: "utf8",
    });
    expect([writer.what, status, stderr]).toEqual([writer.what, 0, ""]);
    const lines = canTrace ? readFileSync(log, "latin1").split("\n") : [];
    const made = lines
      .filter((line) => line.includes(home) && / = \d/.test(line))
      .flatMap((line) => /(?:O_CREAT[^,]*, |mkdir(?:at)?\(.*, |chmod(?:at)?\(.*, )(0\d+)/.exec(line)?.[1] ?? []);
    // A file that is opened without O_EXCL could be a planted link.
    const opened = lines.filter((line) => line.includes(home) && /O_CREAT/.test(line) && !/O_EXCL/.test(line));
    rmSync(log, { force: true });
    return { home, made, opened };
  }

  const widthOf = (path: string) => (lstatSync(path).mode & 0o077).toString(8);

  it("with any umask, and with any existing file", { timeout: 300_000 }, () => {
    for (const writer of writers) {
      for (const umask of umasks) {
        for (const mode of before) {
          const what = `${writer.what}, umask ${umask}, ${mode?.toString(8) ?? "new"}`;
          const { home, made, opened } = write(writer, umask, mode);
          expect([what, opened]).toEqual([what, []]);
          const wide = made.filter((one) => (Number.parseInt(one, 8) & 0o077) !== 0);
          expect([what, wide]).toEqual([what, []]);
          if (canTrace) expect([what, made.length > 0]).toEqual([what, true]);
          const written = filesIn(home).filter(
            (file) => !(writer.what === "the bytecode" && /credentials$/.test(file)),
          );
          expect(written.length).toBeGreaterThan(0);
          for (const file of written) {
            // A file that was left wide is narrowed only when it is written.
            const isOther = mode === 0o644 && lstatSync(join(home, file)).size <= outdated.length;
            if (!isOther) expect([what, file, widthOf(join(home, file))]).toEqual([what, file, "0"]);
            for (let at = dirname(join(home, file)); at !== home; at = dirname(at)) {
              expect([what, at, widthOf(at)]).toEqual([what, at, "0"]);
            }
          }
          tried++;
          seen += made.length;
          rmSync(home, { recursive: true });
        }
      }
    }
  });

  it("this test detects a wide mode", () => {
    const home = join(folder, "wide");
    mkdirSync(home);
    const wide: Writer = {
      what: "a wide file",
      command: (at) => ["-e", `require("fs").writeFileSync(${JSON.stringify(join(at, "x"))}, "")`],
      prepare: () => {},
    };
    const { home: written, made, opened } = write(wide, "000", undefined);
    expect([existsSync(join(written, "x")), readdirSync(home)]).toEqual([true, []]);
    expect(widthOf(join(written, "x"))).not.toBe("0");
    if (canTrace) expect([made, opened.length]).toEqual([["0666"], 1]);
  });
});
