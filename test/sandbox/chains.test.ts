import { AssumeRoleCommand, type AssumeRoleCommandInput, GetSessionTokenCommand } from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";
import { type Keys, keysIn, keysOf, roleArn, stsClient } from "./clients.ts";
import { openSandbox } from "./open-sandbox.ts";

const sandbox = await openSandbox();

const chainA = { RoleArn: roleArn("ChainA", "111111111111"), RoleSessionName: "hop-1" };
const chainB = { RoleArn: roleArn("ChainB", "222222222222"), RoleSessionName: "hop-2" };
const hub = { RoleArn: roleArn("Hub", "111111111111"), RoleSessionName: "hub" };
const chainC = { RoleArn: roleArn("ChainC", "333333333333"), RoleSessionName: "hop-3" };

function assume(input: AssumeRoleCommandInput, keys: Keys = keysOf.jo) {
  return stsClient(sandbox, keys).send(new AssumeRoleCommand(input));
}

describe("role chaining", () => {
  it("chains three roles across three accounts, one hour each", async () => {
    const a = await assume({ ...chainA, DurationSeconds: 43_200 });
    const b = await assume({ ...chainB, DurationSeconds: 3600 }, keysIn(a));
    const c = await assume(chainC, keysIn(b));
    expect(c.AssumedRoleUser?.Arn).toBe("arn:aws:sts::333333333333:assumed-role/ChainC/hop-3");
  });

  it("refuses more than an hour even when the role allows twelve", async () => {
    const a = await assume(chainA);
    const failure = assume({ ...chainB, DurationSeconds: 3601 }, keysIn(a));
    await expect(failure).rejects.toMatchObject({ Code: "ValidationError" });
  });

  it("treats a GetSessionToken session as temporary credentials", async () => {
    const session = keysIn(await stsClient(sandbox, keysOf.jo).send(new GetSessionTokenCommand({})));
    const admin = { RoleArn: roleArn("Admin"), RoleSessionName: "session" };
    await expect(assume({ ...admin, DurationSeconds: 3601 }, session)).rejects.toMatchObject({
      Code: "ValidationError",
    });
    await expect(assume({ ...admin, DurationSeconds: 3600 }, session)).resolves.toHaveProperty("Credentials");
  });

  it("refuses a chain with a hop left out", async () => {
    const a = await assume(chainA);
    await expect(assume(chainC, keysIn(a))).rejects.toMatchObject({ Code: "AccessDenied" });
    await expect(assume(chainB)).rejects.toMatchObject({ Code: "AccessDenied" });
  });

  it("passes the source identity down the chain and refuses to change it", async () => {
    const a = await assume({ ...chainA, SourceIdentity: "jo" });
    const b = await assume(chainB, keysIn(a));
    expect(b.SourceIdentity).toBe("jo");
    const c = await assume({ ...chainC, SourceIdentity: "jo" }, keysIn(b));
    expect(c.SourceIdentity).toBe("jo");
    const changed = assume({ ...chainC, SourceIdentity: "ann" }, keysIn(b));
    await expect(changed).rejects.toMatchObject({ Code: "AccessDenied" });
  });

  it("passes transitive tags down the chain and refuses to override them", async () => {
    const tags = {
      Tags: [
        { Key: "Project", Value: "apollo" },
        { Key: "own", Value: "1" },
      ],
      TransitiveTagKeys: ["Project"],
    };
    const a = await assume({ ...chainA, ...tags });
    const again = assume({ ...chainB, Tags: [{ Key: "project", Value: "gemini" }] }, keysIn(a));
    await expect(again).rejects.toMatchObject({ Code: "InvalidParameterValue" });
    const ownAgain = assume({ ...chainB, Tags: [{ Key: "own", Value: "2" }] }, keysIn(a));
    await expect(ownAgain).resolves.toHaveProperty("Credentials");
  });

  it("requires sts:TagSession and sts:SetSourceIdentity for inherited tags and source identity", async () => {
    const noTags = { RoleArn: roleArn("NoTags"), RoleSessionName: "session" };
    const plain = await assume(hub);
    const tagged = await assume({ ...hub, Tags: [{ Key: "a", Value: "b" }], TransitiveTagKeys: ["a"] });
    const named = await assume({ ...hub, SourceIdentity: "jo" });
    await expect(assume(noTags, keysIn(plain))).resolves.toHaveProperty("Credentials");
    await expect(assume(noTags, keysIn(tagged))).rejects.toMatchObject({ Code: "AccessDenied" });
    await expect(assume(noTags, keysIn(named))).rejects.toMatchObject({ Code: "AccessDenied" });
  });
});

describe("GetSessionToken", () => {
  it("accepts long-term keys only", async () => {
    const a = stsClient(sandbox, keysIn(await assume(chainA)));
    await expect(a.send(new GetSessionTokenCommand({}))).rejects.toMatchObject({ Code: "AccessDenied" });
    const session = keysIn(await stsClient(sandbox, keysOf.jo).send(new GetSessionTokenCommand({})));
    const again = stsClient(sandbox, session).send(new GetSessionTokenCommand({}));
    await expect(again).rejects.toMatchObject({ Code: "AccessDenied" });
  });

  it.each([
    ["twelve hours by default", keysOf.jo, undefined, 43_200],
    ["36 hours at most", keysOf.jo, 129_600, 129_600],
    ["one hour for root by default", keysOf.root, undefined, 3600],
    ["one hour for root, whatever the request asks for", keysOf.root, 43_200, 3600],
  ])("lasts %s", async (_, keys, DurationSeconds, seconds) => {
    const answer = await stsClient(sandbox, keys).send(new GetSessionTokenCommand({ DurationSeconds }));
    const lifetime = ((answer.Credentials?.Expiration?.getTime() ?? 0) - Date.now()) / 1000;
    expect(Math.abs(lifetime - seconds)).toBeLessThan(60);
  });

  it.each([899, 129_601])("refuses %i seconds", async (DurationSeconds) => {
    const failure = stsClient(sandbox, keysOf.jo).send(new GetSessionTokenCommand({ DurationSeconds }));
    await expect(failure).rejects.toMatchObject({ Code: "ValidationError" });
  });
});
