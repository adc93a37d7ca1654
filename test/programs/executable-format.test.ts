import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isFormatError, thisMachine } from "../../src/programs/executable-format.ts";
import { temporaryDirectory } from "../credentials/fixtures.ts";

function file(content: string | Buffer, name = "tool"): string {
  const path = join(temporaryDirectory(), name);
  writeFileSync(path, content, { mode: 0o755 });
  return path;
}

function binfmt(entry: string): string {
  const folder = join(temporaryDirectory(), "binfmt_misc");
  mkdirSync(folder);
  writeFileSync(join(folder, "status"), "enabled\n");
  writeFileSync(join(folder, "WSLInterop-late"), entry);
  return folder;
}

describe.skipIf(process.platform === "win32")(isFormatError, () => {
  it("accepts every program in this machine's folders", () => {
    const programs = ["/bin", "/usr/sbin"].flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
    expect(programs.length).toBeGreaterThan(50);
    expect(programs.filter((path) => isFormatError(path, "/"))).toEqual([]);
    expect(isFormatError(process.execPath, "/")).toBe(false);
  });

  it.each([
    ["an interpreter", "#!/bin/sh\n"],
    ["an interpreter after blanks", "#! \t/bin/sh -e\n"],
    ["an interpreter without a line break", "#!/bin/sh"],
    ["a long line after the interpreter", `#!/bin/sh ${"x".repeat(300)}\n`],
    ["an interpreter by way of env", "#!/usr/bin/env node\n"],
    // The system itself reports that it does not exist, without trying a shell.
    ["an interpreter that does not exist", "#!/nowhere/interpreter\n"],
  ])("accepts a script with %s", (_, content) => {
    const path = file(content);
    expect(isFormatError(path, "/")).toBe(false);
    expect(spawnSync(path).error).not.toMatchObject({ code: "ENOEXEC" });
  });

  it("accepts a script whose interpreter is a script", () => {
    expect(isFormatError(file(`#!${file("#!/bin/sh\n")}\n`), "/")).toBe(false);
  });

  it("looks for a relative interpreter in the working directory", () => {
    const interpreter = file("text");
    expect(isFormatError(file("#!tool\n", "script"), join(interpreter, ".."))).toBe(true);
    expect(isFormatError(file("#!bin/sh\n"), "/")).toBe(false);
  });

  it("stops at scripts that name each other", () => {
    const folder = temporaryDirectory();
    writeFileSync(join(folder, "a"), `#!${folder}/b\n`, { mode: 0o755 });
    writeFileSync(join(folder, "b"), `#!${folder}/a\n`, { mode: 0o755 });
    expect(isFormatError(join(folder, "a"), "/")).toBe(false);
  });

  it.each([
    ["magic", "enabled\ninterpreter /init\nflags: PF\noffset 0\nmagic 4d5a\n", "MZ\0\0", "tool", false],
    [
      "magic at an offset, masked",
      "enabled\ninterpreter /q\nflags: \noffset 1\nmagic 4100\nmask ff00\n",
      "xAB",
      "tool",
      false,
    ],
    ["an extension", "enabled\ninterpreter /java\nflags: \nextension .jar\n", "PK", "tool.jar", false],
    ["another magic", "enabled\ninterpreter /init\nflags: PF\noffset 0\nmagic 4d5a\n", "PK", "tool", true],
    ["a disabled format", "disabled\ninterpreter /init\nflags: PF\noffset 0\nmagic 4d5a\n", "MZ", "tool", true],
  ])("supports the formats registered with binfmt_misc: %s", (_, entry, content, name, expected) => {
    const machine = { ...thisMachine, platform: "linux" as const, binfmtFolder: binfmt(entry) };
    expect(isFormatError(file(content, name), "/", machine)).toBe(expected);
  });

  it("accepts Mach-O only on macOS", () => {
    const program = file(Buffer.from("cffaedfe07000001", "hex"));
    expect(isFormatError(program, "/", { ...thisMachine, platform: "darwin" })).toBe(false);
    expect(isFormatError(program, "/", { ...thisMachine, platform: "linux" })).toBe(true);
  });
});
