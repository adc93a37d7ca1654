import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { loadSharedConfigFiles } from "@smithy/core/config";
import { describe, expect, it, onTestFinished } from "vitest";
import { buildAwsSdkModule } from "../../scripts/powershell.mjs";
import { editProfile } from "../../src/profiles/edit.ts";
import { combine } from "../../src/profiles/read.ts";
import { SharedFile } from "../../src/profiles/shared-file.ts";
import { validateProfileName, validateValue } from "../../src/profiles/validate.ts";
import { RoleError } from "../../src/protocol/errors.ts";
import { openPowerShell, quote } from "../powershell/session.ts";
import { amount, figure, randomChoices, seed } from "./amount.ts";

const { random, below, pick } = randomChoices();

function codeOf(work: () => unknown): string {
  try {
    work();
    return "";
  } catch (error) {
    if (error instanceof RoleError) return error.code;
    throw error;
  }
}

describe(`random edits (seed ${seed})`, () => {
  const fillers = [
    "",
    "  ",
    "# c",
    "; c",
    "output = json",
    "k=v",
    "s3 =\n  nested = 1\n\tregion = no",
    "odd = \xff\x80",
    "list = a\n  b\n\n# c\n c",
  ];

  function randomFile(): string {
    const eol = pick(["\n", "\n", "\r\n"]);
    const lines: string[] = [];
    const filler = (most: number) => {
      for (let count = below(most); count > 0; count--) lines.push(pick(fillers));
    };
    const sections = (most: number) => {
      for (let count = below(most); count > 0; count--) {
        lines.push(pick(["[default]", "[profile other]", "[sso-session x]", "[profile other ] # c", "[junk]"]));
        filler(5);
      }
    };
    lines.push(pick(["# first", "", "; x"]));
    sections(4);
    if (random() < 0.9) {
      lines.push(pick(["[profile target]", "[profile target] ; c", '[profile "target"]', "[profile\ttarget ]"]));
      filler(5);
      if (random() < 0.7)
        lines.push(pick(["region = OLD", "REGION=OLD", "region =\tOLD # c", "region = OLD\n  more", "region ="]));
      filler(5);
    }
    sections(4);
    return lines.join("\n").replaceAll("\n", eol) + pick(["", eol, eol + eol]);
  }

  it("change one property, and nothing when repeated", () => {
    const files = amount(500, 10_000);
    for (let count = 0; count < files; count++) {
      const before = randomFile();
      const after = edit(before, "NEW");
      if (edit(after, "NEW") !== after)
        throw new Error(`the repeated edit changes:\n${JSON.stringify(before)}\n${JSON.stringify(after)}`);
      const stored = [after, edit(after, null)].map((text) => sharedOf(text).profile("target")?.settings.region);
      expect(stored, JSON.stringify(before)).toEqual(["NEW", undefined]);
      let start = 0;
      while (start < before.length && before[start] === after[start]) start++;
      let end = 0;
      while (end < Math.min(before.length, after.length) - start && before.at(-1 - end) === after.at(-1 - end)) end++;
      const gone = before.slice(start, before.length - end);
      const come = after.slice(start, after.length - end);
      // Everything removed belongs to the old value. Everything added is the new value, with its line or section where it was missing. A
      // comment behind the old value moves to its own line.
      const isGoneRight = /^(?:(?:region\s*=)?[ \t]*(?:OLD)?[ \t]*(?:# c)?(?:\r?\n {2}more)?(?:\r?\n)?)$/i.test(gone);
      const isComeRight =
        /^\s*(?:\[profile target\]\s+)?(?:# c\r?\n)?(?:region\s*=)?\s*(?:NEW)?\s*(?:\[profile target\]\s+region = NEW\s*)?$/i.test(
          come,
        );
      if (!isGoneRight || !isComeRight)
        throw new Error(`${JSON.stringify(gone)} became ${JSON.stringify(come)} in\n${JSON.stringify(before)}`);
    }
    figure("parsing: random files with one edit: other bytes changed, changes when repeated", `${files}: 0, 0`);
  });

  const file = (text: string) => new SharedFile("config", Buffer.from(text, "latin1"), "config");
  const sharedOf = (text: string) => combine(file(text), new SharedFile("none", Buffer.alloc(0), "credentials"));

  function edit(text: string, value: string | null): string {
    return editProfile(file(text), "target", new Map([["region", value]])).toString("latin1");
  }
});

describe(`random names and values (seed ${seed})`, () => {
  const pieces = [
    ..." \t#;=:[]%$\"'\\,.-_/+@!&*(){}<>|?^~`aZ09\u00a0\u3000\u0085\u2028\ufeff\u200bä😂\r\n\u0000\u001b",
    "profile ",
    "None",
    "ab",
    "xyz",
    "__proto__",
  ];
  const text = (most: number) => Array.from({ length: 1 + below(most) }, () => pick(pieces)).join("");
  const keys = ["external_id", "mfa_serial"] as const;
  const roleOfProfile = [
    ["role_arn", "arn:aws:iam::123456789012:role/Admin"],
    ["source_profile", "default"],
  ] as const;
  const settingOf = { external_id: "externalId", mfa_serial: "mfaSerial" } as const;

  it("read the same in every SDK when accepted, and leave the file unchanged when refused", async () => {
    const folder = mkdtempSync(join(tmpdir(), "role-credentials-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const tries = amount(4_000, 100_000);
    const wanted: Record<string, Record<string, [string, string]>> = {};
    let refused = 0;
    let accepted = 0;
    let content: Buffer = Buffer.alloc(0);
    let profiles: Record<string, [string, string]> = Object.create(null);
    const flush = () => {
      const name = String(Object.keys(wanted).length);
      writeFileSync(join(folder, name), content);
      wanted[name] = profiles;
      content = Buffer.alloc(0);
      profiles = Object.create(null);
    };
    for (let count = 0; count < tries; count++) {
      const [name, key, value] = [
        `${random() < 0.5 ? text(3) : "p"}${random() < 0.9 ? count : ""}`,
        pick(keys),
        text(8),
      ];
      if (codeOf(() => validateProfileName(name)) || codeOf(() => validateValue(settingOf[key], value, "linux"))) {
        refused++;
        continue;
      }
      if (name in profiles) continue;
      accepted++;
      const file = new SharedFile("credentials", content, "credentials");
      // The SDK for .NET returns only profiles of a kind that it knows.
      const edits = new Map<string, string>([...roleOfProfile, [key, value]]);
      content = editProfile(file, name, edits);
      profiles[name] = [key, value];
      if (Object.keys(profiles).length === 100) flush();
    }
    flush();
    expect([refused > tries / 10, accepted > tries / 10]).toEqual([true, true]);

    const readers = ["ours", "JS"];
    for (const [file, all] of Object.entries(wanted)) {
      const path = join(folder, file);
      const shared = new SharedFile(path, readFileSync(path), "credentials");
      const js = await loadSharedConfigFiles({ filepath: path, configFilepath: "/none", ignoreCache: true });
      for (const [name, [key, value]] of Object.entries(all)) {
        expect([name, shared.values(shared.profileSections(name)).get(key)]).toEqual([name, value]);
        expect([name, js.credentialsFile[name]?.[key]]).toEqual([name, value]);
      }
    }
    if (spawnSync("python3", ["-c", "import botocore.configloader"]).status === 0) {
      readers.push("botocore");
      const script = `
import json, os, sys
from botocore.configloader import raw_config_parse
print(json.dumps({f: raw_config_parse(os.path.join(sys.argv[1], f)) for f in os.listdir(sys.argv[1])}))`;
      const read = JSON.parse(execFileSync("python3", ["-c", script, folder], { encoding: "utf8", maxBuffer: 1e9 }));
      for (const [file, all] of Object.entries(wanted)) {
        for (const [name, [key, value]] of Object.entries(all))
          expect([name, read[file][name]?.[key]]).toEqual([name, value]);
      }
    }
    readers.push(".NET");
    const net = await readWithNet(folder);
    for (const [file, all] of Object.entries(wanted)) {
      for (const [name, [key, value]] of Object.entries(all))
        expect([name, net.get(`${file} ${name} ${key}`)]).toEqual([name, value]);
    }
    figure(
      `parsing: random names and values: accepted and read the same by ${readers.join(", ")}; refused`,
      `${accepted}; ${refused}`,
    );
  });

  /** Reads with the SDK of AWS Tools for PowerShell 5. */
  async function readWithNet(folder: string): Promise<Map<string, string>> {
    const core = join(dirname(buildAwsSdkModule("4")), "AWSSDK.Core.dll");
    const session = await openPowerShell({ timeout: 600_000 });
    const { stdout, stderr } = await session.run(
      `$null = [System.Reflection.Assembly]::LoadFrom(${quote(core)})
$encoding = [System.Text.Encoding]::UTF8
foreach ($path in [System.IO.Directory]::GetFiles(${quote(folder)})) {
    $file = [Amazon.Runtime.CredentialManagement.SharedCredentialsFile]::new($path)
    $profile = $null
    foreach ($name in $file.ListProfileNames()) {
        if (-not $file.TryGetProfile($name, [ref] $profile)) { continue }
        foreach ($pair in @('external_id', $profile.Options.ExternalID), @('mfa_serial', $profile.Options.MfaSerial)) {
            if ($null -eq $pair[1]) { continue }
            $key = [System.IO.Path]::GetFileName($path) + ' ' + $name + ' ' + $pair[0]
            [Console]::Out.WriteLine([Convert]::ToBase64String($encoding.GetBytes($key)) + ' ' + [Convert]::ToBase64String($encoding.GetBytes($pair[1])))
        }
    }
}`,
    );
    await session.close();
    expect(stderr).toBe("");
    const plain = (base64 = "") => Buffer.from(base64, "base64").toString();
    return new Map(
      stdout
        .trim()
        .split("\n")
        .map((line) => line.split(" "))
        .map(([key, value]) => [plain(key), plain(value)]),
    );
  }
});

describe(`mutated files (seed ${seed})`, () => {
  const conformance = join(import.meta.dirname, "..", "..", "..", "shared", "conformance");

  function seeds(): Buffer[] {
    const found = existsSync(conformance)
      ? readdirSync(conformance, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile() && /json|ini|config|cfg|credentials|phpt?$/.test(entry.name))
          .map((entry) => readFileSync(join(entry.parentPath, entry.name)))
          .flatMap((bytes) => strings(bytes))
          .filter((bytes) => bytes.includes(91) && bytes.length < 5000)
      : [];
    return [
      ...found,
      Buffer.from("[default]\nregion = a\n[profile x]\ns3 =\n  a = b\n# c\nsource_profile = default # c\n"),
      Buffer.from('\ufeff[profile "a b"]\r\nrole_arn=x\r\n continued\r\n[__proto__]\nconstructor = 1\n'),
    ];
  }

  /** The texts in a file of test cases, or the file itself. */
  function strings(bytes: Buffer): Buffer[] {
    const found: Buffer[] = [];
    const walk = (value: unknown): void => {
      if (typeof value === "string") found.push(Buffer.from(value));
      else if (typeof value === "object" && value !== null) Object.values(value).forEach(walk);
    };
    try {
      walk(JSON.parse(bytes.toString()));
    } catch {
      found.push(bytes);
    }
    return found;
  }

  function mutate(bytes: Buffer): Buffer {
    let result = Buffer.from(bytes);
    for (let count = 1 + below(4); count > 0; count--) {
      const at = below(result.length + 1);
      const what = below(5);
      if (what === 0) result = Buffer.concat([result.subarray(0, at), Buffer.from(pick(pieces)), result.subarray(at)]);
      else if (what === 1) result = Buffer.concat([result.subarray(0, at), result.subarray(at + 1 + below(10))]);
      else if (what === 2 && result.length > 0) result[below(result.length)] = below(256);
      else if (what === 3) result = Buffer.concat([result, result.subarray(at, at + 200)]);
      else result = result.subarray(0, at);
    }
    return result;
  }

  const pieces = [
    "[",
    "]",
    "=",
    "\n",
    "\r",
    "#",
    ";",
    " ",
    "\t",
    '"',
    "'",
    "[profile ",
    "__proto__",
    "\u0000",
    "\ufeff",
    "\x85",
    "  = ",
    "\n ",
    "\n[",
  ];

  it("are read or refused in time, and pollute no prototype", () => {
    const inputs = seeds();
    const count = amount(20_000, 1_000_000);
    const untouched = Object.getOwnPropertyNames(Object.prototype).join();
    const outcomes: Record<string, number> = { read: 0, FileBroken: 0 };
    let slowest = 0;
    for (let index = 0; index < count; index++) {
      const input = mutate(pick(inputs));
      const kind = pick(["config", "credentials"] as const);
      const work = () =>
        codeOf(() => {
          const file = new SharedFile("f", input, kind);
          combine(file, file).profiles();
          if (index % 10 === 0) editProfile(file, "x", new Map([["region", "y"]]));
        });
      const started = performance.now();
      const code = work();
      let took = performance.now() - started;
      // A pause of the garbage collector or the machine does not repeat.
      for (let again = 0; again < 3 && took > 100; again++) {
        const restarted = performance.now();
        work();
        took = Math.min(took, performance.now() - restarted);
      }
      slowest = Math.max(slowest, took);
      outcomes[code || "read"] = (outcomes[code || "read"] ?? 0) + 1;
    }
    expect(Object.keys(outcomes).sort()).toEqual(["FileBroken", "read"]);
    expect(Object.getOwnPropertyNames(Object.prototype).join()).toBe(untouched);
    expect(slowest).toBeLessThan(500);
    figure(
      `parsing: mutated files of ${inputs.length} seeds: read, refused, crashes`,
      `${outcomes.read}, ${outcomes.FileBroken}, 0`,
    );
    figure("parsing: the slowest of them", `${slowest.toFixed(1)} ms`);
  });
});
