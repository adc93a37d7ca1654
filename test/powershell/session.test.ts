import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPowerShell, quote, ScriptFailed, type Session } from "./session.ts";

describe(openPowerShell, () => {
  let session: Session;
  beforeAll(async () => {
    session = await openPowerShell({ env: { GREETING: "né 漢字" } });
  });
  afterAll(() => session.close());

  it("returns a script's output", async () => {
    const { stdout, stderr, errors } = await session.run("'one'; Write-Host 'to the host'; 'né 漢字 🎉'");
    // Host output arrives immediately, pipeline output when the script ends.
    expect(stdout.split("\n")).toEqual(["to the host", "one", "né 漢字 🎉"]);
    expect({ stderr, errors }).toEqual({ stderr: "", errors: [] });
  });

  it("keeps variables, functions and classes for the next script", async () => {
    await session.run("$kept = 40\nfunction Add-Two($n) {\n  $n + 2\n\n}\nclass Kept { [int] $Value = 7 }");
    expect(await session.json("Add-Two $kept")).toBe(42);
    expect(await session.json("[Kept]::new().Value")).toBe(7);
  });

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
    ["$null", null],
    ["", []],
    ["@()", []],
    [",@()", []],
    [",@(1)", [1]],
    ["1, 2", [1, 2]],
    ["'text'", "text"],
    ["@{ a = @{ b = 1, 2 }; n = $null; t = $true }", { a: { b: [1, 2] }, n: null, t: true }],
    [
      "[pscustomobject]@{ a = 1.5; l = 9007199254740991L; d = [DayOfWeek]::Monday }",
      { a: 1.5, l: 9007199254740991, d: "Monday" },
    ],
    ["[datetime]::new(2026, 1, 2, 3, 4, 5, [DateTimeKind]::Utc)", "2026-01-02T03:04:05Z"],
    ["[char]'x'", "x"],
    [
      "class Ring { [object] $Next; [string] ToString() { return 'ring' } }; $r = [Ring]::new(); $r.Next = $r; $r.Next.Next.Next",
      expect.anything(),
    ],
  ])("returns %s as data", async (script, data) => {
    expect(await session.json(script)).toEqual(data);
  });

  const failing = (how: string) =>
    `function Test-It { [CmdletBinding()] param() $record = [System.Management.Automation.ErrorRecord]::new([InvalidOperationException]::new('no such'), 'ItNotFound', 'ObjectNotFound', 'it')
     $record.ErrorDetails = [System.Management.Automation.ErrorDetails]::new('There is no it.'); $record.ErrorDetails.RecommendedAction = 'Make it.'
     $PSCmdlet.${how}($record) }; 'before'; Test-It; 'after'`;
  const described = {
    id: "ItNotFound,Test-It",
    message: "There is no it.",
    category: "ObjectNotFound",
    target: "it",
    recommendedAction: "Make it.",
    exception: "System.InvalidOperationException",
  };

  it("describes written errors", async () => {
    const { stdout, errors } = await session.run(failing("WriteError"), { allowErrors: true });
    expect(stdout).toBe("before\nafter");
    expect(errors).toEqual([{ ...described, terminating: false }]);
  });

  it.each([
    [
      "ThrowTerminatingError of a command, after which the script continues",
      failing("ThrowTerminatingError"),
      "before\nafter",
      false,
    ],
    [
      "ThrowTerminatingError under Stop",
      `& { $ErrorActionPreference = 'Stop'; ${failing("ThrowTerminatingError")} }`,
      "before",
      true,
    ],
  ])("describes %s", async (_, script, shown, terminating) => {
    const { stdout, errors } = await session.run(script, { allowErrors: true });
    expect(stdout).toBe(shown);
    expect(errors).toEqual([{ ...described, terminating }]);
  });

  it("throws on errors unless they are allowed", async () => {
    const failure = await session.run("throw 'bad'").catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ScriptFailed);
    expect((failure as ScriptFailed).errors).toMatchObject([{ id: "bad", message: "bad", terminating: true }]);
    expect(await session.json("'alive'")).toBe("alive");
  });

  it("ignores errors that the script caught", async () => {
    expect((await session.run("try { throw 'bad' } catch { 'caught' }")).stdout).toBe("caught");
  });

  it("leaves $Error as the script left it", async () => {
    await session.run("$Error.Clear(); throw 'mine'", { allowErrors: true });
    expect(await session.json("$Error.Count; [string] $Error[0]")).toEqual([1, "mine"]);
  });

  it("shows warnings and verbose lines", async () => {
    const script = "Write-Warning w; Write-Verbose v -Verbose";
    expect((await session.run(script)).stdout).toBe("WARNING: w\nVERBOSE: v");
  });

  it("does not treat a program's standard error as an error", async () => {
    const { stdout, stderr, errors } = await session.run(
      `& ${quote(process.execPath)} -e 'console.error("é"); console.log("out")'`,
    );
    expect({ stdout, stderr: stderr.trim(), errors }).toEqual({ stdout: "out", stderr: "é", errors: [] });
  });

  it("answers prompts", async () => {
    const { stdout } = await session.run('$a = Read-Host; $b = Read-Host; "$b, $a"', {
      answers: ["né", "'quoted'"],
    });
    expect(stdout).toBe("'quoted', né");
  });

  it("returns a megabyte", async () => {
    expect(await session.json<string>("'é' * 1mb")).toHaveLength(2 ** 20);
  });

  it.each(["'‘’‚‛", "a'b", 'a"$b`c'])("quotes %s", async (text) => {
    expect(await session.json(quote(text))).toBe(text);
  });
});

describe("a session", () => {
  it("refuses prompts when it is not interactive", async () => {
    const session = await openPowerShell({ nonInteractive: true });
    const { errors } = await session.run("Read-Host", { allowErrors: true });
    await session.close();
    expect(errors[0]?.message).toContain("NonInteractive");
  });

  it("ends a hung script with an error that includes the script", async () => {
    // PowerShell must start within that time, too.
    const session = await openPowerShell({ timeout: 10_000 });
    await expect(session.run("Start-Sleep 100")).rejects.toThrow("Start-Sleep 100");
    await session.close();
  });

  it("reports a script that exits with an error that includes the script", async () => {
    const session = await openPowerShell();
    await expect(session.run("[Environment]::Exit(3)")).rejects.toThrow("Exit(3)");
    await session.close();
  });

  it("removes its home when it closes", async () => {
    const session = await openPowerShell();
    const { home } = session;
    expect(existsSync(home)).toBe(true);
    await session.close();
    expect(existsSync(home)).toBe(false);
  });
});
