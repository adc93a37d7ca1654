import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { credentialsFile, openWorkplace, type Workplace } from "../module/workplace.ts";
import { quote } from "../powershell/session.ts";
import { figure } from "./amount.ts";

/** Characters that move the cursor, change color, ring, reorder or hide: C0, C1, bidirectional, zero-width, separators. */
const hostile = [
  "\u001b[2J\u001b]0;owned\u0007",
  "\u009b31m",
  "\r\nWARNING: all is well",
  "\b\b\b",
  "\u202egnp.exe",
  "\u2066\u2067\u2069",
  "\u200b\u200d\ufeff",
  "\u2028\u2029\u0085",
  "\u001b]8;;http://evil\u001b\\x",
  "\u00ad\u034f\u115f\u180e\u3164\ufe0f\uffa0",
];

// Built from code points, because the source must not contain these characters.
const ranges = [
  [0x00, 0x09],
  [0x0b, 0x0c],
  [0x0e, 0x1f],
  [0x7f, 0x9f],
  [0xad, 0xad],
  [0x34f, 0x34f],
  [0x61c, 0x61c],
  [0x115f, 0x1160],
  [0x180b, 0x180f],
  [0x200b, 0x200f],
  [0x2028, 0x202e],
  [0x2060, 0x2069],
  [0x3164, 0x3164],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
] as const;
const hex = (code: number) => `\\u${code.toString(16).padStart(4, "0")}`;
const characters = ranges.map(([first, last]) => `${hex(first)}-${hex(last)}`).join("");
const active = new RegExp(`[${characters}]|\\r(?!\\n)|^WARNING: all is well`, "m");

const admin = "arn:aws:iam::123456789012:role/Admin";

describe("untrusted texts are escaped", () => {
  let place: Workplace;
  let seen = 0;

  beforeAll(async () => {
    place = await openWorkplace();
  });

  afterAll(async () => {
    figure("texts: hostile texts shown, of them not escaped", `${seen}, 0`);
    await place?.close();
  });

  /** Everything visible in a script's output and errors. */
  async function shown(script: string, answers?: string[]): Promise<string> {
    const { stdout, stderr, errors } = await place.session.run(
      `try { ${script} } catch { [Console]::Out.WriteLine([string]$_ + $_.ErrorDetails.RecommendedAction + $_.TargetObject + $_.Exception.Message); foreach ($v in $_.Exception.Data.get_Values()) { [Console]::Out.WriteLine($v) } }`,
      { allowErrors: true, ...(answers && { answers }) },
    );
    seen++;
    return stdout + stderr + errors.map((error) => Object.values(error).join(" ")).join("\n");
  }

  const cases = hostile.map((text) => [JSON.stringify(text), text] as const);

  it.each(cases)("%s in STS responses", async (_, text) => {
    for (const code of ["AccessDenied", "ValidationError", "SomethingElse", "MalformedPolicyDocument"]) {
      place.sandbox.failNext({ action: "AssumeRole", code, message: `You may not ${text} do that`, status: 400 });
      const output = await shown(`Use-Role -RoleArn ${admin} -NoCache -Verbose`);
      expect(output).toContain("do that");
      expect(output).not.toMatch(active);
    }
  });

  it.each(cases)("%s in refused names, ARNs and values", async (_, text) => {
    const bad = `[Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('${Buffer.from(`x${text}y`).toString("base64")}'))`;
    for (const script of [
      `Use-Role -ProfileName (${bad})`,
      `Use-Role -RoleArn ('arn:aws:iam::123456789012:role/' + ${bad})`,
      `Use-Role -RoleArn (${bad})`,
      `Use-Role -RoleArn ${admin} -Region (${bad})`,
      `Use-Role -RoleArn ${admin} -EndpointUrl ('https://' + ${bad})`,
      `Use-Role -RoleArn ${admin} -MfaSerial (${bad}) -TokenCode 123456`,
      `Use-Role -RoleArn ${admin} -ExternalId (${bad}) -RoleSessionName (${bad})`,
      `Set-RoleCredentials -StoreAs (${bad}) -Region eu-west-1`,
      `Set-RoleCredentials -StoreAs y -RoleArn (${bad}) -SourceProfile default -WhatIf`,
      `Set-RoleCredentials -StoreAs y -RoleArn ${admin} -SourceProfile (${bad})`,
      `Get-RoleProfile (${bad})`,
      `Remove-RoleProfile (${bad})`,
    ]) {
      expect(await shown(script), script).not.toMatch(active);
    }
  });

  it.each(cases)("%s in the AWS files", async (_, text) => {
    place.store({
      credentials: credentialsFile("default"),
      config: [
        `[profile "x${text.replaceAll(/[\r\n]/g, "")}y"]\nrole_arn = ${admin}\nsource_profile = default\n`,
        `[profile in]\nrole_arn = arn:aws:iam::123456789012:role/a${text.replaceAll(/[\r\n]/g, "")}b\nsource_profile = default\nregion = eu${text.replaceAll(/[\r\n]/g, "")}\n`,
        `[profile mfa]\nrole_arn = ${admin}\nsource_profile = default\nmfa_serial = arn:aws:iam::111111111111:mfa/jo${text.replaceAll(/[\r\n]/g, "")}\n`,
        `[profile run]\ncredential_process = /none${text.replaceAll(/[\r\n]/g, "")} x\n`,
      ].join("\n"),
    });
    for (const script of [
      "Get-RoleProfile",
      "Use-Role -ProfileName in",
      "Use-Role -ProfileName run",
      "Set-RoleCredentials -StoreAs in -Output json -WhatIf",
    ]) {
      expect(await shown(script), script).not.toMatch(active);
    }
    expect(await shown(`Use-Role -ProfileName mfa -NoCache`, ["123456"])).not.toMatch(active);
    place.store({ credentials: credentialsFile("default"), config: "" });
  });

  it("this test detects unescaped characters", () => {
    for (const text of hostile) expect(`a${text}b`).toMatch(active);
    expect(quote("x")).not.toMatch(active);
  });
});
