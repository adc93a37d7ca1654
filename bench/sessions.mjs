// PowerShell: the first command of a session and later commands, compared with the AWS SDK for .NET and boto3.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { pwshOptions, root } from "../scripts/project.mjs";
import { interleave, median, startWorker } from "./measure.mjs";
import { environmentOf, forget, makeHome, manifest } from "./workplace.mjs";

const script = (name) => join(root, "bench", name);
const options = [...pwshOptions, "-File"];

export async function measureFirst(rounds, peers, sts) {
  const home = makeHome("first");
  const env = environmentOf(home, sts.http);
  const first = (wait, { cached = true, after = "command" } = {}) => {
    if (!cached) forget(home);
    const args = [...options, script("first.ps1"), "-Manifest", manifest, "-Wait", String(wait), "-After", after];
    const { status, stdout, stderr } = spawnSync(peers.powershell.path, args, { env, encoding: "utf8" });
    if (status !== 0) throw new Error(`PowerShell failed: ${stdout}${stderr}`);
    return JSON.parse(stdout.slice(stdout.indexOf("{")));
  };
  first(0);
  return interleave(rounds, {
    background: () => ({ background: first(3000, { after: "idle" }).background }),
    cachedNow: () => {
      const { import: imported, use } = first(0);
      return { import: imported, firstCachedNow: use };
    },
    cachedSoon: () => ({ firstCachedSoon: first(1000).use }),
    freshNow: () => ({ firstFreshNow: first(0, { cached: false }).use }),
    freshSoon: () => {
      const use = first(1500, { cached: false }).use;
      first(0);
      return { firstFreshSoon: use };
    },
  });
}

export async function measureSession(rounds, peers, sts, { many }) {
  const home = makeHome("session");
  const env = environmentOf(home, sts.http, sts.caFile);
  const session = startWorker(
    peers.powershell.path,
    [...options, script("worker.ps1"), "-Manifest", manifest, ...(peers.sdk ? ["-Sdk", peers.sdk] : [])],
    // The SDK for .NET trusts the certificates that OpenSSL trusts.
    { ...env, SSL_CERT_FILE: sts.caFile },
  );
  const python = peers.boto3 && startWorker(peers.python, [script("worker.py")], env);
  const ask = async (worker, question) => (await worker.ask(question)).ms;
  let role = 0;
  const further = (way) => ({
    roleArn: `arn:aws:iam::123456789012:role/Further${++role}`,
    url: sts[way],
    caFile: sts.caFile,
  });
  const figures = {};
  try {
    await session.ask({ method: "use" });
    await session.ask({ method: "again", count: 4000 });
    const contenders = { again: async () => ({ again: (await ask(session, { method: "again", count: 100 })) / 100 }) };
    for (const way of ["http", "https"]) {
      for (const [name, worker, method] of [
        ["further", session, "further"],
        ...(peers.sdk ? [["dotnet", session, "dotnet"]] : []),
        ...(python ? [["boto", python, "assume"]] : []),
      ]) {
        const figure = `${name}_${way}`;
        contenders[figure] = async () => ({ [figure]: await ask(worker, { method, ...further(way) }) });
        for (let warmUp = 0; warmUp < 30; warmUp++) await contenders[figure]();
      }
    }
    Object.assign(figures, await interleave(rounds, contenders));
    figures.coreAfterSts = (await session.ask({ method: "memory" })).core;
    const runs = [];
    const memory = [];
    for (const name of ["A", "B", "C"]) {
      runs.push(await ask(session, { method: "many", count: many, url: sts.slow, name }));
      memory.push(await session.ask({ method: "memory" }));
    }
    figures.many = median(runs);
    figures.manyIdeal = Math.ceil(many / 16) * 50;
    figures.coreGrowth = memory[2].core - memory[0].core;
    figures.sessionGrowth = memory[2].session - memory[0].session;
  } finally {
    session.stop();
    python?.stop();
  }
  return figures;
}
