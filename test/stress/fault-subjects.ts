import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { cacheKey, cliFileName } from "../../src/cache/cache-key.ts";
import type { CacheEntry, CacheRequest } from "../../src/cache/cache-request.ts";
import { CredentialCache } from "../../src/cache/credential-cache.ts";
import { parseEntry } from "../../src/cache/entry-format.ts";
import { listRoles, recordRoles } from "../../src/history/role-history.ts";
import { replaceJsonFile } from "../../src/platform/atomic-write.ts";
import { type Changes, storeProfile } from "../../src/profiles/store.ts";
import { contextOf } from "../credentials/fixtures.ts";
import { contextSource } from "../platform/other-process.ts";

/** A write to test. It runs once in a separate process, where faults are injected, and once more afterwards. */
export interface FaultSubject {
  readonly what: string;
  /** Reads `home` and calls `begin()` and `end()` around the write. Its last value is one word, which it prints. */
  readonly program: string;
  /** The accepted results of a disturbed write, other than the death of its process. */
  readonly endings: RegExp;
  /** System calls that an undisturbed write must make. */
  readonly calls: readonly string[];
  prepare(home: string): void;
  /** Why the files are not whole. Undefined when each file has either its old or its new content. */
  flaw(home: string, outcome: string): string | undefined;
  /** The next run. */
  again(home: string): Promise<unknown>;
  /** Files that may remain after it. */
  readonly left: readonly string[];
}

const context = contextOf({}, { now: Date.now });

/** The files in a folder, by their relative paths. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

const changes: Changes = { accessKeyId: "AKIANEWEXAMPLE000001", secretAccessKey: "new/EXAMPLE", region: "eu-west-1" };
const old = {
  config: "# mine\n[default]\nregion = us-east-1\n\n[profile other]\noutput = json\n",
  credentials:
    "[default]\naws_access_key_id = AKIAOLDEXAMPLE000001\naws_secret_access_key = old/EXAMPLE # c\n[other]\n",
};
/** The result of an undisturbed write, which moves the comment from behind the secret to the line above. */
const wanted = {
  config: old.config.replace("us-east-1", "eu-west-1"),
  credentials:
    "[default]\naws_access_key_id = AKIANEWEXAMPLE000001\n# c\naws_secret_access_key = new/EXAMPLE\n[other]\n",
};
const bothFiles = ["config", "credentials"] as const;

const awsFiles: FaultSubject = {
  what: "both AWS files",
  program: `
import { join } from "node:path";
import { storeProfile } from "#src/profiles/store.ts";
const files = { config: join(home, ".aws", "config"), credentials: join(home, ".aws", "credentials") };
begin();
const outcome = await storeProfile("default", ${JSON.stringify(changes)}, context, files).then(() => "stored", codeOf);
`,
  endings: /^(?:stored|File(?:Unwritable|Unreadable|Busy))$/,
  calls: ["openat", "write", "fsync", "rename", "symlink", "unlink"],
  prepare(home) {
    mkdirSync(join(home, ".aws"), { recursive: true, mode: 0o700 });
    for (const name of bothFiles) writeFileSync(join(home, ".aws", name), old[name], { mode: 0o600 });
  },
  flaw(home, outcome) {
    for (const name of bothFiles) {
      const content = readFileSync(join(home, ".aws", name), "utf8");
      if (content !== wanted[name] && (content !== old[name] || outcome === "stored")) return `${name}: ${content}`;
    }
    return undefined;
  },
  async again(home) {
    const [config, credentials] = bothFiles.map((name) => join(home, ".aws", name));
    await storeProfile("default", { ...changes, output: "text" }, context, {
      config: config ?? "",
      credentials: credentials ?? "",
    });
    if (readFileSync(credentials ?? "", "utf8") !== wanted.credentials)
      throw new Error("the next write did not succeed");
  },
  left: [".aws/config", ".aws/credentials"],
};

const roleArn = "arn:aws:iam::123456789012:role/Admin";
const request: CacheRequest = {
  operation: "AssumeRole",
  cliKey: { RoleArn: roleArn },
  identity: { RoleArn: roleArn },
  source: "source",
  durationSeconds: 3600,
  profileName: "prod",
  roleArn,
};
const { cliKey: _, ...ownRequest } = request;
const answerOf = (name: string): CacheEntry => ({
  credentials: {
    accessKeyId: `ASIA${name}`,
    secretAccessKey: `secret-of-${name}`,
    sessionToken: `token-of-${name}`,
    expiration: new Date(Date.now() + 3_600_000),
  },
});

/** A failed write still returns its result; only the file is missing. */
function cacheEntry(
  what: string,
  asked: CacheRequest,
  path: string,
  calls: readonly string[] = ["openat", "write", "rename", "unlink"],
): FaultSubject {
  const directories = (home: string) => ({
    cli: join(home, ".aws", "cli", "cache"),
    own: join(home, ".aws", "role-credentials", "cache"),
  });
  const obtain = async (home: string, request: CacheRequest, name: string) => {
    const cache = new CredentialCache(directories(home));
    const entry = await cache.obtain(request, { context, caller: "c", fetch: async () => answerOf(name) });
    await cache.settled();
    return entry;
  };
  return {
    what,
    program: `
import { join } from "node:path";
import { CredentialCache } from "#src/cache/credential-cache.ts";
const cache = new CredentialCache({ cli: join(home, ".aws", "cli", "cache"), own: join(home, ".aws", "role-credentials", "cache") });
const answer = ${JSON.stringify(answerOf("FIRST"))};
answer.credentials.expiration = new Date(answer.credentials.expiration);
begin();
const outcome = await cache.obtain(${JSON.stringify(asked)}, { context, caller: "c", fetch: async () => answer })
  .then((entry) => entry.credentials.accessKeyId === "ASIAFIRST" ? "obtained" : "wrong", codeOf);
await cache.settled();
`,
    endings: /^obtained$/,
    calls,
    prepare: (home) => mkdirSync(join(home, ".aws"), { recursive: true, mode: 0o700 }),
    flaw(home) {
      if (!existsSync(join(home, path))) return undefined;
      const parsed = parseEntry(readFileSync(join(home, path), "utf8"));
      return parsed?.entry.credentials.secretAccessKey === "secret-of-FIRST" ? undefined : "the entry is not whole";
    },
    async again(home) {
      const { credentials } = await obtain(home, asked, "SECOND");
      if (!/^ASIA(?:FIRST|SECOND)$/.test(credentials.accessKeyId)) throw new Error("another's entry");
      // The next entry that is stored removes any leftovers.
      await obtain(home, { ...ownRequest, source: "other" }, "THIRD");
    },
    left: [
      path,
      join(".aws/role-credentials/cache", `${cacheKey(asked)}.json`),
      join(".aws/role-credentials/cache", `${cacheKey({ ...ownRequest, source: "other" })}.json`),
      ".aws/role-credentials/cache/last-swept",
      // It contains no secret and blocks no one: the next process sees that its holder is gone.
      join(".aws/role-credentials/cache", `${cacheKey(asked)}.lock`),
    ],
  };
}

const members = (token: string) => new Map([["accessToken", token.repeat(50)]]);
const tokenFile = ".aws/sso/cache/0123456789012345678901234567890123456789.json";
const signIn: FaultSubject = {
  what: "a renewed sign-in",
  program: `
import { join } from "node:path";
import { replaceJsonFile } from "#src/platform/atomic-write.ts";
begin();
let outcome = "stored";
try {
  await replaceJsonFile(join(home, "${tokenFile}"), new Map([["accessToken", "new".repeat(50)]]));
} catch (error) {
  outcome = "syscall" in error ? "refused" : codeOf(error);
}
`,
  endings: /^(?:stored|refused|FileUnwritable)$/,
  calls: ["openat", "write", "fsync", "rename"],
  prepare(home) {
    mkdirSync(dirname(join(home, tokenFile)), { recursive: true, mode: 0o700 });
    writeFileSync(join(home, tokenFile), JSON.stringify(Object.fromEntries(members("old"))), { mode: 0o600 });
  },
  flaw(home, outcome) {
    const { accessToken } = JSON.parse(readFileSync(join(home, tokenFile), "utf8"));
    const whole = outcome === "stored" ? ["new"] : ["new", "old"];
    return whole.some((token) => accessToken === token.repeat(50)) ? undefined : accessToken;
  },
  again: async (home) => replaceJsonFile(join(home, tokenFile), members("next")),
  left: [tokenFile],
};

const settings = ".aws/role-credentials/settings.ini";
const used = (name: string) => ({
  roleArn: `arn:aws:iam::123456789012:role/${name}`,
  lastUsed: "2030-01-01T00:00:00Z",
});
const history: FaultSubject = {
  what: "the history",
  program: `
import { join } from "node:path";
import { recordRoles } from "#src/history/role-history.ts";
begin();
const outcome = await recordRoles([${JSON.stringify(used("New"))}], join(home, "${settings}"), context).then(() => "stored", codeOf);
`,
  endings: /^(?:stored|File(?:Unwritable|Unreadable|Busy))$/,
  calls: ["openat", "write", "fsync", "rename", "symlink", "unlink"],
  prepare: (home) => mkdirSync(join(home, ".aws"), { recursive: true, mode: 0o700 }),
  flaw(home, outcome) {
    const roles = listRoles({ ...context, environment: { HOME: home } }).map(({ roleArn: arn }) => arn);
    const isWhole = outcome === "stored" ? roles.length === 1 : roles.length <= 1;
    return isWhole && roles.every((arn) => arn === used("New").roleArn) ? undefined : roles.join();
  },
  again: (home) => recordRoles([used("Next")], join(home, settings), context),
  left: [settings],
};

export const faultSubjects: readonly FaultSubject[] = [
  awsFiles,
  cacheEntry("an entry for the AWS CLI too", request, join(".aws/cli/cache", cliFileName(request.cliKey ?? {})), [
    ...["openat", "write", "fsync", "rename", "unlink"],
  ]),
  cacheEntry(
    "an entry in our own cache",
    ownRequest,
    join(".aws/role-credentials/cache", `${cacheKey(ownRequest)}.json`),
  ),
  signIn,
  history,
];

/** The beginning of every program. */
export function preamble(begin: string, end: string): string {
  return `
import { existsSync } from "node:fs";
${contextSource.replace("now: () => 0", "now: Date.now")}
const home = process.argv[2];
const begin = () => existsSync("${begin}");
const end = () => existsSync("${end}");
const codeOf = (error) => (error.name === "RoleError" ? error.code : "not ours: " + error.stack);
`;
}
