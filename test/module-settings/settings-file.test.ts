import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  readSettings,
  sectionOf,
  settingsPath,
  textsOf,
  updateSettings,
} from "../../src/module-settings/settings-file.ts";
import { codeOf, contextOf, temporaryDirectory } from "../credentials/fixtures.ts";

function fileWith(text?: string): string {
  const path = settingsPath({ HOME: temporaryDirectory() });
  if (text !== undefined) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  return path;
}

describe(settingsPath, () => {
  it("is in its own folder in .aws", () => {
    expect(settingsPath({ HOME: "/home/jo" })).toBe(join("/home/jo", ".aws", "role-credentials", "settings.ini"));
  });
});

describe(readSettings, () => {
  it("is empty if there is no file", () => {
    expect(Object.keys(readSettings(fileWith()))).toEqual([]);
  });

  it("reads nested sections", () => {
    const settings = readSettings(fileWith("[role.1]\narn=a\n[role.2]\narn=b\n"));
    expect(settings).toMatchObject({ role: { 1: { arn: "a" }, 2: { arn: "b" } } });
  });

  it("does not pollute prototypes", () => {
    const settings = readSettings(
      fileWith("[__proto__]\npolluted=1\n[constructor]\nprototype=2\n[a.__proto__]\nb=3\n"),
    );
    expect(Object.getPrototypeOf(settings)).toBeNull();
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(({} as Record<string, unknown>).b).toBeUndefined();
  });

  it("reports a directory in the file's place", async () => {
    const path = fileWith();
    mkdirSync(path, { recursive: true });
    expect(await codeOf(() => readSettings(path))).toBe("FileUnreadable");
  });
});

describe(updateSettings, () => {
  it("creates the file and its folder for the owner only", async () => {
    const path = fileWith();
    await updateSettings(path, () => ({ a: { b: "c" } }), contextOf());
    expect(readFileSync(path, "utf8")).toBe("[a]\nb=c\n");
    if (process.platform === "win32") return;
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
  });

  it("keeps unknown settings", async () => {
    const path = fileWith("[other]\nkept=yes\n\n[role.1]\narn=a\n");
    await updateSettings(path, ({ role: _, ...rest }) => rest, contextOf());
    expect(readFileSync(path, "utf8")).toBe("[other]\nkept=yes\n");
  });

  it("writes nothing if nothing changes", async () => {
    const path = fileWith("[a]\nb=c\n");
    const before = statSync(path, { bigint: true });
    await updateSettings(path, (sections) => sections, contextOf());
    expect(statSync(path, { bigint: true }).mtimeNs).toBe(before.mtimeNs);
  });

  it("ends with a line break when the last section is removed, so that the next writer does not wait for more", async () => {
    const path = fileWith("[a]\nb=c\n");
    await updateSettings(path, () => ({}), contextOf());
    expect(readFileSync(path, "utf8")).toBe("\n");
    expect(Object.keys(readSettings(path))).toEqual([]);
  });

  it("loses no change of concurrent writers", async () => {
    const path = fileWith();
    const names = Array.from({ length: 20 }, (_, index) => `n${index}`);
    await Promise.all(
      names.map((name) => updateSettings(path, (all) => ({ ...all, [name]: { x: "1" } }), contextOf())),
    );
    expect(Object.keys(readSettings(path)).toSorted()).toEqual(names.toSorted());
  });
});

describe("a section's texts", () => {
  it.each([
    ["an ARN", "arn:aws:iam::123456789012:role/a.b/c=d,e+f@g"],
    ["comment characters", "a;b#c ; d # e"],
    ["backslashes", "\\a\\\\b\\;c\\"],
    ["a percent sign", "100%5c%"],
    ["line breaks and control characters", "a\r\nb\u0000\u001bc\u007f"],
    ["quotes", "\"a\" 'b'"],
    ["quoted text", '"a"'],
    ["a single quote character", '"'],
    ["text that looks like JSON", "[1]"],
    ["true", "true"],
    ["null", "null"],
    ["surrounding spaces", "  a  "],
    ["other scripts", "Prod 東京 é 🚀"],
  ])("survive a round trip: %s", async (_, text) => {
    const path = fileWith();
    await updateSettings(path, () => ({ role: { 1: sectionOf({ text }) } }), contextOf());
    const { role } = readSettings(path) as { role: Record<string, unknown> };
    expect({ ...textsOf(role[1]) }).toEqual({ text });
  });

  it("are omitted if they are empty", () => {
    expect(sectionOf({ a: "", b: undefined, c: "d" })).toEqual({ c: "d" });
  });

  it("are empty for a value that is not a section", () => {
    expect([textsOf("x"), textsOf(null), textsOf(undefined)].map((texts) => Object.keys(texts))).toEqual([[], [], []]);
  });
});
