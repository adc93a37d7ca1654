import { describe, expect, it } from "vitest";
import { planProfile } from "../../src/assume-role/plan.ts";
import { refuseEmptySettings } from "../../src/credentials/empty-settings.ts";
import { filesOf } from "../assume-role/fixtures.ts";
import { errorOf } from "./fixtures.ts";

const role = "role_arn = arn:aws:iam::123456789012:role/Admin";
const keys = "aws_access_key_id = AKIA\naws_secret_access_key = secret";
const sso =
  "sso_account_id = 123456789012\nsso_role_name = Admin\nsso_start_url = https://corp\nsso_region = eu-west-1";
const over = `[profile over]\n${role}\nsource_profile = p\n`;

const sharedOf = (...lines: readonly string[]) =>
  filesOf(`${over}[default]\n${keys}\n[profile p]\n${lines.join("\n")}\n`);

const kindOf = (name: string, ...lines: readonly string[]) => {
  const { source, hops } = planProfile(name, sharedOf(...lines), {});
  return [source.operation, ...hops.map((hop) => hop.roleArn.name)].join(" ");
};

describe(refuseEmptySettings, () => {
  // The profile would be its keys, its process or the instance, which the user did not name.
  it.each([
    ["role_arn", ["role_arn =", keys]],
    ["role_arn", ["role_arn =", "source_profile = default"]],
    ["role_arn", ["role_arn =", "credential_source = Environment"]],
    ["role_arn", ["role_arn =", "credential_process = tool"]],
    ["role_arn", ["role_arn =", sso]],
    ["source_profile", [role, "source_profile =", "credential_source = Environment"]],
    ["credential_source", [role, "source_profile = default", "credential_source ="]],
    ["web_identity_token_file", [role, "source_profile = default", "web_identity_token_file ="]],
    ["sso_account_id", [keys, "sso_account_id =", "sso_role_name ="]],
    ["sso_role_name", ["sso_role_name =", "credential_process = tool"]],
    ["sso_session", [sso, "sso_session ="]],
    ["sso_account_id", ["sso_session = corp", "sso_account_id =", "sso_role_name ="]],
    ["role_arn", ["role_arn =", "sso_session = corp"]],
    ["aws_access_key_id", ["aws_access_key_id =", "aws_secret_access_key =", "credential_process = tool"]],
    ["aws_access_key_id", ["aws_access_key_id =", "aws_secret_access_key ="]],
    ["login_session", ["login_session =", "credential_process = tool"]],
    ["credential_process", ["credential_process ="]],
    ["credential_source", ["credential_source ="]],
  ])("refuses an empty %s in %j", async (key, lines) => {
    const error = await errorOf(() => planProfile("p", sharedOf(...lines), {}));
    expect(error.code).toBe("ProfileIncomplete");
    expect(error.message).toMatch(new RegExp(`^${key} of profile 'p' has no value: line \\d+ of config\\.$`));
  });

  it.each([
    ["p", [role, "source_profile = default", "sso_account_id =", "credential_process ="], "Keys Admin"],
    ["p", [sso, "aws_access_key_id =", "aws_secret_access_key ="], "GetRoleCredentials"],
    ["p", [keys, "source_profile =", "web_identity_token_file =", "login_session ="], "Keys"],
    ["p", [keys, "aws_session_token =", "mfa_serial =", "region ="], "Keys"],
    ["over", [keys, "role_arn ="], "Keys Admin"],
  ])("uses a kind that precedes the setting, as botocore does: %s with %j", (name, lines, expected) => {
    expect(kindOf(name, ...lines)).toBe(expected);
  });

  it("refuses an empty setting in a source profile", async () => {
    const shared = sharedOf("role_arn =", "credential_process = tool");
    expect((await errorOf(() => planProfile("over", shared, {}))).code).toBe("ProfileIncomplete");
  });
});
