import { describe, expect, it } from "vitest";
import type { Plan, RoleHop } from "../../src/assume-role/plan.ts";
import { isChained, renewalOf } from "../../src/assume-role/renewal.ts";
import { containerSource } from "../../src/credentials/container.ts";
import { credentialProcess } from "../../src/credentials/credential-process.ts";
import { environmentSource } from "../../src/credentials/environment.ts";
import { givenSource } from "../../src/credentials/given.ts";
import { instanceMetadataSource } from "../../src/credentials/instance-metadata.ts";
import type { Source } from "../../src/credentials/source.ts";
import { ssoRole } from "../../src/credentials/sso.ts";
import { keysSource } from "../../src/credentials/static-keys.ts";
import type { Settings } from "../../src/profiles/settings.ts";
import type { Environment } from "../../src/protocol/context.ts";
import { parseRoleArn } from "../../src/protocol/role-arn.ts";
import type { Renewal } from "../../src/protocol/role-messages.ts";

const keys = (settings: Settings = {}): Source =>
  keysSource({ name: "default", settings: { accessKeyId: "a", secretAccessKey: "s", ...settings } });
const hop = (more: Partial<RoleHop> = {}): RoleHop => ({
  roleArn: parseRoleArn("arn:aws:iam::123456789012:role/Admin"),
  settings: {},
  ...more,
});
const plan = (source: Source, hops: RoleHop[] = [hop()], more: Partial<Plan> = {}): Plan => ({
  source,
  hops,
  settings: {},
  ...more,
});
const device = { mfaSerial: "arn:aws:iam::111111111111:mfa/jo" };
const given = givenSource({ accessKeyId: "a", secretAccessKey: "s" });
const temporary = givenSource({ accessKeyId: "a", secretAccessKey: "s", sessionToken: "t" });

describe("renewalOf and isChained", () => {
  it.each<[string, Plan, Environment, Renewal, boolean]>([
    ["keys, and a role", plan(keys()), {}, "silent", false],
    ["keys alone", plan(keys(), []), {}, "silent", false],
    ["a role with MFA", plan(keys(), [hop(device)]), {}, "code", false],
    ["a second role with MFA", plan(keys(), [hop(), hop(device)]), {}, "code", true],
    ["a role from an MFA session", plan(keys(), [hop({ ...device, mfaSession: true })]), {}, "session", true],
    ["a source with an MFA session", plan(keys(), [hop()], { session: device }), {}, "session", true],
    [
      "an MFA session, then a role with a code",
      plan(keys(), [hop(), hop(device)], { session: device }),
      {},
      "code",
      true,
    ],
    [
      "a session that temporary keys cannot open",
      plan(keys({ sessionToken: "t" }), [hop({ ...device, mfaSession: true })]),
      {},
      "code",
      true,
    ],
    ["two roles", plan(keys(), [hop(), hop()]), {}, "silent", true],
    ["temporary keys in a profile", plan(keys({ sessionToken: "t" })), {}, "silent", true],
    ["keys in the environment", plan(environmentSource), {}, "silent", false],
    ["temporary keys in the environment", plan(environmentSource), { AWS_SESSION_TOKEN: "t" }, "silent", true],
    ["temporary keys under the older name", plan(environmentSource), { AWS_SECURITY_TOKEN: "t" }, "silent", true],
    ["an instance", plan(instanceMetadataSource({})), {}, "silent", true],
    [
      "a program, whose keys are unknown",
      plan(credentialProcess.sourceOf({ name: "p", settings: {} }, {})),
      {},
      "silent",
      false,
    ],
    ["IAM Identity Center", plan(ssoRole.sourceOf({ name: "p", settings: {} }, {})), {}, "silent", true],
    ["a container, no role", plan(containerSource, []), {}, "silent", false],
    ["given keys", plan(given), {}, "given", false],
    ["given temporary keys", plan(temporary), {}, "given", true],
  ])("%s", (_, asked, environment, renewal, chained) => {
    expect([renewalOf(asked, environment), isChained(asked, environment)]).toEqual([renewal, chained]);
  });
});
