import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, it } from "vitest";
import { forgetRoles, listRoles, maximumRoles, merged, recordRoles } from "../../src/history/role-history.ts";
import { settingsPath } from "../../src/module-settings/settings-file.ts";
import type { UsedRole } from "../../src/protocol/history-messages.ts";
import { contextOf, temporaryDirectory } from "../credentials/fixtures.ts";

const arn = (name: string) => `arn:aws:iam::123456789012:role/${name}`;
const used = (name: string, minute: number, more: Partial<UsedRole> = {}): UsedRole => ({
  roleArn: arn(name),
  lastUsed: new Date(Date.UTC(2030, 0, 1, 0, minute)).toISOString(),
  ...more,
});

function home() {
  const environment = { HOME: temporaryDirectory() };
  return { context: contextOf(environment), path: settingsPath(environment) };
}

describe(listRoles, () => {
  it("is empty at first", () => {
    expect(listRoles(home().context)).toEqual([]);
  });

  it("returns the recorded roles with all details, newest first", async () => {
    const { context, path } = home();
    const prod = used("ops/a.b=c", 2, {
      displayName: "Prod; #1",
      color: "F2B0A9",
      profileName: "prod",
      sourceProfile: "base",
      sourceGiven: true,
      region: "eu-west-1",
    });
    await recordRoles([used("A", 1), prod], path, context);
    expect(listRoles(context)).toEqual([prod, used("A", 1)]);
  });

  it("skips invalid entries", () => {
    const { context, path } = home();
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(
      path,
      "role=x\n[role]\n1=y\n[role.2]\narn=a\n[role.3]\narn=a\nused=never\n[role.4]\narn=b\nused=2030-01-01T00:00:00.000Z\n",
    );
    expect(listRoles(context)).toEqual([{ roleArn: "b", lastUsed: "2030-01-01T00:00:00.000Z" }]);
  });
});

describe(recordRoles, () => {
  it("writes only the given values", async () => {
    const { context, path } = home();
    await recordRoles([used("A", 1, { profileName: "prod" })], path, context);
    expect(readFileSync(path, "utf8")).toBe(`[role.1]\narn=${arn("A")}\nprofile=prod\nused=2030-01-01T00:01:00.000Z\n`);
  });
});

describe(merged, () => {
  it("keeps the source of the last use that names one, and a given source for that use only", () => {
    const named = used("A", 1, { profileName: "prod" });
    const given = used("A", 2, { sourceGiven: true });
    expect(merged([named], [given])).toEqual([given]);
    expect(merged([given], [used("A", 3)])).toEqual([used("A", 3)]);
    expect(merged([named], [used("A", 3)])).toEqual([used("A", 3, { profileName: "prod" })]);
  });

  it("lists a role once and keeps its name and color if a later use has none", () => {
    const before = [used("A", 1, { displayName: "Prod", color: "F2B0A9" })];
    expect(merged(before, [used("A", 5, { region: "eu-west-1" })])).toEqual([
      used("A", 5, { displayName: "Prod", color: "F2B0A9", region: "eu-west-1" }),
    ]);
  });

  it("takes the profile and the source of a use together", () => {
    const byProfile = used("A", 1, { profileName: "prod", sourceProfile: "base" });
    const bySource = used("A", 5, { sourceProfile: "named" });
    expect(merged([byProfile], [bySource])).toEqual([bySource]);
    expect(merged([bySource], [used("A", 9, { profileName: "prod" })])).toEqual([
      used("A", 9, { profileName: "prod" }),
    ]);
    expect(merged([byProfile], [used("A", 5)])).toEqual([{ ...byProfile, lastUsed: used("A", 5).lastUsed }]);
  });

  it("keeps the later of two uses, in either order", () => {
    expect(merged([used("A", 9)], [used("A", 5, { profileName: "p" })])).toEqual([used("A", 9, { profileName: "p" })]);
  });

  it("lists the later of two uses in one millisecond first", () => {
    const [a, b, c] = [used("A", 1), used("B", 1), used("C", 1)];
    const kept = merged([], [a, b]);
    expect(kept).toEqual([b, a]);
    expect(merged(kept, [c, a])).toEqual([a, c, b]);
  });

  it("drops the oldest roles above the limit", () => {
    const many = Array.from({ length: maximumRoles + 10 }, (_, index) => used(`R${index}`, index));
    const kept = merged([], many);
    expect(kept).toHaveLength(maximumRoles);
    expect(kept[0]).toEqual(many.at(-1));
    expect(kept.at(-1)).toEqual(many[10]);
  });

  it("prefers roles that were used individually to roles of a fan-out", () => {
    const alone = Array.from({ length: maximumRoles - 5 }, (_, index) => used(`Alone${index}`, index));
    const together = Array.from({ length: 60 }, (_, index) => ({ ...used(`T${index}`, 100), inFanOut: true as const }));
    const kept = merged(alone, together);
    expect(kept).toHaveLength(maximumRoles);
    expect(kept).toEqual(expect.arrayContaining(alone));
    expect(merged(kept, [used("Alone0", 200), { ...used("Alone1", 200), inFanOut: true }])).toEqual(
      expect.arrayContaining([used("Alone0", 200), used("Alone1", 200)]),
    );
  });

  it("treats a role of a fan-out as an individual role once it is used individually", () => {
    const before = [{ ...used("A", 1), inFanOut: true as const }];
    expect(merged(before, [used("A", 5)])).toEqual([used("A", 5)]);
    expect(merged(before, [{ ...used("A", 5), inFanOut: true }])).toEqual([{ ...used("A", 5), inFanOut: true }]);
    expect(merged([used("A", 1)], [{ ...used("A", 5), inFanOut: true }])).toEqual([used("A", 5)]);
  });

  it("prefers roles with a name or a color", () => {
    const named = used("Named", 0, { displayName: "Prod" });
    const many = Array.from({ length: 1000 }, (_, index) => used(`R${index}`, index + 1));
    const kept = merged([named], many);
    expect(kept).toHaveLength(maximumRoles);
    expect(kept.at(-1)).toEqual(named);
  });
});

describe(forgetRoles, () => {
  it("removes all roles and keeps the rest of the file", async () => {
    const { context, path } = home();
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, "[other]\nkept=yes\n");
    await recordRoles([used("A", 1), used("B", 2)], path, context);
    expect(await forgetRoles(undefined, context)).toHaveLength(2);
    expect(readFileSync(path, "utf8")).toBe("[other]\nkept=yes\n");
  });
});
