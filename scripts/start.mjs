// npm start: from a fresh checkout to an assumed role, in PowerShell, against the sandbox.
import { spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fail, install } from "./install.mjs";
import { root } from "./project.mjs";
import { removeFolder } from "./remove-folder.mjs";

install();
// These need packages, so they are imported after the install.
const { build } = await import("./build.mjs");
const { startSandbox } = await import("./sandbox.mjs");
const { buildAwsSdkModule, findPowerShell } = await import("./powershell.mjs");

await build();
const { powershell, awsModule } = orSayWhatIsMissing(() => ({
  powershell: findPowerShell().path,
  awsModule: buildAwsSdkModule(),
}));
const sandbox = await startSandbox();

// A scratch home: nothing of the user's is read or written.
const home = mkdtempSync(join(tmpdir(), "role-credentials-"));
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^AWS_/i.test(name)));
const atTerminal = process.stdin.isTTY && process.stdout.isTTY;
// PowerShell colors its output even when it goes to a file.
const plain = atTerminal ? {} : { NO_COLOR: "1" };
const demo = join(root, "scripts", "demo.ps1");
const module = join(root, "module", "RoleCredentials.psd1");
const { status } = spawnSync(
  powershell,
  ["-NoLogo", "-NoProfile", ...(atTerminal ? ["-NoExit"] : ["-NonInteractive"]), "-File", demo, module, awsModule],
  { stdio: "inherit", env: { ...environment, ...plain, ...sandbox.environment, HOME: home, USERPROFILE: home } },
);
sandbox.stop();
removeFolder(home);
process.exit(status ?? 1);

function orSayWhatIsMissing(find) {
  try {
    return find();
  } catch (error) {
    return fail(error.message);
  }
}
