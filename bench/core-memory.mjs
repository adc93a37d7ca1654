// The core's memory over many requests, measured without PowerShell.
import { readFileSync } from "node:fs";
import { startWorker } from "./measure.mjs";
import { core, coreFlags, environmentOf, makeHome, nodePath } from "./workplace.mjs";

const start = () => startWorker(nodePath, [...coreFlags, core, "serve"], {});

/**
 * Resident megabytes after a few cached roles, after many, and after a call to STS. Measured on Linux only. A second core makes the call,
 * because this one would find the result in its cache.
 */
export async function measureMemory(requests, sts) {
  if (process.platform !== "linux") return {};
  const home = makeHome("memory");
  const fetching = start();
  let worker;
  const resident = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${worker.pid}/status`, "utf8"))?.[1]) / 1024;
  const environment = environmentOf(home, sts.http);
  let id = 0;
  const use = (by, params = { profileName: "prod" }) =>
    by.ask({
      jsonrpc: "2.0",
      id: ++id,
      method: "role/use",
      params: { context: { environment, workingDirectory: "/" }, ...params },
    });
  const after = async (count) => {
    while (id < count) await use(worker);
    return resident();
  };
  try {
    await use(fetching);
    worker = start();
    const figures = {
      memoryAfter100: await after(100),
      memoryAfter10k: await after(Math.min(10_000, requests / 2)),
      memoryAfterAll: await after(requests),
    };
    for (let role = 0; role < 30; role++)
      await use(worker, { sourceProfile: "base", roleArn: `arn:aws:iam::123456789012:role/Memory${role}` });
    return { ...figures, memoryAfterSts: resident() };
  } finally {
    fetching.stop();
    worker?.stop();
  }
}
