import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPowerShell, type Session } from "./session.ts";

// Without these, a test could pass although its script failed, or because of the developer's own settings.
describe(openPowerShell, () => {
  let session: Session;
  beforeAll(async () => {
    session = await openPowerShell({ env: { GREETING: "né 漢字" } });
  });
  afterAll(() => session.close());

  it("has its own home and environment", async () => {
    expect(await session.json("$HOME, $env:HOME, $env:GREETING, $PWD.Path")).toEqual([
      session.home,
      session.home,
      "né 漢字",
      session.home,
    ]);
    const names = await session.json<string[]>("[Environment]::GetEnvironmentVariables().Keys");
    expect(names.filter((name) => /^AWS_|PROXY|^NODE_/i.test(name))).toEqual(["AWS_EC2_METADATA_DISABLED"]);
  });

  it.each([
    ["thrown", "throw 'bad'", true],
    ["written", "Write-Error bad", false],
  ])("throws a %s error unless errors are allowed", async (_, script, terminating) => {
    await expect(session.run(script)).rejects.toThrow("bad");
    const { errors } = await session.run(script, { allowErrors: true });
    expect(errors).toMatchObject([{ message: "bad", terminating }]);
    expect(await session.json("'alive'")).toBe("alive");
  });
});
