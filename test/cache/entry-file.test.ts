import type * as FileSystem from "node:fs";
import { lstatSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { answer, cliRequest, ownRequest, scratchDirectories, settledCache, testContext } from "./fixtures.ts";

/** The mode of each file and directory right after it was created. */
const made: { path: string; mode: string }[] = [];

vi.mock("node:fs", async (importOriginal) => {
  const real = await importOriginal<typeof FileSystem>();
  const note = (path: unknown) => {
    made.push({ path: String(path), mode: (real.lstatSync(String(path)).mode & 0o777).toString(8) });
  };
  return {
    ...real,
    openSync: (...[path, flags, mode]: Parameters<typeof real.openSync>) => {
      const file = real.openSync(path, flags, mode);
      if (typeof flags === "number" && (flags & real.constants.O_CREAT) !== 0) note(path);
      return file;
    },
    mkdirSync: (...args: Parameters<typeof real.mkdirSync>) => {
      real.mkdirSync(...args);
      note(args[0]);
    },
  };
});

const umask = process.umask();
beforeEach(() => {
  made.length = 0;
});
afterEach(() => process.umask(umask));

describe.skipIf(process.platform === "win32")("every file that the cache creates", () => {
  it.each([0o000, 0o022, 0o077])("is 0600 from its creation, every directory 0700, under umask %o", async (mask) => {
    process.umask(mask);
    const directories = scratchDirectories();
    const cache = settledCache(directories);
    made.length = 0;
    for (const request of [cliRequest(), ownRequest()]) {
      await cache.obtain(request, { context: testContext(), caller: "a", fetch: async () => answer() });
    }
    const directoryModes = new Set<string>();
    const fileModes = new Set<string>();
    for (const { path, mode } of made) {
      const isDirectory = lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
      (isDirectory ? directoryModes : fileModes).add(mode);
    }
    // Two entries, a marker, the directories and their parents.
    expect(made.length).toBeGreaterThanOrEqual(6);
    expect([...fileModes]).toEqual(["600"]);
    expect([...directoryModes]).toEqual(["700"]);
  });
});
