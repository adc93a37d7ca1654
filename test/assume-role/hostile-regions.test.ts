import { beforeEach, describe, expect, it } from "vitest";
import { sha1Hex } from "../../src/platform/hash.ts";
import type { UseRoleParams } from "../../src/protocol/role-messages.ts";
import { codeOf, serveRaw } from "../credentials/fixtures.ts";
import { hostileRegions } from "../network/hostile-regions.ts";
import { keysOf, roleArn } from "../sandbox/clients.ts";
import { type Home, homeOf, section } from "./fixtures.ts";

let connections = 0;
beforeEach(() => {
  connections = 0;
});

const base = section("profile base", { ...keysOf.jo });
const prod = (region?: string) =>
  section("profile prod", { roleArn: roleArn("Admin"), sourceProfile: "base", ...(region && { region }) });
const startUrl = "https://start.example/start";
const center = (ssoRegion: string) =>
  section("profile center", { ssoAccountId: "123456789012", ssoRoleName: "Admin", ssoStartUrl: startUrl, ssoRegion });

/** A home whose traffic leaves this machine through a proxy, which counts every connection. */
async function homeWith(config: string, environment: Record<string, string> = {}): Promise<Home> {
  const proxy = await serveRaw((socket) => {
    connections++;
    socket.destroy();
  });
  return homeOf(config, { HTTPS_PROXY: proxy.url, AWS_MAX_ATTEMPTS: "1", ...environment });
}

/** A user who is signed in to Identity Center. */
async function signedIn(ssoRegion: string): Promise<Home> {
  const home = await homeWith(center(ssoRegion));
  const token = { accessToken: "token", expiresAt: "2099-01-01T00:00:00Z" };
  home.write(`.aws/sso/cache/${sha1Hex(startUrl)}.json`, JSON.stringify(token));
  return home;
}

// The values that a line of a file, or an environment variable, can contain.
const ofFiles = hostileRegions.filter(
  (region) => region.trim() === region && region !== "" && !/[\r\n\0#]/.test(region),
);
const ofVariables = hostileRegions.filter((region) => region !== "" && !region.includes("\0"));

/** Reading a file rejects invisible characters in any setting. */
const refusalOf = (region: string) => (/\p{Cf}/u.test(region) ? "SettingInvalid" : "RegionInvalid");

/** The error's code, and how many connections were opened. */
async function outcome(home: Promise<Home>, params: UseRoleParams = { profileName: "prod" }) {
  const made = await home;
  return [await codeOf(() => made.use(params)), connections];
}

describe("a hostile region", () => {
  it.each(hostileRegions)("opens no connection as a parameter: %j", async (region) => {
    expect(await outcome(homeWith(base + prod()), { profileName: "prod", region })).toEqual(["RegionInvalid", 0]);
  });

  it.each(ofFiles)("opens no connection in a profile: %j", async (region) => {
    expect(await outcome(homeWith(base + prod(region)))).toEqual([refusalOf(region), 0]);
  });

  it.each(ofVariables)("opens no connection in a variable: %j", async (region) => {
    for (const name of ["AWS_REGION", "AWS_DEFAULT_REGION"])
      expect(await outcome(homeWith(base + prod(), { [name]: region }))).toEqual(["RegionInvalid", 0]);
  });

  it.each(ofFiles)("opens no connection as the region of Identity Center: %j", async (region) => {
    expect(await outcome(signedIn(region), { profileName: "center" })).toEqual([refusalOf(region), 0]);
  });

  it("opens no connection, unlike a valid region", async () => {
    expect(await outcome(homeWith(base + prod("eu-west-1")))).toEqual([expect.stringMatching(/^Sts/), 1]);
    const [code, count] = await outcome(signedIn("eu-west-1"), { profileName: "center" });
    expect(code).toBe("SsoFailed");
    expect(count).toBeGreaterThan(1);
  });
});
