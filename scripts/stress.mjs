// npm run stress [PART…]: the long tests, and the figures. Parts are named like the files in test/stress/.
// STRESS_SEED repeats a run's random choices.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "./build.mjs";
import { buildAwsSdkModule, findPowerShell } from "./powershell.mjs";
import { root, vitest } from "./project.mjs";

await build();
findPowerShell();
buildAwsSdkModule("4");

const folder = mkdtempSync(join(tmpdir(), "role-credentials-stress-"));
const figures = join(folder, "figures");
writeFileSync(figures, "");
const args = ["run", "--config", "test/stress/vitest.config.ts", "--root", root, ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, [vitest, ...args], {
  cwd: root,
  stdio: ["ignore", "inherit", "inherit"],
  env: { ...process.env, STRESS_FIGURES: figures },
});
const lines = readFileSync(figures, "utf8").trim().split("\n").filter(Boolean);
rmSync(folder, { recursive: true });
console.log("\nFigures");
for (const [what, value] of lines.map((line) => JSON.parse(line))) console.log(`  ${what.padEnd(90)} ${value}`);
process.exitCode = status === 0 ? 0 : 1;
