// npm run bench: measures this machine's speed against other tools. Writes docs/benchmark.md and docs/bench.svg. --quick runs a few rounds,
// to check that it works. --rounds N sets the number of rounds (at least 15 for meaningful figures). --node PATH sets the Node to measure.
import { writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { build } from "../scripts/build.mjs";
import { startProgram } from "../scripts/bundled-program.mjs";
import { root } from "../scripts/project.mjs";
import { drawChart } from "./chart.mjs";
import { measureCommands } from "./commands.mjs";
import { measureMemory } from "./core-memory.mjs";
import { measureFiles } from "./filesizes.mjs";
import { rowsOf, tableOf, writePage } from "./report.mjs";
import { measureFirst, measureSession } from "./sessions.mjs";
import { cleanUp, copyModule, findPeers, folder, machine, options, sizeOf } from "./workplace.mjs";

const rounds = Number(options.rounds ?? (options.quick ? 3 : 15));
const log = (text) => process.stderr.write(`${text}\n`);

await build();
copyModule();
const peers = findPeers();
for (const name of peers.missing) log(`Not installed: ${name}`);
// Runs in a separate process, so that its CPU time is not charged to its caller.
const sts = await startProgram("bench/sts.ts");
const figures = {};
// On a machine that is busy with other work, the ratios are more reliable than the times.
const load = [loadavg()[1]];
try {
  log("Commands");
  Object.assign(figures, await measureCommands(rounds, peers, sts));
  log("First commands of a session");
  Object.assign(figures, await measureFirst(rounds, peers, sts));
  log("A session that stays");
  Object.assign(figures, await measureSession(rounds, peers, sts, { many: options.quick ? 200 : 1000 }));
  log("Files");
  Object.assign(figures, await measureFiles(rounds, peers));
  log("Memory");
  Object.assign(figures, await measureMemory(options.quick ? 5_000 : 100_000, sts));
  figures.moduleSize = sizeOf(join(folder, "module")) / 2 ** 20;
} finally {
  sts.stop();
  cleanUp();
}

load.push(loadavg()[1]);
const rows = rowsOf(figures);
const about = {
  versions: peers.versions,
  missing: peers.missing,
  machine: machine(),
  rounds,
  load: load.map((one) => one.toFixed(1)).join(" to "),
};
process.stdout.write(tableOf(rows, about));
// A quick run does not produce usable figures.
if (!options.quick) {
  writePage(join(root, "docs", "benchmark.md"), rows, about);
  writeFileSync(join(root, "docs", "bench.svg"), drawChart(figures));
}
