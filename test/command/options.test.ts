import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { forCommandLine, paramsOf, readOptions, usage } from "../../src/command/options.ts";

describe(readOptions, () => {
  it("reads the parameters of a role, a number as a number", () => {
    const options = readOptions([
      "--role-arn",
      "a",
      "--duration-seconds",
      "900",
      "--source-identity",
      "jo",
      "--no-cache",
    ]);
    expect(paramsOf(options)).toEqual({
      roleArn: "a",
      durationInSeconds: 900,
      sourceIdentity: "jo",
      noCache: true,
    });
  });

  it("has each option in the usage, in lines of 90 characters or less", () => {
    for (const option of [
      "--profile NAME",
      "--mfa-serial SERIAL",
      "--duration-seconds SECONDS",
      "--token-code CODE",
      "--no-cache",
    ])
      expect(usage()).toContain(option);
    for (const line of usage().split("\n")) expect(line.length).toBeLessThanOrEqual(90);
  });
});

describe(forCommandLine, () => {
  it.each([
    ["Give the device's current code with -TokenCode.", "Give the device's current code with --token-code."],
    ["name a profile with -ProfileName.", "name a profile with --profile."],
    ["ask for a longer -DurationInSeconds, please", "ask for a longer --duration-seconds, please"],
    [
      "Store some with Set-RoleCredentials, or name a profile with -ProfileName.",
      "Store some with PowerShell's Set-RoleCredentials, or name a profile with --profile.",
    ],
    [
      "Keep one: Set-RoleCredentials with -SourceProfile or with -CredentialSource replaces the other.",
      "Keep one: PowerShell's Set-RoleCredentials with -SourceProfile or with -CredentialSource replaces the other.",
    ],
    ["Wait a little and repeat; a lower -ThrottleLimit helps.", "Wait a little and repeat."],
    ["Profile 'prod-Region' has -- and -x.", "Profile 'prod-Region' has -- and -x."],
  ])("translates %j for the command line", (text, expected) => {
    expect(forCommandLine(text)).toBe(expected);
  });

  it("leaves no cmdlet parameter in any text that the command can show", () => {
    const root = join(import.meta.dirname, "..", "..", "src");
    // The other folders serve only cmdlets, as do the files about -AutoRefresh, new profiles, sign-ins and SecretManagement.
    const folders = [
      "assume-role",
      "cache",
      "credentials",
      "identity-center",
      "login",
      "module-settings",
      "network",
      "platform",
      "profiles",
      "programs",
      "vault",
    ];
    const files = folders.flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((file) => join(folder, file)),
    );
    const texts = files
      .filter(
        (file) =>
          file.endsWith(".ts") && !/(?:check-profile|refresh-request|secret-vault-line|login.sign-in)\.ts$/.test(file),
      )
      .flatMap((file) => [
        ...readFileSync(join(root, file), "utf8").matchAll(
          /"[^"\n]* -[A-Z][a-z][^"\n]*"|`[^`\n]* -[A-Z][a-z][^`\n]*`/g,
        ),
      ])
      .map(([text]) => text);
    expect(texts.length).toBeGreaterThan(5);
    const left = texts
      .map(forCommandLine)
      .flatMap((text) => text.split(/[.;:,] /))
      .filter((clause) => / -[A-Z][a-z]/.test(clause) && !/PowerShell's/.test(clause))
      // Only cmdlets have these parameters, so the command cannot show these conflicts.
      .filter((clause) => !/-Credential|-StartUrl/.test(clause))
      // A later clause with a line of PowerShell is dropped: "Convert it to UTF-8."
      .filter((clause) => !/Set-Content/.test(clause));
    expect(left).toEqual([]);
  });
});
