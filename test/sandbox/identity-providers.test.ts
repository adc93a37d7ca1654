import {
  AssumeRoleCommand,
  AssumeRoleWithSAMLCommand,
  type AssumeRoleWithSAMLCommandInput,
  AssumeRoleWithWebIdentityCommand,
  type AssumeRoleWithWebIdentityCommandInput,
} from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";
import { keysIn, keysOf, roleArn, stsClient } from "./clients.ts";
import type { WebIdentityTokenOptions } from "./identity/oidc-issuer.ts";
import type { SamlAssertionOptions } from "./identity/saml-idp.ts";
import { openSandbox } from "./open-sandbox.ts";

const sandbox = await openSandbox();

const attributes = "https://aws.amazon.com/SAML/Attributes";

describe("AssumeRoleWithWebIdentity", () => {
  const base = { RoleArn: roleArn("WebIdentity"), RoleSessionName: "pod" };
  const assume = (input: Partial<AssumeRoleWithWebIdentityCommandInput>) =>
    stsClient(sandbox, keysOf.jo).send(
      new AssumeRoleWithWebIdentityCommand({ ...base, WebIdentityToken: "", ...input }),
    );

  it("accepts a signed token without an AWS signature", async () => {
    const answer = await assume({ WebIdentityToken: sandbox.mintWebIdentityToken(), DurationSeconds: 43_200 });
    expect(answer).toMatchObject({
      AssumedRoleUser: { Arn: "arn:aws:sts::123456789012:assumed-role/WebIdentity/pod" },
      SubjectFromWebIdentityToken: "system:serviceaccount:apps:web",
      Audience: "sts.amazonaws.com",
      Provider: "arn:aws:iam::123456789012:oidc-provider/oidc.sandbox.example/id/1",
    });
    expect(sandbox.calls.at(-1)).not.toHaveProperty("accessKeyId");
    expect(sandbox.calls.at(-1)?.parameters.WebIdentityToken).toBe("***");
  });

  it.each<[string, string, WebIdentityTokenOptions]>([
    ["an expired token", "ExpiredTokenException", { expiresInSeconds: -1 }],
    ["a token signed with another key", "InvalidIdentityToken", { foreignKey: true }],
    ["a token from another issuer", "InvalidIdentityToken", { claims: { iss: "https://elsewhere.example" } }],
    ["a token for another audience", "InvalidIdentityToken", { claims: { aud: "other" } }],
    ["a token for another authorized party", "InvalidIdentityToken", { claims: { azp: "other" } }],
    ["a token without a subject", "InvalidIdentityToken", { claims: { sub: undefined } }],
    ["a token that is not valid yet", "InvalidIdentityToken", { claims: { nbf: Date.now() / 1000 + 3600 } }],
    ["a subject that the role does not trust", "AccessDenied", { claims: { sub: "system:serviceaccount:kube:x" } }],
    [
      "a source identity that the role does not allow",
      "AccessDenied",
      { claims: { "https://aws.amazon.com/source_identity": "jo" } },
    ],
  ])("refuses %s", async (_, code, options) => {
    const failure = assume({ WebIdentityToken: sandbox.mintWebIdentityToken(options) });
    await expect(failure).rejects.toMatchObject({ Code: code });
  });

  it.each<[string, string, () => Partial<AssumeRoleWithWebIdentityCommandInput>]>([
    ["a token that is not a JWT", "InvalidIdentityToken", () => ({ WebIdentityToken: "not-a-token" })],
    ["a changed token", "InvalidIdentityToken", () => ({ WebIdentityToken: changed(sandbox.mintWebIdentityToken()) })],
    [
      "a role that trusts no provider",
      "InvalidIdentityToken",
      () => ({ ...good(), RoleArn: roleArn("ChainB", "222222222222") }),
    ],
    ["a role that trusts only users", "AccessDenied", () => ({ ...good(), RoleArn: roleArn("Admin") })],
    ["a role that does not exist", "AccessDenied", () => ({ ...good(), RoleArn: roleArn("Nowhere") })],
    ["a duration over twelve hours", "ValidationError", () => ({ ...good(), DurationSeconds: 43_201 })],
  ])("refuses %s", async (_, code, input) => {
    await expect(assume(input())).rejects.toMatchObject({ Code: code });
  });

  it("takes session tags from the token and passes transitive ones down the chain", async () => {
    const tags = { principal_tags: { Project: ["apollo"] }, transitive_tag_keys: ["Project"] };
    const token = sandbox.mintWebIdentityToken({ claims: { "https://aws.amazon.com/tags": tags } });
    const session = stsClient(sandbox, keysIn(await assume({ WebIdentityToken: token })));
    const again = new AssumeRoleCommand({
      RoleArn: roleArn("Admin"),
      RoleSessionName: "next",
      Tags: [{ Key: "project", Value: "gemini" }],
    });
    await expect(session.send(again)).rejects.toMatchObject({ Code: "InvalidParameterValue" });
  });

  const good = () => ({ WebIdentityToken: sandbox.mintWebIdentityToken() });
});

describe("AssumeRoleWithSAML", () => {
  const PrincipalArn = "arn:aws:iam::123456789012:saml-provider/Staff";
  const RoleArn = roleArn("Saml");
  const assume = (options: Partial<SamlAssertionOptions>, input: Partial<AssumeRoleWithSAMLCommandInput> = {}) => {
    const SAMLAssertion = sandbox.mintSamlAssertion({ roles: [`${RoleArn},${PrincipalArn}`], ...options });
    const request = { RoleArn, PrincipalArn, SAMLAssertion, ...input };
    return stsClient(sandbox, keysOf.jo).send(new AssumeRoleWithSAMLCommand(request));
  };

  it("accepts a signed assertion with the pair of ARNs in either order", async () => {
    const answer = await assume({ roles: [`${PrincipalArn},${RoleArn}`] }, { DurationSeconds: 43_200 });
    expect(answer).toMatchObject({
      AssumedRoleUser: { Arn: "arn:aws:sts::123456789012:assumed-role/Saml/jo@sandbox.example" },
      Issuer: "https://idp.sandbox.example/saml",
      Audience: "https://signin.aws.amazon.com/saml",
      SubjectType: "persistent",
    });
    expect(sandbox.calls.at(-1)?.parameters.SAMLAssertion).toBe("***");
  });

  it("takes the source identity and tags from attributes", async () => {
    const answer = await assume({
      attributes: { [`${attributes}/SourceIdentity`]: ["jo"], [`${attributes}/PrincipalTag:Project`]: ["<apollo>"] },
    });
    expect(answer.SourceIdentity).toBe("jo");
    expect(answer.PackedPolicySize).toBeGreaterThan(0);
  });

  it.each<[string, string, Partial<SamlAssertionOptions>, Partial<AssumeRoleWithSAMLCommandInput>?]>([
    ["an old assertion", "ExpiredTokenException", { issuedInSeconds: -301, expiresInSeconds: 60 }],
    ["an expired assertion", "ExpiredTokenException", { expiresInSeconds: -1 }],
    ["an assertion signed with another key", "InvalidIdentityToken", { foreignKey: true }],
    ["an assertion from another issuer", "InvalidIdentityToken", { issuer: "https://elsewhere.example" }],
    ["an assertion for another audience", "InvalidIdentityToken", { audience: "https://elsewhere.example" }],
    ["an assertion for another recipient", "InvalidIdentityToken", { recipient: "https://elsewhere.example" }],
    ["an assertion without a session name", "InvalidIdentityToken", { roleSessionName: "" }],
    ["an assertion with an invalid session name", "InvalidIdentityToken", { roleSessionName: "jo smith" }],
    ["a role that the assertion does not offer", "AccessDenied", { roles: [`${roleArn("Admin")},${PrincipalArn}`] }],
    [
      "a role that trusts no provider",
      "AccessDenied",
      { roles: [`${roleArn("Admin")},${PrincipalArn}`] },
      { RoleArn: roleArn("Admin") },
    ],
    ["an unknown provider", "InvalidIdentityToken", {}, { PrincipalArn: `${PrincipalArn}X` }],
    ["text that is not an assertion", "InvalidIdentityToken", {}, { SAMLAssertion: "bm90aGluZw==" }],
  ])("refuses %s", async (_, code, options, input) => {
    await expect(assume(options, input)).rejects.toMatchObject({ Code: code });
  });

  it.each<[string, (xml: string) => string]>([
    ["a changed attribute", (xml) => xml.replace("role/Saml,", "role/Samm,")],
    ["a second assertion", (xml) => xml.replace(/(<Assertion .*<\/Assertion>)/s, "$1$1")],
    ["a missing signature", (xml) => xml.replace(/<ds:Signature .*<\/ds:Signature>/s, "")],
    ["an unsuccessful status", (xml) => xml.replace("status:Success", "status:Requester")],
  ])("refuses %s", async (_, edit) => {
    const base64 = sandbox.mintSamlAssertion({ roles: [`${RoleArn},${PrincipalArn}`] });
    const xml = edit(Buffer.from(base64, "base64").toString("utf8"));
    const failure = assume({}, { SAMLAssertion: Buffer.from(xml).toString("base64") });
    await expect(failure).rejects.toMatchObject({ Code: "InvalidIdentityToken" });
  });
});

function changed(token: string): string {
  const [head = "", body = "", signature = ""] = token.split(".");
  const claims = JSON.parse(Buffer.from(body, "base64url").toString("utf8"));
  const edited = Buffer.from(JSON.stringify({ ...claims, sub: "system:serviceaccount:apps:other" })).toString(
    "base64url",
  );
  return `${head}.${edited}.${signature}`;
}
