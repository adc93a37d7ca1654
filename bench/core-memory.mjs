// The core on its own: its memory over many requests.
import { readFileSync } from "node:fs";
import { startWorker } from "./measure.mjs";
import { core, environmentOf, makeHome } from "./workplace.mjs";

/** Resident megabytes after a few and after many cached roles. On Linux; elsewhere the system is not asked. */
export async function measureMemory(requests, sts) {
  if (process.platform !== "linux") return {};
  const home = makeHome("memory");
  const worker = startWorker(process.execPath, ["--max-semi-space-size=1", core, "serve"], {});
  const resident = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${worker.pid}/status`, "utf8"))?.[1]) / 1024;
  const environment = environmentOf(home, sts.http);
  let id = 0;
  const use = () =>
    worker.ask({
      jsonrpc: "2.0",
      id: ++id,
      method: "role/use",
      params: { context: { environment, workingDirectory: "/" }, profileName: "prod" },
    });
  const after = async (count) => {
    while (id < count) await use();
    return resident();
  };
  try {
    return {
      memoryAfter100: await after(100),
      memoryAfter10k: await after(Math.min(10_000, requests / 2)),
      memoryAfterAll: await after(requests),
    };
  } finally {
    worker.stop();
  }
}
