import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import type { RequiredFiles } from "../../src/profiles/locations.ts";
import { readSharedConfig } from "../../src/profiles/read.ts";
import { type Changes, copyProfile, removeProfile, storeCommand, storeProfile } from "../../src/profiles/store.ts";
import { contextOf, temporaryDirectory } from "../credentials/fixtures.ts";
import { contextSource, OtherProcesses } from "../platform/other-process.ts";

let folder: string;
let locations: RequiredFiles;

beforeEach(() => {
  folder = temporaryDirectory();
  locations = { config: join(folder, ".aws", "config"), credentials: join(folder, ".aws", "credentials") };
});

const context = contextOf({}, { platform: "linux" });

function put(config?: string | undefined, credentials?: string | undefined): void {
  mkdirSync(join(folder, ".aws"), { recursive: true });
  if (config !== undefined) writeFileSync(locations.config, config);
  if (credentials !== undefined) writeFileSync(locations.credentials, credentials);
}

function files(): (string | undefined)[] {
  return [locations.config, locations.credentials].map((path) =>
    existsSync(path) ? readFileSync(path, "utf8") : undefined,
  );
}

const roleArn = "arn:aws:iam::123456789012:role/Admin";
const keys = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" };
const keyLines = `aws_access_key_id = ${keys.accessKeyId}\naws_secret_access_key = ${keys.secretAccessKey}\n`;

describe(storeProfile.name, () => {
  it.each<
    [fact: string, name: string, changes: Changes, before: (string | undefined)[], after: (string | undefined)[]]
  >([
    [
      "stores keys in credentials and the rest in config",
      "default",
      { ...keys, region: "eu-west-1", output: "json" },
      [],
      ["[default]\nregion = eu-west-1\noutput = json\n", `[default]\n${keyLines}`],
    ],
    [
      "stores a role in config",
      "prod",
      { roleArn, sourceProfile: "default", durationSeconds: "3600" },
      [],
      [`[profile prod]\nrole_arn = ${roleArn}\nsource_profile = default\nduration_seconds = 3600\n`],
    ],
    [
      "stores an account id in credentials",
      "a",
      { accountId: "123456789012" },
      [],
      [undefined, "[a]\naws_account_id = 123456789012\n"],
    ],
    [
      "keeps the other settings",
      "a",
      { region: "y" },
      ["# c\n[profile a]\noutput = json\nregion = x\n", "[a]\naws_access_key_id = A\n"],
      ["# c\n[profile a]\noutput = json\nregion = y\n", "[a]\naws_access_key_id = A\n"],
    ],
    [
      "changes a setting in the credentials file, which takes precedence",
      "a",
      { region: "y", output: "json" },
      ["[profile a]\n", "[a]\nregion = x\n"],
      ["[profile a]\noutput = json\n", "[a]\nregion = y\n"],
    ],
    [
      "changes a setting that both files have in both, because tools disagree on the precedence",
      "a",
      { region: "y" },
      ["[profile a]\nregion = w\n", "[a]\nregion = x\n"],
      ["[profile a]\nregion = y\n", "[a]\nregion = y\n"],
    ],
    [
      "removes in both",
      "a",
      { region: null },
      ["[profile a]\nregion = w\n", "[a]\nregion = x\n"],
      ["[profile a]\n", "[a]\n"],
    ],
    ["ignores the removal of a missing setting", "a", { region: null }, ["[profile b]\n"], ["[profile b]\n"]],
    [
      "removes the session token of replaced keys",
      "a",
      keys,
      [
        "[profile a]\naws_session_token = old\n",
        "[a]\naws_access_key_id = OLD\naws_secret_access_key = OLD\naws_session_token = OLD\n",
      ],
      ["[profile a]\n", `[a]\n${keyLines}`],
    ],
    [
      "removes the older name of an old session token, which the AWS CLI reads first",
      "a",
      { ...keys, sessionToken: "T" },
      [undefined, "[a]\naws_security_token = OLD\naws_access_key_id = OLD\n"],
      [
        undefined,
        `[a]\naws_access_key_id = ${keys.accessKeyId}\naws_secret_access_key = ${keys.secretAccessKey}\naws_session_token = T\n`,
      ],
    ],
    [
      "stores a session token that comes with its keys",
      "a",
      { ...keys, sessionToken: "T==" },
      [],
      [undefined, `[a]\n${keyLines}aws_session_token = T==\n`],
    ],
    [
      "moves keys from config to credentials",
      "a",
      keys,
      ["[profile a]\naws_access_key_id = OLD\naws_secret_access_key = OLD\nregion = x\n"],
      ["[profile a]\nregion = x\n", `[a]\n${keyLines}`],
    ],
    [
      "moves all keys from config with a new one, because the AWS CLI reads them from one file",
      "a",
      { secretAccessKey: "NEW" },
      [
        "[profile a]\naws_access_key_id = A\naws_secret_access_key = OLD\naws_account_id = 123456789012\n",
        "[a]\naws_session_token = STALE\n",
      ],
      ["[profile a]\n", "[a]\naws_access_key_id = A\naws_secret_access_key = NEW\naws_account_id = 123456789012\n"],
    ],
    [
      "changes [profile default] rather than [default]",
      "default",
      { region: "y" },
      ["[default]\nregion = w\n[profile default]\n"],
      ["[default]\nregion = w\n[profile default]\nregion = y\n"],
    ],
    [
      "changes nothing for settings that are stored already",
      "a",
      { ...keys, region: "x" },
      ["[profile a]\nregion=x # home\n", `[a]\n${keyLines}`],
      ["[profile a]\nregion=x # home\n", `[a]\n${keyLines}`],
    ],
  ])("%s", async (_, name, changes, before, after) => {
    put(before[0], before[1]);
    await storeProfile(name, changes, context, locations);
    expect(files()).toEqual([after[0], after[1]]);
    expect(await storeProfile(name, changes, context, locations)).toEqual([]);
    expect(files()).toEqual([after[0], after[1]]);
    const kept = Object.entries(changes).filter(([, value]) => value !== null);
    const settings = readSharedConfig(locations).profile(name)?.settings ?? {};
    expect({ ...settings }).toMatchObject(Object.fromEntries(kept));
  });

  it("returns the files that change, made or planned", async () => {
    const changes = { ...keys, region: "eu-west-1" };
    const both = [locations.config, locations.credentials];
    expect(await storeProfile("a", changes, context, locations, { dryRun: true })).toEqual(both);
    expect(existsSync(join(folder, ".aws"))).toBe(false);
    expect(await storeProfile("a", changes, context, locations)).toEqual(both);
    expect(await storeProfile("a", { region: null, ...keys }, context, locations)).toEqual([locations.config]);
    const newKey = { ...keys, accessKeyId: "AKIANEW" };
    expect(await storeProfile("a", newKey, context, locations)).toEqual([locations.credentials]);
  });

  it.each<[string, string, Changes, string]>([
    ["an invalid name", "a]b", { region: "x" }, "ProfileNameInvalid"],
    ["a name of Object.prototype", "__proto__", { region: "x" }, "ProfileNameInvalid"],
    ["an invalid value among valid ones", "a", { ...keys, region: "x\n[b]" }, "ValueRefused"],
    ["an invalid secret", "a", { ...keys, secretAccessKey: "x #y" }, "ValueRefused"],
  ])("changes nothing for %s", async (_, name, changes, code) => {
    await expect(storeProfile(name, changes, context, locations)).rejects.toMatchObject({ code });
    expect(readdirSync(folder)).toEqual([]);
  });

  it("changes neither file when one is broken, and names the line", async () => {
    put("[profile a]\nregion = x\n", "[a]\naws_access_key_id = A\n\njunk\n");
    const before = files();
    for (const dryRun of [true, false]) {
      const refused = storeProfile("a", { region: "y", ...keys }, context, locations, { dryRun });
      await expect(refused).rejects.toMatchObject({
        code: "FileBroken",
        message: expect.stringContaining("line 4"),
      });
    }
    expect(files()).toEqual(before);
  });

  it("changes neither file when one cannot be written or edited, made or planned", async () => {
    const config = "[profile a]\nregion = x\routput = y\n";
    put(config);
    const store = (changes: Changes, dryRun: boolean) => storeProfile("a", changes, context, locations, { dryRun });
    for (const dryRun of [true, false])
      await expect(store({ region: "y" }, dryRun)).rejects.toMatchObject({ code: "FileBroken" });
    mkdirSync(locations.credentials);
    for (const dryRun of [true, false])
      await expect(store(keys, dryRun)).rejects.toMatchObject({ code: "FileUnwritable" });
    expect(readFileSync(locations.config, "utf8")).toBe(config);
  });

  it("needs no permission for a file that does not change", async () => {
    const closed = join(folder, "closed");
    mkdirSync(closed);
    writeFileSync(join(closed, "config"), "[profile a]\n");
    chmodSync(closed, 0o500);
    const apart = { config: join(closed, "config"), credentials: join(folder, "credentials") };
    await storeProfile("a", keys, context, apart);
    chmodSync(closed, 0o700);
    expect(readFileSync(apart.credentials, "utf8")).toBe(`[a]\n${keyLines}`);
  });

  it("stores everything in the file of -ProfileLocation, even beside a config file", async () => {
    put("[profile a]\nregion = x\n", "[b]\n");
    const one = { ...locations, storeInCredentialsOnly: true } as const;
    await storeProfile("a", { ...keys, region: "y", roleArn }, context, one);
    expect(files()).toEqual([
      "[profile a]\nregion = x\n",
      `[b]\n\n[a]\n${keyLines}role_arn = ${roleArn}\nregion = y\n`,
    ]);
    expect(readSharedConfig(one).profile("a")?.settings.region).toBe("y");
  });

  it.skipIf(process.platform === "win32")("supports one file for both, by a link", async () => {
    put("");
    symlinkSync("config", locations.credentials);
    await storeProfile("default", { ...keys, region: "x" }, context, locations);
    await storeProfile("a", { ...keys, region: "x" }, context, locations);
    const text = `[default]\n${keyLines}region = x\n\n[profile a]\nregion = x\n\n[a]\n${keyLines}`;
    expect(files()).toEqual([text, text]);
    expect(await storeProfile("default", { ...keys, region: "x" }, context, locations)).toEqual([]);
    expect(await storeProfile("a", { region: "y" }, context, locations, { dryRun: true })).toHaveLength(1);
    await removeProfile("a", context, locations);
    await removeProfile("default", context, locations);
    expect(files()).toEqual(["", ""]);
  });

  it.skipIf(process.platform === "win32")("creates files and directory with modes for the owner only", async () => {
    await storeProfile("a", { ...keys, region: "x" }, context, locations);
    const modes = [".", "config", "credentials"].map((name) => statSync(join(folder, ".aws", name)).mode & 0o777);
    expect(modes).toEqual([0o700, 0o600, 0o600]);
    expect(readdirSync(join(folder, ".aws")).sort()).toEqual(["config", "credentials"]);
  });

  it("loses nothing when 8 processes store 10 profiles each", async () => {
    const others = new OtherProcesses(folder);
    const program = others.program(`
import { storeProfile } from "#src/profiles/store.ts";
${contextSource}
const [, , config, credentials, id] = process.argv;
for (let count = 0; count < 10; count++) {
  await storeProfile("p" + id + "-" + count, { accessKeyId: "A", secretAccessKey: "S", region: "x" }, context, { config, credentials });
}
`);
    const running = Array.from({ length: 8 }, (_, index) =>
      others.start(program, locations.config, locations.credentials, String(index)),
    );
    expect(await Promise.all(running.map(({ ended }) => ended))).toEqual(Array(8).fill(0));
    const shared = readSharedConfig(locations);
    expect(shared.profiles()).toHaveLength(80);
    for (const { settings } of shared.profiles()) {
      expect({ ...settings }).toEqual({ accessKeyId: "A", secretAccessKey: "S", region: "x" });
    }
  });
});

describe(removeProfile.name, () => {
  it("removes the profile from both files and keeps the others", async () => {
    put("[profile a]\nregion = x\n\n# b\n[profile b]\n", `[b]\n[a]\n${keyLines}[c]\n`);
    const wanted = await removeProfile("a", context, locations, { dryRun: true });
    expect(wanted).toEqual([locations.config, locations.credentials]);
    expect(await removeProfile("a", context, locations)).toEqual(wanted);
    expect(files()).toEqual(["# b\n[profile b]\n", "[b]\n[c]\n"]);
  });

  it("reports a missing profile and creates nothing", async () => {
    for (const dryRun of [true, false]) {
      await expect(removeProfile("a", context, locations, { dryRun })).rejects.toMatchObject({
        code: "ProfileNotFound",
      });
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  it("removes the keys of a name with a blank from credentials, and its settings from config", async () => {
    put("[profile 'my keys']\nregion = x\n[profile b]\n", `[b]\n[my keys]\n${keyLines}`);
    await removeProfile("my keys", context, locations);
    expect(files()).toEqual(["[profile b]\n", "[b]\n"]);
  });

  it("removes names that cannot be stored", async () => {
    put('[profile "my own"]\nx = 1\n[profile constructor]\n');
    await removeProfile("my own", context, locations);
    await removeProfile("constructor", context, locations);
    expect(files()[0]).toBe("");
  });

  it("keeps the config file with -ProfileLocation", async () => {
    put("[profile a]\n", "[a]\n");
    await removeProfile("a", context, { ...locations, storeInCredentialsOnly: true });
    expect(files()).toEqual(["[profile a]\n", ""]);
  });
});

describe(copyProfile.name, () => {
  it("gives the copy a region and an output format of its own", async () => {
    put("[profile a]\nregion = eu-west-1\n", `[a]\n${keyLines}`);
    await copyProfile("a", "c1", { region: "us-west-2", output: "text" }, context, locations);
    expect(files()[0]).toBe("[profile a]\nregion = eu-west-1\n\n[profile c1]\nregion = us-west-2\noutput = text\n");
    const refused = copyProfile("a", "c1", { region: "a #b" }, context, locations);
    await expect(refused).rejects.toMatchObject({ code: "ValueRefused" });
  });

  it.each<[fact: string, before: [string, string], after: [string, string]]>([
    [
      "replaces every credential setting, and the region",
      [
        `[default]\nrole_arn = x\nsource_profile = y\ncli_pager =\nregion = w\n[profile a]\nregion = z\n`,
        `[default]\naws_session_token = OLD\n[a]\n${keyLines}`,
      ],
      [`[default]\ncli_pager =\nregion = z\n[profile a]\nregion = z\n`, `[default]\n${keyLines}[a]\n${keyLines}`],
    ],
    [
      "keeps the region if the other profile has no region",
      ["[default]\nregion = w\noutput = json\n[profile a]\noutput = text\n", `[a]\n${keyLines}`],
      [
        "[default]\nregion = w\noutput = text\n[profile a]\noutput = text\n",
        `[a]\n${keyLines}\n[default]\n${keyLines}`,
      ],
    ],
    [
      "removes keys if the other profile has a role",
      [`[profile a]\nrole_arn = ${roleArn}\nsource_profile = b\n`, `[default]\n${keyLines}`],
      [
        `[profile a]\nrole_arn = ${roleArn}\nsource_profile = b\n\n[default]\nrole_arn = ${roleArn}\nsource_profile = b\n`,
        "[default]\n",
      ],
    ],
    [
      "copies a sign-in with console credentials",
      ["[profile a]\nlogin_session = s\n", `[default]\n${keyLines}`],
      ["[profile a]\nlogin_session = s\n\n[default]\nlogin_session = s\n", "[default]\n"],
    ],
    [
      "keeps the keys of default if the copied role needs them",
      [`[profile a]\nrole_arn = ${roleArn}\nsource_profile = default\n`, `[default]\n${keyLines}`],
      [
        `[profile a]\nrole_arn = ${roleArn}\nsource_profile = default\n\n[default]\nrole_arn = ${roleArn}\nsource_profile = default\n`,
        `[default]\n${keyLines}`,
      ],
    ],
  ])("%s", async (_, before, after) => {
    put(...before);
    const wanted = await copyProfile("a", "default", {}, context, locations, { dryRun: true });
    expect(files()).toEqual(before);
    expect(await copyProfile("a", "default", {}, context, locations)).toEqual(wanted);
    expect(files()).toEqual(after);
    expect(await copyProfile("a", "default", {}, context, locations)).toEqual([]);
  });

  it.each([
    [
      "its source has no keys of its own",
      "[profile a]\nrole_arn = r\nsource_profile = default\n[default]\ncredential_process = x\n",
    ],
    [
      "its source is further away",
      "[profile a]\nrole_arn = r\nsource_profile = b\n[profile b]\nrole_arn = r\nsource_profile = default\n[default]\naws_access_key_id = A\naws_secret_access_key = S\n",
    ],
  ])("refuses a profile that would depend on itself: %s", async (_, config) => {
    put(config);
    await expect(copyProfile("a", "default", {}, context, locations)).rejects.toMatchObject({ code: "ProfileCycle" });
    expect(files()[0]).toBe(config);
  });

  it("reports a missing profile, and changes nothing for a copy onto itself", async () => {
    await expect(copyProfile("a", "default", {}, context, locations)).rejects.toMatchObject({
      code: "ProfileNotFound",
    });
    put("[default]\n");
    expect(await copyProfile("default", "default", {}, context, locations)).toEqual([]);
  });

  it("refuses to copy an invalid value", async () => {
    put("", "[a]\naws_access_key_id = A\naws_secret_access_key = S\n  continued\n");
    await expect(copyProfile("a", "default", {}, context, locations)).rejects.toMatchObject({ code: "ValueRefused" });
  });
});

describe(storeCommand.name, () => {
  const line = "/usr/bin/node /opt/role-credentials.cjs credential-process --profile a";
  const store = (from: string, to: string) => storeCommand(from, to, line, {}, context, locations);

  it("replaces the credentials of a profile by the command, and copies the region", async () => {
    put(
      `[profile a]\nrole_arn = ${roleArn}\nsource_profile = b\nregion = eu-west-1\n[profile c]\nsso_session = s\nlogin_session = l\noutput = json\n`,
      `[c]\n${keyLines}`,
    );
    await store("a", "c");
    expect(files()).toEqual([
      `[profile a]\nrole_arn = ${roleArn}\nsource_profile = b\nregion = eu-west-1\n[profile c]\noutput = json\ncredential_process = ${line}\nregion = eu-west-1\n`,
      "[c]\n",
    ]);
    expect(await store("a", "c")).toEqual([]);
  });

  it.each([
    ["is the same profile", "[profile a]\nregion = r\n", "a"],
    [
      "has the keys of its role",
      "[profile a]\nrole_arn = r\nsource_profile = b\n[profile b]\naws_access_key_id = A\naws_secret_access_key = S\n",
      "b",
    ],
  ])("refuses a profile that %s", async (_, config, to) => {
    put(config);
    await expect(store("a", to)).rejects.toMatchObject({ code: "ProfileCycle" });
    expect(files()[0]).toBe(config);
  });

  it("refuses a profile that does not exist", async () => {
    await expect(store("a", "c")).rejects.toMatchObject({ code: "ProfileNotFound" });
  });
});
