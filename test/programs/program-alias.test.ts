import type * as FileSystem from "node:fs";
import { expect, it, vi } from "vitest";
import { findProgram } from "../../src/programs/program-path.ts";

const alias = "C:\\apps\\python.exe";

// What Node says about an alias of the Microsoft Store.
vi.mock("node:fs", async (importOriginal) => ({
  ...(await importOriginal<typeof FileSystem>()),
  statSync(path: string) {
    if (path === alias) throw Object.assign(new Error("permission denied"), { code: "EACCES", syscall: "stat" });
  },
  lstatSync(path: string) {
    if (path !== alias) throw Object.assign(new Error("no such file"), { code: "ENOENT", syscall: "lstat" });
    return { isDirectory: () => false };
  },
}));

it("finds an alias of the Microsoft Store on Windows, which Node cannot follow", () => {
  const context = { environment: { PATH: "C:\\tools;C:\\apps" }, platform: "win32", workingDirectory: "C:\\" } as const;
  expect(findProgram("python", context)).toEqual({ kind: "path", path: alias });
  expect(findProgram("other", context)).toEqual({ kind: "notFound" });
});
