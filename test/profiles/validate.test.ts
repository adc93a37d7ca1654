import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadSharedConfigFiles } from "@smithy/core/config";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { editProfile } from "../../src/profiles/edit.ts";
import { combine } from "../../src/profiles/read.ts";
import { SharedFile } from "../../src/profiles/shared-file.ts";
import { validateProfileName, validateValue } from "../../src/profiles/validate.ts";
import type { RoleError } from "../../src/protocol/errors.ts";
import { randomFrom } from "../stress/amount.ts";

function refusal(work: () => void): RoleError | undefined {
  try {
    work();
  } catch (error) {
    return error as RoleError;
  }
  return undefined;
}

const acceptedNames = [
  "default",
  "Default",
  "prod",
  "a",
  "a.b",
  "profile",
  "services",
  "sso-session",
  "some-thing:long/the_one%only.foo@bar+",
  "123456789012",
  "-",
  "toSTRING",
  "x".repeat(300),
];

describe(validateProfileName.name, () => {
  it.each(acceptedNames)("accepts %s", (name) => {
    expect(refusal(() => validateProfileName(name))).toBeUndefined();
  });

  it.each([
    "",
    " ",
    "a b",
    " a",
    "a]",
    "[a",
    "a#b",
    "a;b",
    "a=b",
    "a'b",
    'a"b',
    "a\\b",
    "a\nb",
    "a\u202eb",
    "ä",
    "a,b",
    "a$b",
    "a(b)",
    "profile a",
    "sso-session a",
    "sso-session.a",
    "services.a",
    "DEFAULT",
    ...Object.getOwnPropertyNames(Object.prototype),
  ])("refuses %j", (name) => {
    const error = refusal(() => validateProfileName(name));
    expect(error?.code).toBe("ProfileNameInvalid");
  });
});

const acceptedValues = [
  "x",
  "eu-west-1",
  "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  "a#b;c",
  "a=b",
  "=",
  "=a",
  "==",
  "100%",
  "%(region)s",
  "$HOME/$x",
  "%PATH%",
  "[x]",
  "[profile b]",
  "]",
  '"quoted"',
  "'quoted'",
  '"C:\\Program Files\\x.exe" --arg "a b"',
  "\\n",
  "a\\",
  ":x",
  "a: b",
  "a b  c",
  "-continued",
  "key = value",
  "!x",
  "None",
  "true",
  "0x10",
  "<<EOF",
  "übermäßig",
  "😂",
  "a\u00a0b",
  "x".repeat(5000),
];

describe(validateValue.name, () => {
  it.each(["accessKeyId", "secretAccessKey", "sessionToken"] as const)("requires printable ASCII for %s", (setting) => {
    expect(refusal(() => validateValue(setting, "a+/=", "linux"))).toBeUndefined();
    expect(refusal(() => validateValue(setting, "größe", "linux"))?.code).toBe("ValueRefused");
  });

  it.each(acceptedValues)("accepts %j", (value) => {
    expect(refusal(() => validateValue("region", value, "linux"))).toBeUndefined();
  });

  it.each([
    "",
    " ",
    " a",
    "a ",
    "\ta",
    "a\t",
    "a\u00a0",
    "\u3000a",
    "\ufeffa",
    "a\u200b",
    "a\nb",
    "a\rb",
    "a\r",
    "a\u0000b",
    "a\u0085b",
    "a\u2028b",
    "a\u001cb",
    "\u007f",
    "a\tb",
    "#a",
    ";a",
    "a #b",
    "a ;b",
    "a\u00a0#b",
    "a\u3000;b",
    "a # b",
    "\ud800",
    "a\udc00b",
  ])("refuses %j", (value) => {
    expect(refusal(() => validateValue("region", value, "linux"))?.code).toBe("ValueRefused");
  });

  it("refuses a secret key as the access key", () => {
    const secret = "Ann/EXAMPLE+secret0000000000000000000001";
    expect(() => validateValue("accessKeyId", secret, "linux")).toThrow("looks like a secret key");
    expect(() => validateValue("secretAccessKey", secret, "linux")).not.toThrow();
  });

  it("does not quote the refused value", () => {
    for (const setting of ["secretAccessKey", "sessionToken", "externalId", "region"] as const) {
      const error = refusal(() => validateValue(setting, "hunter2 # secret", "linux"));
      expect(JSON.stringify([error?.message, error?.details])).not.toMatch(/hunter2|# secret/);
    }
  });

  it("refuses characters on Windows that Python misreads there", () => {
    expect(refusal(() => validateValue("caBundle", "C:\\Users\\Jörg\\ca.pem", "win32"))?.code).toBe("ValueRefused");
    expect(refusal(() => validateValue("caBundle", "C:\\Users\\Jorg\\ca.pem", "win32"))).toBeUndefined();
  });
});

describe("accepted values are read the same way", () => {
  let folder: string;
  let config: string;
  let credentials: string;
  let values: Map<string, string>;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "role-credentials-"));
    config = join(folder, "config");
    credentials = join(folder, "credentials");
    values = new Map(acceptedNames.map((name) => [name, "plain"]));
    for (const [index, value] of [...acceptedValues, ...randomValues(400)].entries())
      values.set(`value-${index}`, value);
    writeFileSync(config, write("config", values));
    writeFileSync(credentials, write("credentials", values));
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("by this module", () => {
    for (const kind of ["config", "credentials"] as const) {
      const file = new SharedFile(kind, write(kind, values), kind);
      const read = combine(file, new SharedFile("none", Buffer.alloc(0), "credentials")).profiles();
      expect(new Map(read.map(({ name, settings }) => [name, settings.region]))).toEqual(values);
    }
  });

  it("by the AWS SDK for JavaScript", async () => {
    const files = await loadSharedConfigFiles({ filepath: credentials, configFilepath: config, ignoreCache: true });
    for (const [name, value] of values) {
      expect(files.configFile[name]?.region, name).toBe(value);
      expect(files.credentialsFile[name]?.region, name).toBe(value);
    }
  });
});

function write(kind: "config" | "credentials", values: ReadonlyMap<string, string>): Buffer {
  let content: Buffer = Buffer.alloc(0);
  for (const [name, value] of values) {
    const file = new SharedFile(kind, content, kind);
    content = editProfile(file, name, new Map([["region", value]]));
  }
  return content;
}

/** Random accepted texts, of the characters that have a meaning for some tool. */
function randomValues(count: number): string[] {
  const pieces = [
    ..." \t#;=:[]%$\"'\\,.-_/+@!&*(){}<>|?^~`aZ09\u00a0\u3000\u0085\u2028\ufeff\u200bä😂\r\n",
    "profile ",
    "None",
  ];
  const values: string[] = [];
  const random = randomFrom(7);
  while (values.length < count) {
    const length = 1 + Math.floor(random() * 8);
    const value = Array.from({ length }, () => pieces[Math.floor(random() * pieces.length)]).join("");
    if (!refusal(() => validateValue("region", value, "linux"))) values.push(value);
  }
  return values;
}
