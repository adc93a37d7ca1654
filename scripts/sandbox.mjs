// The sandbox for those outside TypeScript: bundled, because Node 20 runs no TypeScript.
// As a program it prints its URLs as one line of JSON when it is ready, and ends when its standard input closes.
import { spawn } from "node:child_process";
import { renameSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as esbuild from "esbuild";
import { bundleOptions, root } from "./build.mjs";

/** Starts the sandbox. Resolves with its URLs and what to put into the environment, when it is ready; `stop` ends it. */
export async function startSandbox() {
  const child = spawn(process.execPath, [await bundle()], { stdio: ["pipe", "pipe", "inherit"] });
  let output = "";
  const ready = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`The sandbox ended with ${code} before it was ready.`)));
    child.stdout.on("data", (chunk) => {
      output += chunk;
      if (output.includes("\n")) resolve(JSON.parse(output.slice(0, output.indexOf("\n"))));
    });
  });
  return { ...ready, stop: () => child.stdin.end() };
}

/** Renamed into its place, because several may bundle at once and none may run half a file. */
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
