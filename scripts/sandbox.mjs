// Runs the sandbox for callers outside TypeScript. It is bundled because Node 20 does not run TypeScript. Run as a program, it prints its
// URLs as one line of JSON when it is ready, and exits when its standard input closes.
import { spawn } from "node:child_process";
import { renameSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as esbuild from "esbuild";
import { bundleOptions, root } from "./build.mjs";

/** Starts the sandbox. Resolves, when it is ready, with its URLs and the environment variables to set. `stop` ends it. */
export async function startSandbox() {
  const child = spawn(process.execPath, [await bundle()], { stdio: ["pipe", "pipe", "inherit"] });
  let output = "";
  const ready = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`The sandbox exited with ${code} before it was ready.`)));
    child.stdout.on("data", (chunk) => {
      output += chunk;
      if (output.includes("\n")) resolve(JSON.parse(output.slice(0, output.indexOf("\n"))));
    });
  });
  return { ...ready, stop: () => child.stdin.end() };
}

/** Written to a temporary file and renamed, because several processes may bundle at once and none may run a partial file. */
async function bundle() {
  const program = join(root, "dist", "sandbox.mjs");
  const unfinished = join(root, "dist", `sandbox.${process.pid}.tmp`);
  await esbuild.build({
    ...bundleOptions,
    format: "esm",
    outExtension: {},
    entryPoints: [join(root, "test", "sandbox", "main.ts")],
    outfile: unfinished,
  });
  renameSync(unfinished, program);
  return program;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await import(pathToFileURL(await bundle()).href);
