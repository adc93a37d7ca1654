// Finds one profile of many, changes it on disk, and lists all profiles.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundleProgram } from "../scripts/bundled-program.mjs";
import { pwshOptions, root } from "../scripts/project.mjs";
import { interleave, startWorker } from "./measure.mjs";
import { coreFlags, environmentOf, folder, makeHome, manifest, nodePath } from "./workplace.mjs";

const sizes = [10, 1000, 10_000];

export async function measureFiles(rounds, peers) {
  const home = makeHome("files");
  const env = environmentOf(home, "http://127.0.0.1:9");
  const program = await bundleProgram("bench/files.ts");
  // This project's code as the core uses it, the JavaScript SDK as programs use it.
  const ours = startWorker(nodePath, [...coreFlags, program], env);
  const javaScript = startWorker(nodePath, [program], env);
  const python = peers.boto3 && startWorker(peers.python, [join(root, "bench", "worker.py")], env);
  const shellArgs = [...pwshOptions, "-File", join(root, "bench", "worker.ps1"), "-Manifest", manifest];
  const dotnet = peers.sdk && startWorker(peers.powershell.path, [...shellArgs, "-Sdk", peers.sdk], env);
  const figures = {};
  try {
    for (const count of sizes) {
      // The .NET SDK rewrites the other file too.
      const own = makeFiles(count, "net");
      const question = { ...makeFiles(count, "all"), profile: `p${count - 1}`, count };
      const contenders = {};
      for (const [prefix, worker, methods] of [
        ["", ours, ["find", "list", "change"]],
        ["", javaScript, ["jsFind", "jsList"]],
        ["boto_", python, ["find", "list"]],
        // Its listing is quadratic: ten thousand profiles take seconds.
        ["net_", dotnet, ["find", "change", ...(count < 10_000 ? ["list"] : [])]],
      ]) {
        for (const method of worker ? methods : []) {
          const figure = `${prefix}${method}_${count}`;
          contenders[figure] = async () => {
            const value = `AKIA${String(Math.floor(Math.random() * 1e12)).padStart(16, "0")}`;
            const { ms } = await worker.ask({ ...question, ...(worker === dotnet && own), method, value });
            return { [figure]: ms };
          };
        }
      }
      for (let warmUp = 0; warmUp < 3; warmUp++) for (const one of Object.values(contenders)) await one();
      Object.assign(figures, await interleave(rounds, contenders));
    }
  } finally {
    for (const worker of [ours, javaScript, python, dotnet]) if (worker) worker.stop();
  }
  return figures;
}

/** The two files, with the given number of profiles. */
function makeFiles(count, whose) {
  const directory = join(folder, `files-${whose}-${count}`);
  mkdirSync(directory, { recursive: true });
  const names = Array.from({ length: count }, (_, index) => `p${index}`);
  const config = join(directory, "config");
  const credentials = join(directory, "credentials");
  writeFileSync(config, names.map((name) => `[profile ${name}]\nregion = eu-west-1\noutput = json\n`).join("\n"));
  const keys = "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = EXAMPLE\n";
  writeFileSync(credentials, names.map((name) => `[${name}]\n${keys}`).join("\n"), { mode: 0o600 });
  return { config, credentials };
}
