import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { devNull } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { readSsoToken } from "../../src/identity-center/sso-token-file.ts";
import { readLoginSession } from "../../src/login/session-file.ts";
import { readSettings } from "../../src/module-settings/settings-file.ts";
import { readRegularFile } from "../../src/platform/read-file.ts";
import { temporaryDirectory } from "../credentials/fixtures.ts";

let path: string;
beforeEach(() => {
  path = join(temporaryDirectory(), "file");
});

type Oddity = readonly [what: string, code: string, make: (path: string) => void];

// Windows has no file that is a pipe or a device.
const special: readonly Oddity[] = [
  ["a pipe", "ENOTREG", (path) => void execFileSync("mkfifo", [path])],
  ["an endless device", "ENOTREG", (path) => symlinkSync("/dev/zero", path)],
];
const oddities: readonly Oddity[] = [
  ...(process.platform === "win32" ? [] : special),
  ["a folder", "EISDIR", (path) => mkdirSync(path)],
  ["a file of 600 MB", "EFBIG", makeLargeFile],
];

function makeLargeFile(path: string): void {
  writeFileSync(path, "");
  truncateSync(path, 600 * 1024 * 1024);
}

describe(readRegularFile.name, () => {
  it.each(oddities)("refuses %s", (_, code, make) => {
    make(path);
    expect(() => readRegularFile(path)).toThrow(expect.objectContaining({ code }));
  });

  it("reads up to the limit, even if the file system reports no size", () => {
    writeFileSync(path, "12345");
    expect(readRegularFile(path, { largest: 5 }).toString()).toBe("12345");
    expect(() => readRegularFile(path, { largest: 4 })).toThrow(expect.objectContaining({ code: "EFBIG" }));
    if (process.platform !== "linux") return;
    expect(readRegularFile("/proc/self/status").toString()).toMatch(/^Name:/);
    expect(() => readRegularFile("/proc/self/status", { largest: 10 })).toThrow(
      expect.objectContaining({ code: "EFBIG" }),
    );
  });

  it("reads the null device as an empty file", () => {
    expect(readRegularFile(devNull)).toHaveLength(0);
  });
});

describe("other files in a home", () => {
  it.each(oddities)("are read without blocking or filling memory when they are %s", (_, __, make) => {
    make(path);
    expect(readSsoToken(path)).toBeUndefined();
    expect(readLoginSession(path)).toBeUndefined();
    expect(() => readSettings(path)).toThrow(expect.objectContaining({ code: "FileUnreadable" }));
  });
});
