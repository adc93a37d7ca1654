import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { fromCredentialProcess } from "../../src/credentials/credential-process.ts";
import type { Context } from "../../src/protocol/context.ts";
import { codeOf, contextOf, errorOf, profileOf, temporaryDirectory, textsOf } from "./fixtures.ts";

const complete = { Version: 1, AccessKeyId: "ASIAPROC", SecretAccessKey: "secret-of-process" };

/** A text file that is executable but has no interpreter. */
function textFile(content: string): string {
  const path = join(temporaryDirectory(), "interpreter");
  writeFileSync(path, content, { mode: 0o755 });
  return path;
}

/** A corrupted head of Node's own executable, followed by a line for a shell. */
function elf(breakIt: (head: Buffer) => void): Buffer {
  const head = readFileSync(process.execPath).subarray(0, 4096);
  breakIt(head);
  return Buffer.concat([Buffer.from(head.subarray(0, 64)), Buffer.from("\ntouch pwned\n")]);
}

/** File contents that only /bin/sh would run. */
const shellFiles: [string, string | Buffer | (() => string | Buffer)][] = [
  ["text", "touch pwned\n"],
  ["a colon, which is a shell's no-op", ": ;touch pwned\n"],
  ["the signature of a Windows program", "MZ\ntouch pwned\n"],
  ["nothing", ""],
  ["#! without an interpreter", "#!\ntouch pwned\n"],
  ["#! and a blank", "#! \ntouch pwned\n"],
  ["#! and a tab", "#!\t\ntouch pwned\n"],
  ["an interpreter that the kernel truncates", `#!/${"x".repeat(300)}\ntouch pwned\n`],
  ["an interpreter that is text", () => `#!${textFile("touch pwned\n")}\ntouch pwned\n`],
  [
    "an interpreter whose interpreter is text",
    () => `#!${textFile(`#!${textFile("touch pwned\n")}\n`)}\ntouch pwned\n`,
  ],
  ["the start of an ELF program", "\x7fELF\ntouch pwned\n"],
  ["an ELF header with a wrong machine", () => elf((bytes) => bytes.fill(0xff, 18, 20))],
  ["an ELF header of an object file", () => elf((bytes) => bytes.fill(1, 16, 17))],
  ["an ELF header with no segments", () => elf((bytes) => bytes.fill(0, 56, 58))],
  ["an ELF header with segments beyond the end", () => elf((bytes) => bytes.fill(0x7f, 32, 36))],
  ["an ELF header of the other word size", () => elf((bytes) => bytes.fill(1, 4, 5))],
  ["the start of another system's program", Buffer.from("cffaedfe0a746f75636820", "hex")],
];

/** Writes a JavaScript program, and returns its directory and command line. */
function program(source: string): { directory: string; line: string } {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, "tool.cjs"), source);
  return { directory, line: `"${process.execPath}" "${join(directory, "tool.cjs")}"` };
}

const prints = (output: unknown) =>
  program(`process.stdout.write(${JSON.stringify(typeof output === "string" ? output : JSON.stringify(output))})`).line;

const provide = (line: string, more: Partial<Context> = {}, timeoutMs?: number) =>
  fromCredentialProcess(
    contextOf(more.environment ?? { PATH: dirname(process.execPath) }, more),
    profileOf({ credentialProcess: line }),
    timeoutMs === undefined ? {} : { timeoutMs },
  );

describe(fromCredentialProcess, () => {
  it("reads long-term keys", async () => {
    expect(await provide(prints(complete))).toEqual({
      accessKeyId: "ASIAPROC",
      secretAccessKey: "secret-of-process",
    });
  });

  it("reads every member", async () => {
    const line = prints({
      ...complete,
      SessionToken: "token",
      Expiration: "2030-06-01T12:00:01+00:00",
      AccountId: "123456789012",
      Unknown: { more: 1 },
    });
    expect(await provide(line)).toEqual({
      accessKeyId: "ASIAPROC",
      secretAccessKey: "secret-of-process",
      sessionToken: "token",
      expiration: new Date("2030-06-01T12:00:01Z"),
      accountId: "123456789012",
    });
  });

  it("reads output with a byte order mark, which programs on Windows write", async () => {
    expect((await provide(prints(`\ufeff${JSON.stringify(complete)}\r\n`))).accessKeyId).toBe("ASIAPROC");
  });

  it.each([
    ["the process's own account id", { ...complete, AccountId: "222222222222" }, "222222222222"],
    ["the profile's account id if the process returns none", complete, "111111111111"],
  ])("takes %s", async (_what, output, accountId) => {
    const profile = profileOf({ credentialProcess: prints(output), accountId: "111111111111" });
    expect((await fromCredentialProcess(contextOf(), profile)).accountId).toBe(accountId);
  });

  it("starts the program at each call", async () => {
    const { directory, line } = program(
      `require("fs").appendFileSync(__dirname + "/calls", "x"); console.log('${JSON.stringify(complete)}')`,
    );
    await provide(line);
    await provide(line);
    expect(readFileSync(join(directory, "calls"), "utf8")).toBe("xx");
  });

  it("runs the program in exactly the caller's environment, in the caller's directory, without input", async () => {
    const { directory, line } = program(`
      const input = require("fs").readFileSync(0, "utf8");
      require("fs").writeFileSync(__dirname + "/seen", JSON.stringify({ env: process.env, cwd: process.cwd(), input }));
      console.log('${JSON.stringify(complete)}')`);
    const workingDirectory = join(directory, "a b");
    mkdirSync(workingDirectory);
    await provide(line, { environment: { ONLY: "this" }, workingDirectory });
    const seen = JSON.parse(readFileSync(join(directory, "seen"), "utf8"));
    expect(seen.env).toMatchObject({ ONLY: "this" });
    // The C library of some systems adds a variable of its own, and Windows those without which programs do not start.
    if (process.platform === "win32") expect(Object.keys(seen.env)).not.toContain("VITEST");
    else expect(Object.keys(seen.env).filter((name) => name !== "__CF_USER_TEXT_ENCODING")).toEqual(["ONLY"]);
    expect(seen.cwd.endsWith("a b")).toBe(true);
    expect(seen.input).toBe("");
  });

  it("finds a bare name in the caller's PATH", async () => {
    const { directory } = program(`console.log('${JSON.stringify(complete)}')`);
    const environment = { PATH: dirname(process.execPath) };
    expect((await provide("node tool.cjs", { environment, workingDirectory: directory })).accessKeyId).toBe("ASIAPROC");
  });

  it.each([
    ["nothing", ""],
    ["text", "secret-of-process"],
    ["half of its JSON", '{"Version":1,"SecretAccessKey":"secret-of-process"'],
    ["two documents", `${JSON.stringify(complete)}${JSON.stringify(complete)}`],
    ["an array", [complete]],
    ["null", "null"],
    ["no version", { ...complete, Version: undefined }],
    ["version 2", { ...complete, Version: 2 }],
    ["the version as text", { ...complete, Version: "1" }],
    ["no access key", { ...complete, AccessKeyId: undefined }],
    ["no secret", { ...complete, SecretAccessKey: undefined }],
    ["an empty secret", { ...complete, SecretAccessKey: "" }],
    ["a number as a key", { ...complete, AccessKeyId: 7 }],
    ["a token that is not a string", { ...complete, SessionToken: ["secret-of-process"] }],
    ["an invalid expiration", { ...complete, Expiration: "secret-of-process" }],
    ["an expiration in seconds", { ...complete, Expiration: 1893456000 }],
    [
      "keys on the prototype only",
      '{"Version":1,"__proto__":{"AccessKeyId":"a","SecretAccessKey":"secret-of-process"}}',
    ],
  ])("rejects a program that prints %s, and shows none of it", async (_what, output) => {
    const error = await errorOf(() => provide(prints(output)));
    expect(error.code).toBe("CredentialProcessFailed");
    expect(error.details.target).toBe("prod");
    expect(textsOf(error)).not.toContain("secret-of-process");
  });

  it("rejects expired credentials", async () => {
    const line = prints({ ...complete, SessionToken: "t", Expiration: "2030-06-01T12:00:00Z" });
    expect(await codeOf(() => provide(line))).toBe("CredentialsExpired");
  });

  it("returns expired credentials if STS decides", async () => {
    const line = prints({ ...complete, SessionToken: "t", Expiration: "2030-06-01T12:00:00Z" });
    const profile = profileOf({ credentialProcess: line });
    const context = contextOf({ PATH: dirname(process.execPath) });
    expect((await fromCredentialProcess(context, profile, { stsDecides: true })).sessionToken).toBe("t");
  });

  it.each([
    ["|", `${prints("no json")} | base64 --decode`],
    ["2>", `${prints("no json")} 2> errors.txt`],
    ["&&", `${prints("no json")} && true`],
  ])("explains that no shell runs if the line contains a shell's %s", async (operator, line) => {
    const error = await errorOf(() => provide(line));
    expect(error.code).toBe("CredentialProcessFailed");
    expect(error.details.action).toContain(`'${operator}'`);
  });

  it("does not mention a shell if an argument only resembles shell syntax", async () => {
    const error = await errorOf(() => provide(`${prints("no json")} a|b x;y '>z'`));
    expect(error.details.action).not.toContain("shell");
  });

  it("reports the exit code, and shows no output of the program", async () => {
    const { line } = program(`
      console.log("secret-of-process"); console.error("another-secret"); process.exitCode = 42`);
    const error = await errorOf(() => provide(line));
    expect(error.code).toBe("CredentialProcessFailed");
    expect(error.message).toContain("42");
    expect(textsOf(error)).not.toMatch(/secret-of-process|another-secret/);
  });

  it.skipIf(process.platform === "win32")("reports the signal that ended the program", async () => {
    const error = await errorOf(() =>
      provide(program(`process.kill(process.pid, "SIGSEGV"); setInterval(() => {}, 9)`).line),
    );
    expect(error.code).toBe("CredentialProcessFailed");
    expect(error.message).toContain("SIGSEGV");
  });

  it("shows none of the arguments in errors and messages", async () => {
    const context = contextOf();
    const line = `"${process.execPath}" -e "process.exit(3)" --password=secret-of-process`;
    const error = await errorOf(() => fromCredentialProcess(context, profileOf({ credentialProcess: line })));
    expect(textsOf(error) + context.said.join()).not.toContain("secret-of-process");
  });

  it.each([
    ["no words", "   "],
    ["an empty word", '"" x'],
    ["an unclosed quote", "tool 'secret-of-process"],
    ["a program that does not exist", "no-such-program-anywhere secret-of-process"],
    ["a shell builtin", "exit 1"],
    ["a directory", `"${tmpdir()}" x`],
    ["an assignment before the program", "TOKEN=secret-of-process tool"],
    ["a character that no argument can hold", `"${process.execPath}" "a\0b"`],
  ])("rejects a line with %s", async (_what, line) => {
    const error = await errorOf(() => provide(line));
    expect(error.code).toBe("CredentialProcessFailed");
    expect(textsOf(error)).not.toContain("secret-of-process");
  });

  it.skipIf(process.platform === "win32").each([
    ["does not exist", "#!/no/such/interpreter\n"],
    ["ends with a carriage return", "#!/bin/sh\r\n"],
  ])("distinguishes a script whose interpreter %s from a program that is not there", async (_what, text) => {
    const file = textFile(text);
    const error = await errorOf(() => provide(`"${file}"`));
    expect(error.message).toContain(`'${file}', whose interpreter was not found`);
  });

  it("reports that the working directory is gone", async () => {
    const workingDirectory = join(temporaryDirectory(), "gone");
    const error = await errorOf(() => provide(prints(complete), { workingDirectory }));
    expect(error.code).toBe("CredentialProcessFailed");
    expect(error.message).toContain(workingDirectory);
  });

  it("reads more than a pipe buffer, and stops at 64 KiB", async () => {
    const padding = (length: number) => prints({ ...complete, Padding: "x".repeat(length) });
    expect((await provide(padding(60 * 1024))).accessKeyId).toBe("ASIAPROC");
    expect(await codeOf(() => provide(padding(70 * 1024)))).toBe("CredentialProcessFailed");
    const endless = `process.stdout.on("error", () => process.exit()); (function f() { process.stdout.write("x".repeat(65536), f) })()`;
    expect(await codeOf(() => provide(program(endless).line))).toBe("CredentialProcessFailed");
  });

  it("is not blocked by a megabyte of standard error", async () => {
    const { line } = program(`
      process.stderr.write("x".repeat(1 << 20), () => console.log('${JSON.stringify(complete)}'))`);
    expect((await provide(line)).accessKeyId).toBe("ASIAPROC");
  });

  it.skipIf(process.platform === "win32")("does not wait for background processes of the program", async () => {
    const { line } = program(`
      require("child_process").spawn("sleep", ["60"], { stdio: ["ignore", 1, 2], detached: true }).unref();
      console.log('${JSON.stringify(complete)}')`);
    const start = performance.now();
    expect((await provide(line, { environment: { PATH: "/usr/bin:/bin" } })).accessKeyId).toBe("ASIAPROC");
    expect(performance.now() - start).toBeLessThan(30_000);
  });

  const stubborn = `
    process.on("SIGTERM", () => {});
    require("fs").writeFileSync(__dirname + "/pid", String(process.pid));
    setInterval(() => {}, 1000)`;

  it("ends a program that takes too long, even one that ignores SIGTERM", async () => {
    const { directory, line } = program(stubborn);
    const start = performance.now();
    // Node starts slowly on Windows, and the program first writes its id.
    const limit = process.platform === "win32" ? 5_000 : 700;
    expect(await codeOf(() => provide(line, {}, limit))).toBe("CredentialProcessFailed");
    expect(performance.now() - start).toBeLessThan(30_000);
    await expectGone(directory);
  });

  it("ends the program when the caller cancels", async () => {
    const { directory, line } = program(stubborn);
    const controller = new AbortController();
    const failed = codeOf(() => provide(line, { signal: controller.signal }));
    await expect.poll(() => existsSync(join(directory, "pid"))).toBe(true);
    controller.abort();
    expect(await failed).toBe("Cancelled");
    await expectGone(directory);
  });

  it("starts nothing for a caller that has already canceled", async () => {
    const { directory, line } = program(stubborn);
    expect(await codeOf(() => provide(line, { signal: AbortSignal.abort() }))).toBe("Cancelled");
    expect(existsSync(join(directory, "pid"))).toBe(false);
  });

  it.skipIf(process.platform === "win32")("does not run a batch file on Windows", async () => {
    // Looking up a name in PATH by Windows's rules needs Windows, so this test uses the full path.
    expect(await codeOf(() => provide("C:\\tool.cmd", { platform: "win32" }))).toBe("CredentialProcessFailed");
  });
});

describe("a hostile credential_process", () => {
  // Each one tries to create the file `pwned` in the working directory if a shell runs it.
  const tails: readonly string[] = [
    "; touch pwned",
    "; touch pwned;",
    ";touch pwned",
    "& touch pwned",
    "&& touch pwned",
    "|| touch pwned",
    "| touch pwned",
    "|& touch pwned",
    "$(touch pwned)",
    '"$(touch pwned)"',
    "`touch pwned`",
    '"`touch pwned`"',
    "> pwned",
    ">> pwned",
    "2> pwned",
    "&> pwned",
    "< pwned",
    "<(touch pwned)",
    "\ntouch pwned",
    "\r\ntouch pwned\r\n",
    "'\ntouch pwned\n'",
    "'; touch pwned; '",
    '"; touch pwned; "',
    "\\; touch pwned",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a shell's, not ours
    "${IFS}touch${IFS}pwned",
    "$(printf 'touch pwned')",
    "*",
    "?",
    "~ ~root",
    "{a,b}",
    "!! !touch",
    "# touch pwned",
    "%COMSPEC% %PATH% ^& touch pwned",
    "& type nul > pwned & rem",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a shell's, not ours
    "$HOME ${HOME} $0 $$",
    "-e require('fs').writeFileSync('pwned','')",
    "$'\\ntouch pwned'",
    "\u2028touch pwned\u2029",
  ];

  it.each(tails)("runs no shell: %j", async (tail) => {
    const { directory } = program(`
      require("fs").writeFileSync(__dirname + "/arguments", JSON.stringify(process.argv.slice(2)));
      console.log('${JSON.stringify(complete)}')`);
    const work = join(directory, "work");
    mkdirSync(work);
    writeFileSync(join(work, "a file"), "");
    const line = `"${process.execPath}" "${join(directory, "tool.cjs")}" ${tail}`;
    const environment = { PATH: "/usr/bin:/bin", HOME: "/root", IFS: " " };

    await provide(line, { environment, workingDirectory: work });

    expect(readdirSync(work)).toEqual(["a file"]);
    // Every word arrived verbatim, without any expansion.
    const seen: string[] = JSON.parse(readFileSync(join(directory, "arguments"), "utf8"));
    const letters = (text: string) => text.replace(/[\s'"\\]/g, "");
    expect(letters(seen.join(""))).toBe(letters(tail));
  });

  // If the kernel rejects such a file, the C library runs it with /bin/sh.
  it.skipIf(process.platform === "win32").each(shellFiles)("runs no shell for a file with %s", async (_, content) => {
    const work = temporaryDirectory();
    const folder = temporaryDirectory();
    writeFileSync(join(folder, "tool"), typeof content === "function" ? content() : content, { mode: 0o755 });
    for (const line of [join(folder, "tool"), "tool", "tool ;touch pwned", "./tool"]) {
      const more = {
        environment: { PATH: `${folder}:/usr/bin:/bin` },
        workingDirectory: line === "./tool" ? folder : work,
      };
      expect(await codeOf(() => provide(line, more))).toBe("CredentialProcessFailed");
      expect([...readdirSync(work), ...readdirSync(folder)]).toEqual(["tool"]);
    }
  });

  it.skipIf(process.platform === "win32")("is detected by this test", () => {
    const work = temporaryDirectory();
    execFileSync("/bin/sh", ["-c", "true ; touch pwned"], { cwd: work, env: { PATH: "/usr/bin:/bin" } });
    expect(readdirSync(work)).toEqual(["pwned"]);
  });
});

async function expectGone(directory: string): Promise<void> {
  const pid = Number(readFileSync(join(directory, "pid"), "utf8"));
  const isRunning = () => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  await expect.poll(isRunning).toBe(false);
}
