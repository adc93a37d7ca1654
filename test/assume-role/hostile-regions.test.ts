import { createServer, type Server } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sha1Hex } from "../../src/platform/hash.ts";
import { codeOf } from "../credentials/fixtures.ts";
import { hostileRegions } from "../network/hostile-regions.ts";
import { keysOf, roleArn } from "../sandbox/clients.ts";
import { type Home, homeOf, section } from "./fixtures.ts";

/** A proxy for all traffic that leaves this machine, so that every connection is recorded. */
let proxy: Server;
let connections = 0;

beforeAll(async () => {
  proxy = createServer((socket) => {
    connections++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
});
afterAll(() => proxy.close());

const base = section("profile base", { ...keysOf.jo });
const prod = (region?: string) =>
  section("profile prod", { roleArn: roleArn("Admin"), sourceProfile: "base", ...(region && { region }) });
const startUrl = "https://start.example/start";
const center = (ssoRegion: string) =>
  section("profile center", {
    ssoAccountId: "123456789012",
    ssoRoleName: "Admin",
    ssoStartUrl: startUrl,
    ssoRegion,
  });

function home(config: string, environment: Record<string, string> = {}): Home {
  const { port } = proxy.address() as { port: number };
  return homeOf(config, { HTTPS_PROXY: `http://127.0.0.1:${port}`, AWS_MAX_ATTEMPTS: "1", ...environment });
}

/** A user who is signed in to Identity Center. */
function signedIn(ssoRegion: string): Home {
  const made = home(center(ssoRegion));
  const token = { accessToken: "token", expiresAt: "2099-01-01T00:00:00Z" };
  made.write(`.aws/sso/cache/${sha1Hex(startUrl)}.json`, JSON.stringify(token));
  return made;
}

// The values that a line of a file, or an environment variable, can contain.
const ofFiles = hostileRegions.filter(
  (region) => region.trim() === region && region !== "" && !/[\r\n\0#]/.test(region),
);
const ofVariables = hostileRegions.filter((region) => region !== "" && !region.includes("\0"));

/** Reading a file rejects invisible characters in any setting. */
const refusalOf = (region: string) => (/\p{Cf}/u.test(region) ? "SettingInvalid" : "RegionInvalid");

describe("a hostile region opens no connection", () => {
  it.each(hostileRegions)("as a parameter: %j", async (region) => {
    expect(await codeOf(() => home(base + prod()).use({ profileName: "prod", region }))).toBe("RegionInvalid");
    expect(connections).toBe(0);
  });

  it.each(ofFiles)("in a profile: %j", async (region) => {
    expect(await codeOf(() => home(base + prod(region)).use({ profileName: "prod" }))).toBe(refusalOf(region));
    expect(connections).toBe(0);
  });

  it.each(ofVariables)("in a variable: %j", async (region) => {
    for (const name of ["AWS_REGION", "AWS_DEFAULT_REGION"]) {
      expect(await codeOf(() => home(base + prod(), { [name]: region }).use({ profileName: "prod" }))).toBe(
        "RegionInvalid",
      );
    }
    expect(connections).toBe(0);
  });

  it.each(ofFiles)("as the region of Identity Center: %j", async (region) => {
    expect(await codeOf(() => signedIn(region).use({ profileName: "center" }))).toBe(refusalOf(region));
    expect(connections).toBe(0);
  });

  it("but a valid region opens connections", async () => {
    expect(await codeOf(() => home(base + prod("eu-west-1")).use({ profileName: "prod" }))).toMatch(/^Sts/);
    expect(connections).toBe(1);
    expect(await codeOf(() => signedIn("eu-west-1").use({ profileName: "center" }))).toBe("SsoFailed");
    expect(connections).toBeGreaterThan(1);
  });
});
