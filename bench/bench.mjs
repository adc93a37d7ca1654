// npm run bench: how fast it is, beside its peers, on this machine. Writes docs/benchmark.md and docs/bench.svg.
// --quick makes few rounds, to see that it works; --rounds N says how many (15 at least for figures worth telling); --node PATH names the
// Node that is measured.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { build, root } from "../scripts/build.mjs";
import { drawChart } from "./chart.mjs";
import { measureCommands } from "./commands.mjs";
import { measureMemory } from "./core-memory.mjs";
import { measureFiles } from "./filesizes.mjs";
import { rowsOf, tableOf, writePage } from "./report.mjs";
import { measureFirst, measureSession } from "./sessions.mjs";
import { bundleProgram, cleanUp, copyModule, findPeers, folder, machine, options, sizeOf } from "./workplace.mjs";

const rounds = Number(options.rounds ?? (options.quick ? 3 : 15));
const told = (text) => process.stderr.write(`${text}\n`);

await build();
copyModule();
const peers = findPeers();
for (const name of peers.missing) told(`Not on this machine: ${name}`);
const sts = await startSts();
const figures = {};
// Of a machine that does other things meanwhile, the ratios tell more than the times.
const load = [loadavg()[1]];
try {
  told("Commands");
  Object.assign(figures, await measureCommands(rounds, peers, sts));
  told("First commands of a session");
  Object.assign(figures, await measureFirst(rounds, peers, sts));
  told("A session that stays");
  Object.assign(figures, await measureSession(rounds, peers, sts, { many: options.quick ? 200 : 1000 }));
  told("Files");
  Object.assign(figures, await measureFiles(rounds, peers));
  told("Memory");
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
// A quick run is no measurement.
if (!options.quick) {
  writePage(join(root, "docs", "benchmark.md"), rows, about);
  writeFileSync(join(root, "docs", "bench.svg"), drawChart(figures));
}

/** A process of its own, so that its work is not counted to whoever asks it. */
async function startSts() {
  const child = spawn(process.execPath, [await bundleProgram("sts")], { stdio: ["pipe", "pipe", "inherit"] });
  const [line] = await once(child.stdout, "data");
  return { ...JSON.parse(String(line)), stop: () => child.stdin.end() };
}
