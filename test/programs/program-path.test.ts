import { describe, expect, it } from "vitest";
import { findProgram } from "../../src/programs/program-path.ts";

function find(name: string, files: string[], path = "C:\\tools;relative;.;;D:\\more") {
  const isFile = (candidate: string) => files.some((file) => file.toLowerCase() === candidate.toLowerCase());
  return findProgram(name, { environment: { Path: path }, platform: "win32", workingDirectory: "C:\\work" }, isFile);
}

describe(findProgram, () => {
  it.each(["aws-vault", "./tool", "/usr/bin/tool"])("leaves %j to the system on POSIX", (name) => {
    const context = { environment: {}, platform: "linux" as const, workingDirectory: "/" };
    expect(findProgram(name, context, () => false)).toEqual({ kind: "path", path: name });
  });

  it.each([
    ["a bare name without its extension", "tool", ["D:\\more\\tool.exe"], "D:\\more\\tool.exe"],
    ["a bare name with its extension", "tool.exe", ["C:\\tools\\tool.exe"], "C:\\tools\\tool.exe"],
    ["a .com file", "tool", ["C:\\tools\\tool.com"], "C:\\tools\\tool.com"],
    ["the first of two", "tool", ["C:\\tools\\tool.exe", "D:\\more\\tool.exe"], "C:\\tools\\tool.exe"],
    ["a name with a dot but no extension", "tool-1.2", ["C:\\tools\\tool-1.2.exe"], "C:\\tools\\tool-1.2.exe"],
    ["a full path", "C:\\x y\\tool.exe", ["C:\\x y\\tool.exe"], "C:\\x y\\tool.exe"],
    [
      "a relative path from the caller's directory",
      ".\\bin\\tool",
      ["C:\\work\\bin\\tool.exe"],
      "C:\\work\\bin\\tool.exe",
    ],
  ])("finds %s on Windows", (_what, name, files, path) => {
    expect(find(name, files)).toEqual({ kind: "path", path });
  });

  it.each([
    ["a program planted in the current directory", "tool", ["C:\\work\\tool.exe"]],
    ["a program in a relative entry of PATH", "tool", ["C:\\work\\relative\\tool.exe", "relative\\tool.exe"]],
    ["nothing", "tool", []],
    ["a full path that does not exist", "C:\\tool.exe", []],
  ])("does not find %s on Windows", (_what, name, files) => {
    expect(find(name, files)).toEqual({ kind: "notFound" });
  });

  it.each([
    ["tool", "C:\\tools\\tool.cmd"],
    ["tool.bat", "D:\\more\\tool.bat"],
    ["C:\\x\\TOOL.CMD", "C:\\x\\TOOL.CMD"],
  ])("reports that %s is a batch file", (name, file) => {
    expect(find(name, [file]).kind).toBe("batchFile");
  });

  it.each(["tool.cmd.", "tool.bat ", "tool.cmd. ."])("recognizes %j, which Windows opens as a batch file", (name) => {
    expect(find(name, [`C:\\tools\\${name}`]).kind).not.toBe("path");
  });
});
