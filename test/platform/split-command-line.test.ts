import { describe, expect, it } from "vitest";
import { splitCommandLine, UnbalancedCommandLine } from "../../src/platform/split-command-line.ts";

describe(splitCommandLine, () => {
  // Results of Python's shlex.split.
  it.each<[string, string[]]>([
    ["tool a b", ["tool", "a", "b"]],
    ["tool  'a b'  c", ["tool", "a b", "c"]],
    ["tool \"a b\"c'd e'", ["tool", "a bcd e"]],
    ["tool ''", ["tool", ""]],
    ['tool "" x', ["tool", "", "x"]],
    ["tool a\\ b", ["tool", "a b"]],
    ['tool "a\\"b"', ["tool", 'a"b']],
    ['tool "a\\b"', ["tool", "a\\b"]],
    ['tool "a\\\\b"', ["tool", "a\\b"]],
    ["tool 'a\\b'", ["tool", "a\\b"]],
    ["tool a\\\\b", ["tool", "a\\b"]],
    ["tool a#b #c", ["tool", "a#b", "#c"]],
    ["tool $HOME `id` $(id) && x | y > z; w", ["tool", "$HOME", "`id`", "$(id)", "&&", "x", "|", "y", ">", "z;", "w"]],
    ["tool *.txt ~/x {a,b} %PATH%", ["tool", "*.txt", "~/x", "{a,b}", "%PATH%"]],
    ["a\tb\nc\r d", ["a", "b", "c", "d"]],
    ["  lead", ["lead"]],
    ['tool "\\$x"', ["tool", "\\$x"]],
    ["tool é 😀 \\😀", ["tool", "é", "😀", "😀"]],
    ["tool a'b'\"c\"d", ["tool", "abcd"]],
    ["tool \\\nx", ["tool", "\nx"]],
    ['tool "a\\\nb"', ["tool", "a\\\nb"]],
    ["", []],
    ["   ", []],
    ["tool '$(id)'", ["tool", "$(id)"]],
    ["tool \\'a", ["tool", "'a"]],
  ])("splits %j like a POSIX shell", (line, words) => {
    expect(splitCommandLine(line, "linux")).toEqual(words);
    expect(splitCommandLine(line, "darwin")).toEqual(words);
  });

  // Results of botocore's compat_shell_split on Windows.
  it.each<[string, string[]]>([
    ["tool a b", ["tool", "a", "b"]],
    ['tool "a b" c', ["tool", "a b", "c"]],
    ['"C:\\Program Files\\x.exe" a', ["C:\\Program Files\\x.exe", "a"]],
    ['tool ""', ["tool", ""]],
    ['tool a"b c"d', ["tool", "ab cd"]],
    ["tool \\\\server\\x", ["tool", "\\\\server\\x"]],
    ['tool "a\\"b"', ["tool", 'a"b']],
    ['tool a\\\\"b c"', ["tool", "a\\b c"]],
    ['tool a\\\\\\"b', ["tool", 'a\\"b']],
    ['tool "a\\\\"', ["tool", "a\\"]],
    ["tool 'a b'", ["tool", "'a", "b'"]],
    ["tool\ta\nb", ["tool", "a\nb"]],
    ["C:\\x\\y.exe -p C:\\z\\ ", ["C:\\x\\y.exe", "-p", "C:\\z\\"]],
    ["tool ^& %PATH% & whoami", ["tool", "^&", "%PATH%", "&", "whoami"]],
    ["", []],
    ["  ", []],
    ["tool a\\ b", ["tool", "a\\", "b"]],
    ['tool """a"', ["tool", "a"]],
    ['tool "x\\\\\\\\" y', ["tool", "x\\\\", "y"]],
  ])("splits %j as Windows quotes", (line, words) => {
    expect(splitCommandLine(line, "win32")).toEqual(words);
  });

  it.each<[string, NodeJS.Platform]>([
    ["tool 'a", "linux"],
    ['tool "a', "linux"],
    ['tool "a\\"', "linux"],
    ["tool a\\", "linux"],
    ['tool "a\\', "linux"],
    ['tool "a', "win32"],
    ['tool a\\\\"', "win32"],
  ])("refuses %j, which is unbalanced, on %s", (line, platform) => {
    expect(() => splitCommandLine(line, platform)).toThrow(UnbalancedCommandLine);
  });

  it("runs in linear time", () => {
    const line = `tool ${"\\".repeat(200_001)}" ${"a ".repeat(200_000)}`;
    const start = performance.now();
    expect(splitCommandLine(line, "win32").length).toBeGreaterThan(200_000);
    splitCommandLine(`tool ${"'a' ".repeat(200_000)}`, "linux");
    expect(performance.now() - start).toBeLessThan(30_000);
  });
});
