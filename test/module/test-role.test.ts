import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { quote } from "../powershell/session.ts";
import { keysOf, roleArn } from "../sandbox/clients.ts";
import { joAsParameters, joDevice, openWorkplace, secretPattern, type Workplace } from "./workplace.ts";

interface Hop {
  readonly Target: string;
  readonly Number: number;
  readonly Operation: string;
  readonly ProfileName: string | null;
  readonly Identity: string | null;
  readonly Account: string | null;
  readonly Expiration: string | null;
  readonly Cached: boolean;
  readonly Succeeded: boolean;
  readonly Cause: string | null;
  readonly Action: string | null;
  readonly Causes: { readonly Id: string; readonly Likelihood: string }[];
  readonly TrustPolicy: string | null;
  readonly IdentityPolicy: string | null;
  readonly ErrorId: string | null;
  readonly ClockSkewSeconds: number | null;
}

const profiles = `[default]
region = eu-west-1
[profile prod]
role_arn = ${roleArn("Admin")}
source_profile = default
[profile secure]
role_arn = ${roleArn("MfaRequired")}
source_profile = default
mfa_serial = ${joDevice}
[profile hub]
role_arn = ${roleArn("Hub", "111111111111")}
source_profile = default
mfa_serial = ${joDevice}
[profile behind]
role_arn = ${roleArn("OneHour")}
source_profile = hub
[profile denied]
role_arn = ${roleArn("DeniedByTrust")}
source_profile = default
[profile circle]
role_arn = ${roleArn("Admin")}
source_profile = circle2
[profile circle2]
role_arn = ${roleArn("Admin")}
source_profile = circle
`;

let work: Workplace;
beforeAll(async () => {
  work = await openWorkplace();
  work.store({ config: profiles });
});
afterAll(() => work.close());
beforeEach(async () => {
  await work.session.run("Clear-RoleCache");
  work.sandbox.clearCalls();
});

/** Returns the hops, as an array even if there is only one. */
async function hops(script: string, answers?: string[]): Promise<Hop[]> {
  const found = await work.session.json<Hop | Hop[]>(script, answers && { answers });
  return Array.isArray(found) ? found : [found];
}

describe("Test-Role", () => {
  it("returns an object for each hop", async () => {
    const [keys, role] = await hops("Test-Role prod");
    expect(keys).toMatchObject({
      Target: "prod",
      Number: 1,
      Operation: "Keys",
      ProfileName: "default",
      Identity: "arn:aws:iam::111111111111:user/jo",
      Account: "111111111111",
      Expiration: null,
      Succeeded: true,
      Causes: [],
    });
    expect(role).toMatchObject({
      Number: 2,
      Operation: "AssumeRole",
      ProfileName: "prod",
      Succeeded: true,
      Cached: false,
    });
    expect(role?.Expiration?.endsWith("Z")).toBe(true);
    expect((await hops("Test-Role prod"))[1]?.Cached).toBe(true);
    expect((await hops("Test-Role prod -NoCache"))[1]?.Cached).toBe(false);
  });

  it("outputs each hop as soon as it is done", async () => {
    await work.session.run("do { Test-Role prod | ForEach-Object { break } } while ($false)");
    expect(work.sandbox.calls.map(({ action }) => action)).toEqual(["GetCallerIdentity"]);
  });

  it("returns an object with an action for a failed hop", async () => {
    const result = await work.session.json<Hop[]>("Test-Role denied");
    expect(result[1]).toMatchObject({ Succeeded: false, ErrorId: "AccessDenied" });
    expect(result[1]?.Causes).toContainEqual(
      expect.objectContaining({ Id: "TrustPolicyLacksAllow", Likelihood: "Likely" }),
    );
    expect(result[1]?.Cause?.startsWith("Likely: ")).toBe(true);
    expect(JSON.parse(result[1]?.TrustPolicy ?? "").Statement[0].Principal.AWS).toBe(
      "arn:aws:iam::111111111111:user/jo",
    );
    expect(JSON.parse(result[1]?.IdentityPolicy ?? "").Statement[0].Resource).toBe(roleArn("DeniedByTrust"));
  });

  it("returns a failed hop for a broken profile, and an error for an unknown one", async () => {
    const [circle] = await hops("Test-Role circle");
    expect(circle).toMatchObject({ Number: 1, Operation: "Profile", Succeeded: false, ErrorId: "ProfileCycle" });
    const { errors } = await work.session.run("Test-Role nobody", { allowErrors: true });
    expect(errors).toMatchObject([
      { id: "ProfileNotFound,RoleCredentials.TestRoleCommand", target: "nobody", terminating: false },
    ]);
  });

  it("continues with the next profile after an unknown one", async () => {
    const { stdout, errors } = await work.session.run("'prod', 'nobody', 'denied' | Test-Role -Quiet", {
      allowErrors: true,
    });
    expect(stdout.trim().split(/\s+/)).toEqual(["True", "False"]);
    expect(errors.map(({ id }) => id)).toEqual(["ProfileNotFound,RoleCredentials.TestRoleCommand"]);
  });

  it("tests a chain for each object of Get-RoleProfile", async () => {
    const all = await hops("Get-RoleProfile prod | Test-Role");
    expect(all.map((hop) => [hop.Target, hop.Number])).toEqual([
      ["prod", 1],
      ["prod", 2],
    ]);
  });

  it.each([
    ["a role with the default credentials", `Test-Role -RoleArn ${roleArn("Admin")}`],
    ["a role with a profile's credentials", `Test-Role -RoleArn ${roleArn("Admin")} -ProfileName default`],
    ["a role with another source", `Test-Role -RoleArn ${roleArn("Admin")} -SourceProfile default`],
    ["a role with keys", `Test-Role -RoleArn ${roleArn("Admin")} ${joAsParameters}`],
    ["a name in an account", "Test-Role -RoleName Admin -AccountId 123456789012"],
  ])("tests %s", async (_, script) => {
    expect((await hops(script)).map(({ Succeeded }) => Succeeded)).toEqual([true, true]);
  });

  it("asks for a code once and continues with it", async () => {
    const result = await hops("Test-Role secure", [work.code()]);
    expect(result.map(({ Succeeded }) => Succeeded)).toEqual([true, true]);
    expect(work.sandbox.calls.filter(({ action }) => action === "AssumeRole")).toHaveLength(1);
  });

  it("asks for a code in the middle of a chain, and not again after it", async () => {
    const result = await hops("Test-Role behind -NoCache", [work.code()]);
    expect(result.map(({ ProfileName, Succeeded, Cached }) => [ProfileName, Succeeded, Cached])).toEqual([
      ["default", true, false],
      ["hub", true, false],
      ["behind", true, false],
    ]);
  });

  it("uses a given code at the first hop that needs one", async () => {
    expect((await hops(`Test-Role behind -TokenCode ${work.code()}`)).map(({ Succeeded }) => Succeeded)).toEqual([
      true,
      true,
      true,
    ]);
  });

  it("reports a missing code if nothing is typed", async () => {
    const result = await hops("Test-Role secure", [""]);
    expect(result.at(-1)).toMatchObject({ Succeeded: false, ErrorId: "MfaRequired" });
  });

  it("warns about a wrong clock", async () => {
    work.sandbox.advanceClock(600_000);
    // Once for all hops.
    expect(await work.session.json("$null = Test-Role prod -WarningVariable said; $said.Count")).toBe(1);
    const [hop] = await hops("Test-Role prod");
    expect(hop?.ClockSkewSeconds).toBeLessThan(-590);
    work.sandbox.advanceClock(-600_000);
  });

  it("displays failures in a report, a table and a list, without secrets", async () => {
    const { stdout } = await work.session.run("Test-Role denied");
    expect(stdout).toMatch(/Target: denied/);
    expect(stdout).toMatch(/1\s+ok: profile default/);
    expect(stdout).toMatch(/2\s+FAILED: role /);
    expect(stdout).toMatch(/TrustPolicy, for .*DeniedByTrust/);
    expect(stdout).toContain('"Version": "2012-10-17"');
    const list = await work.session.run("$hops = Test-Role denied; $hops | Out-Default");
    for (const secret of Object.values(keysOf).map(({ secretAccessKey }) => secretAccessKey)) {
      expect(stdout + list.stdout).not.toContain(secret);
    }
    expect(stdout).not.toMatch(secretPattern);
  });

  it("handles quotes and brackets in a name", async () => {
    const { errors } = await work.session.run(`Test-Role ${quote("no'such[profile]")}`, { allowErrors: true });
    expect(errors).toMatchObject([
      { id: "ProfileNotFound,RoleCredentials.TestRoleCommand", target: "no'such[profile]" },
    ]);
  });
});
