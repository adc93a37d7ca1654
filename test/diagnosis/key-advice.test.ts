import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Core } from "../../src/server/core.ts";
import { createHandlers } from "../../src/server/handlers.ts";
import { homeOf } from "../assume-role/fixtures.ts";
import { contextOf } from "../credentials/fixtures.ts";
import { memoryKeychain } from "../keys/memory-keychain.ts";
import { type Sandbox, startSandbox } from "../sandbox/sandbox.ts";
import { defaultWorld } from "../sandbox/world.ts";

const day = 86_400_000;
let sandbox: Sandbox;

async function startWithKeysOf(days: number): Promise<void> {
  const created = new Date(Date.now() - days * day).toISOString();
  const accounts = defaultWorld.accounts.map((account) => ({
    ...account,
    users: (account.users ?? []).map((user) => ({
      ...user,
      keys: (user.keys ?? []).map((key) => ({ ...key, created })),
    })),
  }));
  sandbox = await startSandbox({ world: { ...defaultWorld, accounts } });
}

beforeEach(() => startWithKeysOf(120));
afterEach(() => sandbox.close());

const jo =
  "[default]\naws_access_key_id = AKIAJOEXAMPLE0000001\naws_secret_access_key = Jo/EXAMPLE+secret00000000000000000000001\n";
const ann =
  "[default]\naws_access_key_id = AKIAANNEXAMPLE000001\naws_secret_access_key = Ann/EXAMPLE+secret0000000000000000000001\n";

/** The advice about the default profile. */
async function advice(credentials: string, { vault = false, environment = {} } = {}): Promise<readonly string[]> {
  const { directory } = homeOf("", {}, credentials);
  const handlers = createHandlers(
    new Core({ keychain: memoryKeychain() }, { node: "node", script: "/role-credentials.cjs" }),
  );
  const context = contextOf(
    { HOME: directory, ...sandbox.environment, ...environment },
    { workingDirectory: directory, now: Date.now },
  );
  if (vault) await handlers["profile/store"]({ profileName: "default", settings: {}, vault }, context);
  const report = await handlers["role/test"]({ profileName: "default", hop: 1, invocationId: "1" }, context);
  expect(report.succeeded).toBe(true);
  return report.advice ?? [];
}

describe("advice about keys that work", () => {
  it("says where a secret key is in plain text, and that the access key is old", async () => {
    const [plain = "", old = "", ...more] = await advice(jo);
    expect(plain).toContain("line 3 of ");
    expect(plain).toContain("Set-RoleCredentials -ProfileName default -Vault");
    expect(old).toBe("The access key is 120 days old. Update-RoleKey default replaces it.");
    expect(more).toEqual([]);
  });

  it("does not mention the age of a young key", async () => {
    await sandbox.close();
    await startWithKeysOf(90);
    expect(await advice(jo)).toEqual([expect.stringContaining("plain text")]);
  });

  it("does not mention the place of a key in the keychain", async () => {
    expect(await advice(jo, { vault: true })).toEqual([expect.stringContaining("120 days old")]);
  });

  it("does not know the age without the permission", async () => {
    expect(await advice(ann)).toEqual([expect.stringContaining("plain text")]);
  });

  it("does not ask AWS about the keys of another service", async () => {
    expect(await advice(jo, { environment: { AWS_ENDPOINT_URL_IAM: undefined } })).toHaveLength(1);
    expect(sandbox.calls.some(({ service }) => service === "iam")).toBe(false);
  });
});
