import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { AssumeRoleCommand, AssumeRoleWithSAMLCommand, AssumeRoleWithWebIdentityCommand } from "@aws-sdk/client-sts";
import { build } from "esbuild";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { keysOf, roleArn, stsClient } from "./clients.ts";
import type { SandboxUrls } from "./sandbox.ts";

type Started = SandboxUrls & { readonly environment: Readonly<Record<string, string>>; readonly caFile?: string };

let directory: string;
let program: string;
let child: ChildProcess | undefined;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "sandbox-program-"));
  program = join(directory, "sandbox.cjs");
  const entryPoints = [join(import.meta.dirname, "main.ts")];
  await build({ entryPoints, outfile: program, bundle: true, platform: "node", target: "node20", format: "cjs" });
});
afterEach(() => {
  child?.kill();
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function start(...args: string[]): Promise<Started> {
  const started = spawn(process.execPath, [program, ...args], { stdio: ["pipe", "pipe", "inherit"] });
  child = started;
  const [line] = (await once(createInterface(started.stdout), "line")) as [string];
  return JSON.parse(line) as Started;
}

describe("the program", () => {
  it("prints the URLs of its services, and exits when its standard input closes", async () => {
    const urls = await start();
    for (const name of ["sts", "imds", "container", "signin", "sso", "ssoOidc", "proxy", "control"] as const) {
      expect(urls[name]).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    }
    expect(urls.environment.AWS_ENDPOINT_URL_STS).toBe(urls.sts);
    child?.stdin?.end();
    expect(await once(child as ChildProcess, "exit")).toEqual([0, null]);
  });

  it("exits on SIGTERM, even during a request", async () => {
    const urls = await start();
    await post(urls, "/faults", { hang: true });
    const pending = fetch(urls.sts).catch(() => "cut");
    while (((await get(urls, "/calls")) as unknown[]).length === 0);
    child?.kill("SIGTERM");
    const [code] = (await once(child as ChildProcess, "exit")) as [number | null];
    // Windows has no signals: the process is terminated from outside
    if (process.platform !== "win32") expect(code).toBe(0);
    expect(await pending).toBe("cut");
  });

  it("listens on the given port, and fails when the port is in use", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;
    const refused = spawn(process.execPath, [program, "--port", String(port)], { stdio: ["pipe", "ignore", "ignore"] });
    expect((await once(refused, "exit"))[0]).toBe(1);
    taken.close();
    await once(taken, "close");
    expect((await start("--port", String(port))).sts).toBe(`http://127.0.0.1:${port}`);
  });

  it("serves TLS on request", async () => {
    const { sts, caFile, environment } = await start("--tls");
    expect(sts).toMatch(/^https:/);
    expect(environment.AWS_CA_BUNDLE).toBe(caFile);
  });
});

describe("the control service", () => {
  it("offers the in-process functions over HTTP", async () => {
    const urls = await start();
    const jo = stsClient({ urls }, keysOf.jo);
    const serial = "arn:aws:iam::111111111111:mfa/jo";

    const { code, used } = (await get(urls, "/totp?device=jo")) as { code: string; used: boolean };
    expect(used).toBe(false);
    const mfa = { RoleArn: roleArn("MfaRequired"), RoleSessionName: "session", SerialNumber: serial, TokenCode: code };
    await expect(jo.send(new AssumeRoleCommand(mfa))).resolves.toHaveProperty("Credentials");

    const { token } = (await post(urls, "/web-identity-token", {})) as { token: string };
    const web = { RoleArn: roleArn("WebIdentity"), RoleSessionName: "pod", WebIdentityToken: token };
    await expect(jo.send(new AssumeRoleWithWebIdentityCommand(web))).resolves.toHaveProperty("Credentials");

    const PrincipalArn = "arn:aws:iam::123456789012:saml-provider/Staff";
    const roles = [`${roleArn("Saml")},${PrincipalArn}`];
    const { assertion } = (await post(urls, "/saml-assertion", { roles })) as { assertion: string };
    const saml = { RoleArn: roleArn("Saml"), PrincipalArn, SAMLAssertion: assertion };
    await expect(jo.send(new AssumeRoleWithSAMLCommand(saml))).resolves.toHaveProperty("Credentials");

    await post(urls, "/faults", { code: "Throttling" });
    await expect(jo.send(new AssumeRoleCommand(mfa))).rejects.toMatchObject({ Code: "Throttling" });
    await post(urls, "/clock", { advance: 3_600_000 });
    await expect(jo.send(new AssumeRoleCommand(mfa))).rejects.toMatchObject({ Code: "SignatureDoesNotMatch" });

    expect(await post(urls, "/sso-login", {})).toHaveProperty("accessToken");
    const calls = (await get(urls, "/calls")) as { action: string }[];
    expect(calls.map(({ action }) => action)).toEqual([
      ...["AssumeRole", "AssumeRoleWithWebIdentity", "AssumeRoleWithSAML", "AssumeRole", "AssumeRole"],
    ]);
    await fetch(`${urls.control}/calls`, { method: "DELETE" });
    expect(await get(urls, "/calls")).toEqual([]);
    expect((await fetch(`${urls.control}/nothing`)).status).toBe(404);
  });
});

async function get(urls: Started, path: string): Promise<unknown> {
  return (await fetch(urls.control + path)).json();
}

async function post(urls: Started, path: string, body: object): Promise<unknown> {
  return (await fetch(urls.control + path, { method: "POST", body: JSON.stringify(body) })).json();
}
