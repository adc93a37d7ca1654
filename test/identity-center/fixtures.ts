import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { identityCenterSignIn } from "../../src/identity-center/sign-in.ts";
import { ssoServices } from "../../src/identity-center/sso-services.ts";
import type { SsoSession } from "../../src/identity-center/sso-session.ts";
import { createSignIns } from "../../src/sign-in/sign-ins.ts";
import { profilesOf } from "../assume-role/fixtures.ts";
import { contextOf, type TestContext, temporaryDirectory } from "../credentials/fixtures.ts";

export { visit } from "../sandbox/browser.mjs";

import type { Sandbox } from "../sandbox/sandbox.ts";

export const corp: SsoSession = {
  sessionName: "corp",
  startUrl: "https://sandbox.awsapps.com/start",
  region: "eu-west-1",
  scopes: ["sso:account:access"],
};

export const sha1 = (text: string) => createHash("sha1").update(text).digest("hex");

/** A home folder with the session `corp`, whose requests go to the sandbox. */
export function homeIn(sandbox: Sandbox, now: () => number = Date.now) {
  const home = temporaryDirectory();
  const cache = join(home, ".aws", "sso", "cache");
  mkdirSync(join(home, ".aws"), { recursive: true });
  writeFileSync(join(home, ".aws", "config"), configFile);
  const environment = { ...sandbox.environment, HOME: home, USERPROFILE: home };
  const context = contextOf(environment, { now });
  const services = ssoServices({}, profilesOf({}), context);
  const read = (name: string) =>
    JSON.parse(readFileSync(join(cache, `${name}.json`), "utf8")) as Record<string, unknown>;
  return {
    home,
    cache,
    environment,
    context,
    services,
    token: (session: SsoSession = corp) => read(sha1(session.sessionName ?? session.startUrl)),
    registrations: () =>
      readdirSync(cache).flatMap((name) => {
        const members = read(name.replace(/\.json$/, ""));
        return "clientId" in members && !("accessToken" in members) ? [{ name, members }] : [];
      }),
    files: () => readdirSync(cache).sort(),
  };
}

export type Home = ReturnType<typeof homeIn>;

const configFile = `[sso-session corp]
sso_start_url = ${corp.startUrl}
sso_region = ${corp.region}
sso_registration_scopes = sso:account:access
[profile staff]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = ReadOnly
[profile legacy]
sso_start_url = ${corp.startUrl}
sso_region = ${corp.region}
sso_account_id = 123456789012
sso_role_name = ReadOnly
`;

/** Begins a sign-in, and returns its page and the rest of it. */
export async function begin(
  { services, context }: Pick<Home, "services" | "context">,
  { session = corp, useDeviceCode = false, force = false } = {},
) {
  const signIns = createSignIns();
  const step = await signIns.begin(identityCenterSignIn(session, services, { useDeviceCode, force }), context);
  const page = step.state === "browser" ? step : undefined;
  const signInId = step.state === "done" ? "" : step.signInId;
  return {
    step,
    link: page?.link ?? "",
    page,
    signIns,
    wait: (during: TestContext = context) => {
      const next = signIns.wait(signInId, during);
      // A test may look at the failure later.
      next.catch(() => {});
      return next;
    },
    abandon: () => signIns.abandon(signInId),
  };
}

/** The program, or undefined with a note that its tests are skipped. */
export function programOrSkip(name: string, args: readonly string[], accept: RegExp): string | undefined {
  const { stdout = "", error } = spawnSync(name, args, { encoding: "utf8" });
  if (!error && accept.test(stdout)) return name;
  console.warn(`Skipped: ${name} is not installed${error ? "" : ` in a version that matches ${accept}`}.`);
  return undefined;
}
