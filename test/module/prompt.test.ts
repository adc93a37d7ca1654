import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { roleArn } from "../sandbox/clients.ts";
import { openWorkplace, type Workplace } from "./workplace.ts";

const page = readFileSync(join(import.meta.dirname, "..", "..", "docs", "prompt.md"), "utf8");
const snippets = [...page.matchAll(/^```powershell\n(.*?)^```$/gms)].map(([, code]) => code ?? "");

/** The variables that Starship and Oh My Posh read, by the names on the page. */
const starshipVariables = [...page.matchAll(/^\| `\$(\w+)` +\| `(\w+)` +\|$/gm)].map(([, shown, variable]) => [
  shown,
  variable,
]);

let work: Workplace;
beforeAll(async () => {
  work = await openWorkplace();
  work.store({
    config: `[profile prod]\nrole_arn = ${roleArn("Admin")}\nsource_profile = default\nregion = eu-west-1\n`,
  });
});
afterAll(() => work?.close());
beforeEach(() => work.session.run("Exit-Role -All"));

const json = <T>(script: string) => work.session.json<T>(script);

/** Runs a prompt from the page before, in and after an entered role. */
async function prompts(snippet: string | undefined): Promise<string[]> {
  // Run it in a block, because the harness owns the session's prompt.
  return await json<string[]>(`& { ${snippet}
    prompt
    Enter-Role -ProfileName prod
    prompt
    Exit-Role
    prompt }`);
}

describe("docs/prompt.md", () => {
  it("has a prompt that starts with the role", async () => {
    const [before, within, after] = await prompts(snippets[0]);
    expect(before).toMatch(/^PS .+> $/);
    expect(within).toMatch(/^\[prod [56]\dm\] PS .+> $/);
    expect(after).toBe(before);
  });

  it("has a prompt with account, region and a separate colour for production", async () => {
    const [before, within] = await prompts(snippets[1]);
    expect(before).toBe("PS> ");
    // A terminal without colours gets no escape sequences.
    const shown = within?.replaceAll("\u001b", "ESC");
    expect(shown).toMatch(/^(ESC\[\d+m)?prod 123456789012 eu-west-1 [56]\dm(ESC\[0m)? PS> $/);
  });

  it("names the variables for Starship, which the module sets", async () => {
    expect(starshipVariables.map(([shown]) => shown)).toEqual(["profile", "region", "duration"]);
    const names = starshipVariables.map(([, variable]) => variable);
    const values = await json<string[]>(
      `Enter-Role -ProfileName prod; ${names.map((name) => `$env:${name}`).join("; ")}`,
    );
    expect(values).toEqual(["prod", "eu-west-1", expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)]);
  });

  it("passes the text to Oh My Posh", async () => {
    const [before, within, after] = await json<string[]>(`& { ${snippets[2]}
      Set-PoshContext; "<$env:ROLE_PROMPT>"
      Enter-Role -ProfileName prod
      Set-PoshContext; "<$env:ROLE_PROMPT>"
      Exit-Role
      Set-PoshContext; "<$env:ROLE_PROMPT>" }`);
    expect([before, after]).toEqual(["<>", "<>"]);
    expect(within).toMatch(/^<prod [56]\dm>$/);
  });

  it("describes renewal correctly", async () => {
    expect(await json(snippets[3] ?? "")).toBe(true);
  });
});
