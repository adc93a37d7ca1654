import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exportFormat, type exportFormats } from "../../src/command/export-formats.ts";
import { powerShellArgument, quoteFish, quotePosix, quotePowerShell } from "../../src/protocol/quoting.ts";
import type { UseRoleResult } from "../../src/protocol/role-messages.ts";
import { openPowerShell, type Session } from "../powershell/session.ts";

type Format = keyof typeof exportFormats;

let folder: string;
let session: Session;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "role-credentials-"));
  session = await openPowerShell();
});
afterAll(async () => {
  await session?.close();
  rmSync(folder, { recursive: true, force: true });
});

const marker = () => join(folder, "marker");
/** Secret keys that would run a command or change if a format quoted too little. */
const hostile = () => [
  "Jo/EXAMPLE+secret00000000000000000000001",
  "it's",
  "''",
  `'; touch ${marker()}; '`,
  `$(touch ${marker()}) \`touch ${marker()}\` $HOME \${HOME} $env:HOME`,
  "a\\",
  "\\' \\\\' \\n",
  'say "hi" & echo | < > ^ ( ) ; # ~ * ?',
  "%PATH% !PATH! %%",
  "#comment",
  " leading and trailing ",
  "-n",
  "=",
];
/** Values that shells read differently. Typographic quotes end a PowerShell string, and some code pages turn other letters into quotes. */
const unprintable = [
  `x\u2019;[IO.File]::WriteAllText("/tmp/never","");\u2018`,
  "\u2018",
  "\u201a",
  "\u201b",
  "\u0112",
  "\uff02",
  "a\nb",
  "a\rb",
  "a\tb",
  "a\0b",
  "\u001b[2J",
  "\u007f",
];

function exported(format: Format, secretAccessKey: string): string {
  const result: UseRoleResult = { accessKeyId: "AKIA", secretAccessKey, sessionToken: "", region: "eu-west-1" };
  return exportFormat(format)?.write(result) ?? "";
}

function variable(shell: string, args: readonly string[]): string {
  return execFileSync(shell, args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    env: { PATH: process.env.PATH },
  });
}

const isInstalled = (shell: string) => !spawnSync(shell, ["-c", "exit"]).error;
const posix = process.platform === "win32" ? [] : ["sh", "bash", "zsh"];
const optional = ["zsh"];
const noFish = isInstalled("fish") ? undefined : "fish is not installed";
const withoutFish = noFish ? ` (${noFish})` : "";

describe.each(posix)("export --format env in %s", (shell) => {
  const missing = optional.includes(shell) && !isInstalled(shell);
  it.skipIf(missing)(`preserves each value and runs none${missing ? ` (${shell} is not installed)` : ""}`, () => {
    for (const value of hostile()) {
      writeFileSync(join(folder, "role.sh"), exported("env", value));
      const script = `eval "$(cat "$1")"; printf %s "$AWS_SECRET_ACCESS_KEY"`;
      expect(variable(shell, ["-c", script, shell, join(folder, "role.sh")])).toBe(value);
    }
    expect(spawnSync("ls", [marker()]).status).not.toBe(0);
  });
});

describe("export --format fish", () => {
  it.skipIf(noFish)(`preserves each value and runs none, sourced or evaluated${withoutFish}`, () => {
    for (const value of hostile()) {
      writeFileSync(join(folder, "role.fish"), exported("fish", value));
      for (const how of ["source $argv", "eval (cat $argv)"]) {
        const script = `${how}; printf %s "$AWS_SECRET_ACCESS_KEY"`;
        expect(variable("fish", ["--no-config", "-c", script, join(folder, "role.fish")])).toBe(value);
      }
    }
    expect(spawnSync("ls", [marker()]).status).not.toBe(0);
  });
});

describe("export --format powershell", () => {
  it("preserves each value and runs none", async () => {
    const values = hostile();
    const scripts = values.map((value) => `'${Buffer.from(exported("powershell", value)).toString("base64")}'`);
    const output = await session.json(`
      foreach ($script in ${scripts.join(", ")}) {
        . ([scriptblock]::Create([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($script))))
        $env:AWS_SECRET_ACCESS_KEY
      }`);
    expect(output).toEqual(values);
    expect(spawnSync("ls", [marker()]).status).not.toBe(0);
  });
});

describe("export --format cmd", () => {
  it("writes only values that cmd reads literally at the prompt and in a batch file", () => {
    for (const value of hostile()) {
      if (/["%!]/.test(value)) expect(() => exported("cmd", value)).toThrow("AWS_SECRET_ACCESS_KEY");
      else expect(exported("cmd", value)).toContain(`\nset "AWS_SECRET_ACCESS_KEY=${value}"\n`);
    }
  });
});

it.each([
  ["env", "unset AWS_SESSION_TOKEN\n"],
  ["fish", "set -e AWS_SESSION_TOKEN;\n"],
  ["powershell", "$env:AWS_SESSION_TOKEN = $null\n"],
  ["cmd", 'set "AWS_SESSION_TOKEN="\n'],
])("export --format %s removes the session token of earlier credentials", (format, line) => {
  expect(exportFormat(format)?.write({ accessKeyId: "AKIA", secretAccessKey: "s" })).toContain(line);
});

describe("export --format dotenv", () => {
  // The first versions of Node.js 20 have no --env-file.
  it.skipIf(!("loadEnvFile" in process))("preserves each value or refuses it", () => {
    const file = join(folder, "role.env");
    for (const value of hostile()) {
      if (/['\\]/.test(value)) {
        expect(() => exported("dotenv", value)).toThrow("AWS_SECRET_ACCESS_KEY");
        continue;
      }
      writeFileSync(file, exported("dotenv", value));
      const args = [`--env-file=${file}`, "-e", "process.stdout.write(process.env.AWS_SECRET_ACCESS_KEY)"];
      expect(variable(process.execPath, args)).toBe(value);
    }
  });
});

describe("export --format json", () => {
  it("preserves every value", () => {
    for (const value of [...hostile(), ...unprintable]) {
      expect(JSON.parse(exported("json", value)).SecretAccessKey).toBe(value);
    }
  });
});

describe.each(["env", "fish", "powershell", "cmd", "dotenv"] as const)("export --format %s", (format) => {
  it.each(unprintable)("refuses %j, which is not printable ASCII", (value) => {
    expect(() => exported(format, value)).toThrow(expect.objectContaining({ code: "ValueRefused" }));
  });
});

describe("a quoted literal", () => {
  const texts = () => [...hostile(), ...unprintable.filter((text) => !text.includes("\0"))];

  it("for PowerShell survives a round trip", async () => {
    const texts = [...hostile(), ...unprintable];
    const literals = (quote: (text: string) => string) => `@(${texts.map(quote).join(", ")})`;
    expect(await session.json(literals(quotePowerShell))).toEqual(texts);
    // As an argument, where a bare word is also a string.
    const words = [...texts, "prod", "my keys", "größe", "@x", "(a)", "a,b", "1e3", "-x", "$x", "~"];
    const script = words.map((text) => `& { $args[0] } ${powerShellArgument(text)}`).join("\n");
    expect((await session.json<unknown[]>(script)).map(String)).toEqual(words);
  });

  it.skipIf(posix.length === 0)("for a POSIX shell survives a round trip", () => {
    for (const text of texts()) expect(variable("sh", ["-c", `printf %s ${quotePosix(text)}`])).toBe(text);
  });

  it.skipIf(noFish)(`for fish survives a round trip${withoutFish}`, () => {
    for (const text of texts())
      expect(variable("fish", ["--no-config", "-c", `printf %s ${quoteFish(text)}`])).toBe(text);
  });
});
