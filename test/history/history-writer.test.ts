import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createHistoryWriter } from "../../src/history/history-writer.ts";
import { listRoles } from "../../src/history/role-history.ts";
import { settingsPath } from "../../src/module-settings/settings-file.ts";
import { contextOf, noon, temporaryDirectory } from "../credentials/fixtures.ts";

const roleArn = "arn:aws:iam::123456789012:role/Admin";

describe(createHistoryWriter, () => {
  it("delays the write, so that no response waits for it", async () => {
    const context = contextOf({ HOME: temporaryDirectory() });
    const writer = createHistoryWriter();
    writer.note({ roleArn }, context);
    expect(existsSync(settingsPath(context.environment))).toBe(false);
    await writer.flush();
    expect(listRoles(context)).toEqual([{ roleArn, lastUsed: new Date(noon).toISOString() }]);
  });

  it("writes without a flush", async () => {
    const context = contextOf({ HOME: temporaryDirectory() });
    createHistoryWriter().note({ roleArn }, context);
    await expect.poll(() => listRoles(context).length, { timeout: 20_000 }).toBe(1);
  });

  it("skips an unchanged role for a minute and writes changes at once", async () => {
    const context = contextOf({ HOME: temporaryDirectory() });
    const path = settingsPath(context.environment);
    const writer = createHistoryWriter();
    const noteAt = async (seconds: number, more = {}) => {
      writer.note({ roleArn, ...more }, { ...context, now: () => noon + seconds * 1000 });
      await writer.flush();
      return statSync(path, { bigint: true }).mtimeNs;
    };
    const first = await noteAt(0);
    expect(await noteAt(59)).toBe(first);
    const second = await noteAt(61);
    expect(second).not.toBe(first);
    expect(await noteAt(62, { region: "eu-west-1" })).not.toBe(second);
  });

  it("records many roles in one write, up to the limit", async () => {
    const context = contextOf({ HOME: temporaryDirectory() });
    const writer = createHistoryWriter();
    for (let index = 0; index < 1000; index++) writer.note({ roleArn: `${roleArn}${index}` }, context);
    await writer.flush();
    expect(listRoles(context)).toHaveLength(50);
  });

  it("counts the roles of one invocation as one use, across processes", async () => {
    const context = contextOf({ HOME: temporaryDirectory() });
    const at = (minutes: number) => ({ ...context, now: () => noon + minutes * 60_000 });
    const first = createHistoryWriter();
    for (let index = 0; index < 49; index++) first.note({ roleArn: `${roleArn}${index}` }, at(index), `use ${index}`);
    await first.flush();
    const second = createHistoryWriter();
    for (let index = 0; index < 60; index++) second.note({ roleArn: `${roleArn}-of-org-${index}` }, at(100), "fan-out");
    await second.flush();
    const names = listRoles(context).map((role) => role.roleArn.slice(roleArn.length));
    expect(names).toHaveLength(50);
    expect(names[0]).toBe("-of-org-0");
    expect(names.filter((name) => !name.startsWith("-of-org"))).toHaveLength(49);
    expect(listRoles(context).every((role) => !("inFanOut" in role))).toBe(true);
  });

  it("keeps the histories of two homes separate", async () => {
    const [jo, ann] = [contextOf({ HOME: temporaryDirectory() }), contextOf({ HOME: temporaryDirectory() })];
    const writer = createHistoryWriter();
    writer.note({ roleArn }, jo);
    await writer.flush();
    expect([listRoles(jo), listRoles(ann)].map(({ length }) => length)).toEqual([1, 0]);
  });

  it("reports an unwritable file at the next use instead of failing", async () => {
    const home = temporaryDirectory();
    mkdirSync(join(home, ".aws"));
    writeFileSync(join(home, ".aws", "role-credentials"), "a file where a folder should be");
    const context = contextOf({ HOME: home });
    const writer = createHistoryWriter();
    writer.note({ roleArn }, context);
    await writer.flush();
    expect(context.said).toEqual([]);
    writer.note({ roleArn }, context);
    expect(context.said).toHaveLength(1);
    await writer.flush();
  });
});
