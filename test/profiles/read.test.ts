import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { devNull } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { refuseHiddenCharacters } from "../../src/profiles/hidden-characters.ts";
import { combine, profileValues, readSharedConfig } from "../../src/profiles/read.ts";
import { profileNotFound } from "../../src/profiles/require-profile.ts";
import { type Setting, type Settings, settingKeys } from "../../src/profiles/settings.ts";
import type { SharedConfig } from "../../src/profiles/shared-config.ts";
import { SharedFile } from "../../src/profiles/shared-file.ts";
import { RoleError } from "../../src/protocol/errors.ts";
import { temporaryDirectory } from "../credentials/fixtures.ts";
import { amount } from "../stress/amount.ts";
import { cliFiles } from "./cli-files.ts";

const conformance = join(import.meta.dirname, "../../../shared/conformance");

interface ParserCase {
  readonly name: string;
  readonly input: { readonly configFile?: string; readonly credentialsFile?: string };
  readonly output: {
    readonly config?: {
      readonly profiles: Record<string, Record<string, string>>;
      readonly sso_sessions?: Record<string, Record<string, string>>;
    };
    readonly errorContaining?: string;
  };
}

function open(config = "", credentials = ""): { config: SharedFile; credentials: SharedFile } {
  return {
    config: new SharedFile("config", Buffer.from(config), "config"),
    credentials: new SharedFile("credentials", Buffer.from(credentials), "credentials"),
  };
}

function sharedConfig(config = "", credentials = ""): SharedConfig {
  const files = open(config, credentials);
  return combine(files.config, files.credentials);
}

function namesIn(shared: SharedConfig): string[] {
  return shared.profiles().map(({ name }) => name);
}

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return error instanceof RoleError ? error.code : `another error: ${error}`;
  }
  return "no error";
}

function messageOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  return "no error";
}

const parserCases = join(conformance, "smithy-rs/profile-parser-tests.json");

describe.skipIf(!existsSync(parserCases))("the parser cases of the AWS SDK for Rust (../shared/conformance)", () => {
  const { tests } = existsSync(parserCases)
    ? (JSON.parse(readFileSync(parserCases, "utf8")) as { tests: ParserCase[] })
    : { tests: [] };

  it("contain 65 cases, 10 of them errors", () => {
    expect([tests.length, tests.filter((test) => test.output.errorContaining).length]).toEqual([65, 10]);
  });

  /** What the AWS CLI reads, by the number of the case, in files that only it accepts. docs/compatibility.md explains why. */
  const asTheCli: Readonly<Record<number, Record<string, Record<string, string>>>> = {
    2: { "some-thing:long/the_one%only.foo@bar+": {}, "foo!bar": {} },
    16: { foo: { key: "value" } },
    40: { "in valid 2": { name2: "value2" } },
    47: { foo: { s3: "\n= value" } },
  };

  it.each(tests.map((test, index) => [`${index} ${test.name}`, test, asTheCli[index]] as const))(
    "%s",
    (_, test, cli) => {
      const { input, output } = test;
      const read = () => open(input.configFile, input.credentialsFile);
      if (!output.config && !cli) {
        expect(codeOf(read)).toBe("FileBroken");
        return;
      }
      const { config, credentials } = read();
      const shared = combine(config, credentials);
      const names = namesIn(shared);
      expect(shared.profiles()).toEqual(names.map((name) => shared.profile(name)));
      const profiles = names.map((name) => [name, Object.fromEntries(profileValues(config, credentials, name) ?? [])]);
      expect(Object.fromEntries(profiles)).toEqual(cli ?? output.config?.profiles);
      for (const [name, values] of Object.entries(output.config?.sso_sessions ?? {})) {
        expect(Object.fromEntries(config.values(config.sections("sso-session", name)))).toEqual(values);
      }
    },
  );
});

const seeds = join(conformance, "aws-c-auth/fuzz-corpus");

describe.skipIf(!existsSync(seeds))("the fuzzing seeds of aws-c-auth (../shared/conformance)", () => {
  it.each(["parse_config_profile", "parse_credentials_profile"])(
    "%s are read or refused without any other error",
    async (folder) => {
      const { readdirSync } = await import("node:fs");
      const files = readdirSync(join(seeds, folder));
      expect(files.length).toBe(40);
      for (const file of files) {
        const content = readFileSync(join(seeds, folder, file));
        for (const kind of ["config", "credentials"] as const) {
          const outcome = codeOf(() => {
            const shared = new SharedFile(file, content, kind);
            combine(shared, shared).profiles();
          });
          expect(["no error", "FileBroken"], file).toContain(outcome);
        }
      }
    },
  );
});

describe("a broken file", () => {
  it.each([
    ["a key before any section", "a = b\n", 1],
    ["an indented line before any section", "# c\n\n  a = b\n", 3],
    ["a header without its bracket", "[profile a]\n[profile b\n", 2],
    ["a line without =", "[profile a]\nx = 1\n\njunk\n", 4],
    ["a key without a name", "[a]\n= 1", 2],
    ["a = in the comment only", "[a]\nkey # = 1", 2],
    ["an indented line without a value to continue", "[profile a]\n# c\n  junk\n", 3],
    ["an indented header without its bracket", "[profile a]\n  x = 1\n  [profile b\n", 3],
    ["a header with nothing before its bracket", "]\n", 1],
    ["a nested line without =", "[profile a]\ns3 =\n  x = 1\n  junk\n", 4],
    ["a broken line in an ignored section", "[profile good]\nx = 1\n[no profile]\njunk\n", 4],
    ["the last line, without a line break", "[profile a]\r\nx = 1\r\njunk", 3],
    ["one line among many sections", `${"[profile a]\nx = 1\n".repeat(500)}junk\n${"[b]\n".repeat(500)}`, 1001],
    ["one line in a long section", `[a]\n${"x = 1\n".repeat(2000)}junk\n`, 2002],
  ])("%s is an error with the line", (_, text, line) => {
    expect(codeOf(() => open(text))).toBe("FileBroken");
    expect(messageOf(() => open(text))).toContain(`line ${line}:`);
  });

  it("does not quote the line, which may hold a secret", () => {
    expect(messageOf(() => open("[a]\nhunter2secret\n"))).not.toContain("hunter2secret");
  });

  it("names the encoding of a file in UTF-16", () => {
    const file = Buffer.from("\ufeff[default]\n", "utf16le");
    const read = () => new SharedFile("it's", file, "config");
    const path = "-LiteralPath 'it''s'";
    const action = `Convert it to UTF-8: Set-Content -NoNewline ${path} (Get-Content -Raw ${path}).`;
    expect(read).toThrow(
      expect.objectContaining({ message: "it's is written in UTF-16.", details: expect.objectContaining({ action }) }),
    );
  });
});

describe("files as the AWS CLI reads them", () => {
  it.each(cliFiles.map((file) => [`${file.fact} (${file.kind})`, file] as const))(
    "%s",
    (_, { kind, text, profiles }) => {
      const shared = kind === "config" ? sharedConfig(text) : sharedConfig("", text);
      const read = Object.fromEntries(shared.profiles().map(({ name, settings }) => [name, byKey(settings)]));
      expect(read).toEqual(profiles);
      for (const name of Object.keys(profiles)) {
        const again = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map(() => byKey(shared.profile(name)?.settings ?? {}));
        expect(new Set(again.map((settings) => JSON.stringify(settings)))).toEqual(
          new Set([JSON.stringify(read[name])]),
        );
      }
    },
  );

  function byKey(settings: Settings): Record<string, string> {
    return Object.fromEntries(
      Object.entries(settings).map(([setting, value]) => [settingKeys[setting as Setting], value]),
    );
  }
});

describe("reading", () => {
  it.each([
    ["a byte order mark", "\ufeff[default]\nregion = x\n", "x"],
    ["CRLF", "[default]\r\nregion = x\r\n", "x"],
    ["no final line break", "[default]\nregion = x", "x"],
    ["an indented comment line after a value", "[default]\nregion = x\n  # home\n", "x"],
    ["comments and blank lines of every kind", "; a\n#b\n\t\n[default] ; c\n\n# d\nregion = x # e\n", "x"],
    ["a key in another case", "[default]\nREGION = x\n", "x"],
    ["# and ; in a value", "[default]\nregion = a#b;c\n", "a#b;c"],
    ["the last of two equal keys", "[default]\nregion = y\nregion = x\n", "x"],
    ["= in a value", "[default]\nregion==x=\n", "=x="],
    ["characters beyond ASCII", "[default]\nregion = übermäßig 😂\n", "übermäßig 😂"],
  ])("%s", (_, text, value) => {
    expect(sharedConfig(text).profile("default")?.settings.region).toBe(value);
  });

  it("gives the same result with a text search and with an index", () => {
    const text = `[profile a]\nregion = 1\n[profile "b c"]\nregion = 2\n[profile 'd']\nregion=3\n[\tprofile \t e ]\nregion=4\n[default]\nregion = 5\n`;
    for (const [name, region] of [
      ["a", "1"],
      ["b c", "2"],
      ["d", "3"],
      ["e", "4"],
      ["default", "5"],
      ["f", undefined],
      ["profile a", undefined],
      ["", undefined],
    ] as const) {
      const shared = sharedConfig(text);
      const answers = [1, 2, 3, 4].map(() => shared.profile(name)?.settings.region);
      expect(answers, name).toEqual([region, region, region, region]);
    }
  });

  const both = "aws_access_key_id = A\naws_secret_access_key = S\n";
  it.each([
    [
      "the credentials file",
      `${both}aws_session_token = OLD\naws_account_id = 1\n`,
      "aws_access_key_id = B\naws_secret_access_key = T\n",
      "B T",
    ],
    ["the credentials file, even if its secret is missing", both, "aws_access_key_id = B\n", "B"],
    [
      "the credentials file, even if its access key is empty",
      both,
      "aws_access_key_id =\naws_secret_access_key = T\n",
      "T",
    ],
    [
      "config, if the credentials file has no access key",
      both,
      "aws_secret_access_key = T\naws_session_token = U\n",
      "A S",
    ],
    ["config, with its own token", `${both}aws_security_token = V\n`, "aws_session_token = U\n", "A S V"],
    ["the only file that has some", "region = x\n", `${both}aws_session_token = U\n`, "A S U"],
  ])("takes all keys from %s, as botocore does", (_, config, credentials, expected) => {
    const shared = sharedConfig(`[profile p]\n${config}`, `[p]\n${credentials}`);
    for (const profile of [shared.profile("p"), ...shared.profiles()]) {
      const { accessKeyId, secretAccessKey, sessionToken, accountId } = profile?.settings ?? {};
      expect([accessKeyId, secretAccessKey, sessionToken, accountId].filter(Boolean).join(" ")).toBe(expected);
    }
  });

  it("treats an empty value as absent, and lists it", () => {
    const profile = sharedConfig("[default]\nregion = x\noutput =\n", "[default]\nregion =\n").profile("default");
    expect(profile?.settings).toEqual({});
    expect(profile?.empty).toEqual(new Set(["output", "region"]));
    expect(sharedConfig("[default]\nregion =\nregion = x\n").profile("default")).not.toHaveProperty("empty");
  });

  it("ignores unknown keys", () => {
    expect(
      sharedConfig("[default]\ncli_pager =\ns3 =\n  region = nested\nregion = x\n").profile("default")?.settings,
    ).toEqual(Object.assign(Object.create(null), { region: "x" }));
  });

  it("lists each name once, config first", () => {
    const shared = sharedConfig(
      "[profile b]\n[default]\n[profile a]\n[profile default]\n[sso-session s]\n[junk]\n",
      "[c]\n[a]\n[profile d]\n[default]\n[e f]\n",
    );
    expect(namesIn(shared)).toEqual(["b", "default", "a", "c", "e f"]);
  });

  it("finds sso-session and services sections", () => {
    const shared = sharedConfig(
      "[sso-session s]\nsso_region = x\n[services v]\nSTS =\n  endpoint_url = http://sts # c\n  endpoint_url2 =\ns3 = plain\n[services v]\niam=\n endpoint_url=http://iam",
    );
    expect(shared.ssoSession("s")?.ssoRegion).toBe("x");
    expect(shared.ssoSession("v")).toBeUndefined();
    expect(shared.services("v")?.get("sts")?.endpointUrl).toBe("http://sts");
    expect(shared.services("v")?.get("iam")?.endpointUrl).toBe("http://iam");
    expect(shared.services("v")?.has("s3")).toBe(false);
    expect(shared.services("s")).toBeUndefined();
  });

  it("handles the names of members of Object.prototype", () => {
    const names = ["__proto__", "constructor", "toString", "hasOwnProperty"];
    const text = names.map((name) => `[profile ${name}]\n${name} = polluted\nregion = x\n`).join("");
    const shared = sharedConfig(text, names.map((name) => `[${name}]\n__proto__ =\n  region = y\n`).join(""));
    for (const name of names) expect({ ...shared.profile(name)?.settings }).toEqual({ region: "x" });
    expect(sharedConfig().profile("constructor")).toBeUndefined();
    expect(({} as Record<string, unknown>).region).toBeUndefined();
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe("a file in the code page of Windows", () => {
  const ansi = (text: string) => new SharedFile("/x/config", Buffer.from(text, "latin1"), "config");
  const read = (text: string) => combine(ansi(text), new SharedFile("/x/credentials", Buffer.alloc(0), "credentials"));

  it.each<[fact: string, text: string, line: number, work: (shared: SharedConfig) => unknown]>([
    ["is reported when profiles are listed", "[profile a]\n[profile B\xfcro]\n", 2, (shared) => shared.profiles()],
    [
      "is reported when its profile is requested",
      "[profile a]\n\n[profile B\xfcro]\n",
      3,
      (shared) => {
        throw profileNotFound("Büro", shared.origin);
      },
    ],
    [
      "is reported when a known setting is read",
      "[profile a]\nregion = x\nrole_session_name = J\xf6rg\n",
      3,
      (shared) => shared.profile("a"),
    ],
  ])("%s", (_, text, line, work) => {
    const run = () => work(read(text));
    expect(run).toThrow(
      expect.objectContaining({
        code: "FileBroken",
        message: `/x/config is not UTF-8: line ${line} is in another encoding.`,
        details: expect.objectContaining({ action: expect.stringContaining("-Encoding 1252") }),
      }),
    );
  });

  it("keeps its other profiles readable", () => {
    const shared = read("# B\xfcro\n[profile B\xfcro]\nregion = x\n[profile a]\nregion = y\nnote = B\xfcro\n");
    expect(shared.profile("a")?.settings.region).toBe("y");
  });
});

describe(profileNotFound.name, () => {
  it.each([
    [
      "a hidden character",
      "config",
      "[profile\u00a0a]\n",
      "Line 1 of config holds the hidden character U+00A0 (no-break space)",
    ],
    ["a hidden character at the end", "config", "[profile a\u200b]\n", "U+200B (zero width space)"],
    ["another case", "config", "\n[Profile A]\n", "Line 2 of config is [Profile A]"],
    ["no `profile`", "config", "[a]\n", "Line 1 of config is [a]"],
    ["an extra `profile`", "credentials", "[profile a]\n", "Line 1 of credentials is [profile a]"],
    ["no similar name", "config", "[profile ab]\n", "There is no profile 'a'."],
  ] as const)("names the line of a header with %s", (_, kind, text, message) => {
    const shared = kind === "config" ? sharedConfig(text) : sharedConfig("", text);
    expect(profileNotFound("a", shared.origin).message).toContain(message);
  });

  it("names the line of a name without quotes", () => {
    expect(profileNotFound("my keys", sharedConfig("[profile my keys]\n").origin).message).toContain(
      "Line 1 of config",
    );
  });
});

describe(refuseHiddenCharacters.name, () => {
  const check = (text: string) => {
    const shared = sharedConfig(text);
    const profile = shared.profile("a");
    if (profile) refuseHiddenCharacters(profile, shared);
  };

  it.each([
    ["role_arn", "arn:aws:iam::123456789012:role/My\u00a0Role", "U+00A0 (no-break space)"],
    ["region", "eu-\u200bwest-1", "U+200B (zero width space)"],
    ["aws_secret_access_key", "hunter\u00ad2", "U+00AD (soft hyphen)"],
    ["credential_process", "/opt/tool\u00a0--name x", "U+00A0 (no-break space)"],
  ])("names the hidden character in %s and its line, and never the value", (key, value, hidden) => {
    const work = () => check(`[profile a]\n\n${key} = ${value}\n`);
    expect(work).toThrow(expect.objectContaining({ code: "SettingInvalid" }));
    expect(work).toThrow(`${key} of profile 'a' holds the hidden character ${hidden}: line 3 of config.`);
    expect(messageOf(work)).not.toContain("hunter");
  });

  it("accepts any character in paths and names", () => {
    check("[profile a]\nsource_profile = b\u00a0c\ncredential_process = /opt/tool 'a\u00a0b'\nca_bundle = /a\u00a0b\n");
  });
});

describe("time", () => {
  const megabytes = amount(0.5, 2);

  it.each([
    ["one line", "a"],
    ["blank lines", "\n"],
    ["headers", "[a]\n"],
    ["headers never closed in one line", "["],
    ["properties of one section", "a = b\n"],
    ["comments", "# c\n"],
    ["continuations of one value", " c\n"],
    ["nested lines", " c = d\n"],
    ["duplicate sections", "[default]\nregion = x\n"],
    ["equals signs", "="],
    ["spaces", " "],
    ["comment marks", " #"],
    ["carriage returns", "\r"],
    ["odd sections", "[a]\nk=\n"],
    ["nearly matching names", "[profile defaul]\n"],
  ])(`is linear for ${megabytes} MB of %s`, (_, piece) => {
    for (const start of ["", "[default]\n", "[default]\nregion =\n", "[default]\nregion = x\n"]) {
      const text = start + piece.repeat(Math.ceil((megabytes * 1024 * 1024) / piece.length));
      const content = Buffer.from(text);
      const before = performance.now();
      const outcome = codeOf(() => {
        const file = new SharedFile("config", content, "config");
        const shared = combine(file, new SharedFile("credentials", content, "credentials"));
        shared.profile("default");
        shared.profiles();
      });
      // Much more than a linear parser needs, and much less than a quadratic one.
      expect(performance.now() - before, start).toBeLessThan(30_000);
      expect(["no error", "FileBroken"]).toContain(outcome);
    }
  });
});

describe(readSharedConfig.name, () => {
  let folder: string;
  let locations: { config: string; credentials: string };

  beforeEach(() => {
    folder = temporaryDirectory();
    locations = { config: join(folder, "config"), credentials: join(folder, "credentials") };
  });

  it("treats missing files as empty", () => {
    expect(readSharedConfig(locations).profiles()).toEqual([]);
    expect(readSharedConfig({ ...locations, config: join(folder, "no", "such", "file") }).profiles()).toEqual([]);
  });

  it.runIf(process.platform === "linux")("reads a file whose size its file system does not know", () => {
    expect(codeOf(() => readSharedConfig({ ...locations, config: "/proc/version" }))).toBe("FileBroken");
  });

  it("gives precedence to the credentials file", () => {
    writeFileSync(locations.config, "[profile a]\nregion = x\noutput = json\n");
    writeFileSync(locations.credentials, "[a]\nregion = y\n");
    expect({ ...readSharedConfig(locations).profile("a")?.settings }).toEqual({ region: "y", output: "json" });
  });

  it("notices a change of the same length in the same instant", () => {
    writeFileSync(locations.config, "[default]\nregion = 1\n");
    for (let round = 2; round < 10; round++) {
      expect(readSharedConfig(locations).profile("default")?.settings.region).toBe(String(round - 1));
      writeFileSync(locations.config, `[default]\nregion = ${round}\n`);
    }
  });

  it("notices a change of the same length whose time was set back", () => {
    for (const region of ["1", "2"]) {
      writeFileSync(locations.config, `[default]\nregion = ${region}\n`);
      utimesSync(locations.config, 1_000_000, 1_000_000);
      expect(readSharedConfig(locations).profile("default")?.settings.region).toBe(region);
    }
  });

  it.skipIf(process.platform === "win32")("reports a link to itself", () => {
    symlinkSync(locations.config, locations.config);
    expect(codeOf(() => readSharedConfig(locations))).toBe("FileUnreadable");
  });

  it("reports a folder in place of a file", () => {
    expect(codeOf(() => readSharedConfig({ ...locations, config: folder }))).toBe("FileUnreadable");
  });

  it.skipIf(process.platform === "win32").each([
    ["an endless device", "a device", (path: string) => symlinkSync("/dev/zero", path)],
    ["a pipe without a writer", "a pipe", (path: string) => void execFileSync("mkfifo", [path])],
    ["600 MB", "too large", (path: string) => execFileSync("truncate", ["-s", "600M", path])],
  ])("refuses %s immediately, in either file", (_, reason, make) => {
    for (const which of ["config", "credentials"] as const) {
      const file = join(folder, `odd-${which}`);
      make(file);
      const read = () => readSharedConfig({ ...locations, [which]: file });
      expect([codeOf(read), messageOf(read)]).toEqual(["FileUnreadable", expect.stringContaining(reason)]);
      expect(messageOf(read)).toContain(file);
    }
  });

  it("treats the null device as an empty file", () => {
    writeFileSync(locations.credentials, "[a]\nregion = x\n");
    expect(namesIn(readSharedConfig({ ...locations, config: devNull }))).toEqual(["a"]);
  });

  it("ignores a directory in the place of the config file with -ProfileLocation", () => {
    writeFileSync(locations.credentials, "[a]\nregion = x\n");
    const read = readSharedConfig({ config: folder, credentials: locations.credentials, storeInCredentialsOnly: true });
    expect(namesIn(read)).toEqual(["a"]);
  });

  it("names the file and the line of an error", () => {
    writeFileSync(locations.credentials, "[a]\nbroken\n");
    expect(messageOf(() => readSharedConfig(locations))).toContain(`${locations.credentials} is broken at line 2:`);
  });
});
