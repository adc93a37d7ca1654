import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPowerShell, type Session } from "./powershell/session.ts";
import { type Sandbox, startSandbox } from "./sandbox/sandbox.ts";
import { type SecretService, startSecretService, whyNoSecretService } from "./vault/secret-service.ts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** A fenced block, with the answers to its prompts: `<!-- answers: a | b -->` on the line before. */
interface Example {
  readonly line: number;
  readonly language: string;
  readonly code: string;
  readonly answers: readonly string[];
}

const pages = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "ARCHITECTURE.md", ...pagesUnder("docs")];

describe.each(pages)("%s", (page) => {
  const text = readFileSync(join(root, page), "utf8");
  const examples = examplesIn(text);

  it("links to existing files", () => {
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, target]) => target ?? "");
    const missing = links.filter((target) => !existsSync(join(root, dirname(page), target)));
    expect(missing).toEqual([]);
  });

  it("names existing files and folders", () => {
    const words = [...text.matchAll(/`([^`\n]+)`/g)].flatMap(([, code]) => (code ?? "").split(/[\s,]+/));
    const paths = words
      .filter((word) => /^(?:src|cmdlets|test|Pester|scripts|bench|docs|module|stress)\/[\w./-]+$/.test(word))
      .map((word) => word.replace(/^stress\/(\w+)$/, "test/stress/$1.stress.ts"));
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it("names existing npm scripts", () => {
    const scripts: Record<string, string> = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).scripts;
    const named = [...text.matchAll(/npm (?:run )?(start|test(?::\w+)?|build|package|lint|bench|stress)\b/g)].map(
      ([, name]) => name ?? "",
    );
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  const powershell = [...examples.filter(({ language }) => language === "powershell"), ...commandsIn(text)];
  if (powershell.length === 0) return;

  describe("PowerShell examples, run in order in one session", () => {
    let sandbox: Sandbox;
    let session: Session;
    let keychain: SecretService | undefined;

    beforeAll(async () => {
      sandbox = await startSandbox();
      if (text.includes("-Vault") && !whyNoSecretService) keychain = await startSecretService();
      // A browser whose user allows each sign-in to the sandbox, and opens nothing else.
      session = await openPowerShell({
        awsSdk: "4",
        module: page !== "README.md",
        cwd: root,
        env: {
          ...sandbox.environment,
          ...keychain?.environment,
          BROWSER: `"${process.execPath}" "${join(root, "test/sandbox/browser.mjs")}" allow %s`,
        },
      });
      // Pages other than README assume its first example: a default profile, a role and one with MFA.
      if (page !== "README.md") {
        const pair = "arn:aws:iam::123456789012:role/Saml,arn:aws:iam::123456789012:saml-provider/Staff";
        await session.run(`
          function role-credentials { node module/core/role-credentials.cjs @args }
          $SamlResponse = '${sandbox.mintSamlAssertion({ roles: [pair] })}'
          Set-RoleCredentials -AccessKey AKIAJOEXAMPLE0000001 -SecretKey Jo/EXAMPLE+secret00000000000000000000001 -Region eu-west-1
          Set-RoleCredentials -StoreAs prod -RoleArn arn:aws:iam::123456789012:role/Admin -SourceProfile default
          Set-RoleCredentials -StoreAs secure -RoleArn arn:aws:iam::123456789012:role/MfaRequired -SourceProfile default -MfaSerial arn:aws:iam::111111111111:mfa/jo`);
      }
    });
    afterAll(async () => {
      await session?.close();
      await sandbox?.close();
      keychain?.close();
    });

    it.for(powershell)("line $line", async ({ code, answers }, { skip }) => {
      skip(code.includes("-Vault") && !keychain, `needs ${whyNoSecretService}`);
      const given = answers.map((answer) => (answer === "{mfa}" ? sandbox.totp("jo") : answer));
      const { stdout } = await session.run(code, { answers: given });
      expect(stdout).not.toContain("Jo/EXAMPLE+secret");
    });
  });
});

function examplesIn(text: string): Example[] {
  const examples: Example[] = [];
  const lines = text.split("\n");
  let answers: string[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    const said = /^<!-- answers: (.*) -->$/.exec(line);
    if (said) answers = (said[1] ?? "").split(" | ");
    const fence = /^```(\w+)$/.exec(line);
    if (!fence) continue;
    const end = lines.indexOf("```", at + 1);
    examples.push({ line: at + 1, language: fence[1] ?? "", code: lines.slice(at + 1, end).join("\n"), answers });
    answers = [];
    at = end;
  }
  return examples;
}

/** The code in the last column of each table whose last column is for this module. */
function commandsIn(text: string): Example[] {
  let ours = false;
  return text.split("\n").flatMap((line, at) => {
    if (!line.startsWith("|")) ours = false;
    else if (line.endsWith(" RoleCredentials |")) ours = true;
    const code = ours ? /`([^`]+)` \|$/.exec(line)?.[1] : undefined;
    return code === undefined
      ? []
      : [{ line: at + 1, language: "powershell", code: code.replaceAll("\\|", "|"), answers: [] }];
  });
}

function pagesUnder(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".md"))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}
