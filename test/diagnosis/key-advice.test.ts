import { describe, expect, it } from "vitest";
import { Core } from "../../src/server/core.ts";
import { createHandlers } from "../../src/server/handlers.ts";
import { homeOf, section } from "../assume-role/fixtures.ts";
import { contextOf } from "../credentials/fixtures.ts";
import { memoryKeychain } from "../keys/memory-keychain.ts";
import { keysOf } from "../sandbox/clients.ts";
import { openOwnSandbox } from "../sandbox/open-sandbox.ts";
import { worldWithUsers } from "../sandbox/world.ts";

/** A sandbox whose users' keys have this age. */
function sandboxWithKeysOf(days: number) {
  const created = new Date(Date.now() - days * 86_400_000).toISOString();
  const world = worldWithUsers(({ keys = [], ...user }) => ({
    ...user,
    keys: keys.map((key) => ({ ...key, created })),
  }));
  return openOwnSandbox({ world });
}

/** The advice about the default profile. */
async function advice(
  keys = keysOf.jo,
  { vault = false, environment = {}, sandbox = sandboxWithKeysOf(120) } = {},
): Promise<readonly string[]> {
  const { directory } = homeOf("", {}, section("default", keys));
  const handlers = createHandlers(
    new Core({ keychain: memoryKeychain() }, { node: "node", script: "/role-credentials.cjs" }),
  );
  const context = contextOf(
    { HOME: directory, ...(await sandbox).environment, ...environment },
    { workingDirectory: directory, now: Date.now },
  );
  if (vault) await handlers["profile/store"]({ profileName: "default", settings: {}, vault }, context);
  const report = await handlers["role/test"]({ profileName: "default", hop: 1, invocationId: "1" }, context);
  expect(report.succeeded).toBe(true);
  return report.advice ?? [];
}

describe("advice about keys that work", () => {
  it("says where a secret key is in plain text, and that the access key is old", async () => {
    const [plain = "", old = "", ...more] = await advice();
    expect(plain).toContain("line 3 of ");
    expect(plain).toContain("Set-RoleCredentials -ProfileName default -Vault");
    expect(old).toBe("The access key is 120 days old. Update-RoleKey default replaces it.");
    expect(more).toEqual([]);
  });

  it("does not mention the age of a young key", async () => {
    expect(await advice(keysOf.jo, { sandbox: sandboxWithKeysOf(90) })).toEqual([
      expect.stringContaining("plain text"),
    ]);
  });

  it("does not mention the place of a key in the keychain", async () => {
    expect(await advice(keysOf.jo, { vault: true })).toEqual([expect.stringContaining("120 days old")]);
  });

  it("does not know the age without the permission", async () => {
    expect(await advice(keysOf.ann)).toEqual([expect.stringContaining("plain text")]);
  });

  it("does not ask AWS about the keys of another service", async () => {
    const sandbox = sandboxWithKeysOf(120);
    expect(await advice(keysOf.jo, { environment: { AWS_ENDPOINT_URL_IAM: undefined }, sandbox })).toHaveLength(1);
    expect((await sandbox).calls.some(({ service }) => service === "iam")).toBe(false);
  });
});
