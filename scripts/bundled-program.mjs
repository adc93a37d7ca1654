// Runs a program in TypeScript, bundled because Node 20 does not run TypeScript.
import { spawn } from "node:child_process";
import { renameSync } from "node:fs";
import { join } from "node:path";
import * as esbuild from "esbuild";
import { bundleOptions } from "./build.mjs";
import { root } from "./project.mjs";

/** Bundles a program into dist, and returns its path. */
export async function bundleProgram(source) {
  const program = join(root, "dist", source.replaceAll("/", "-").replace(/ts$/, "mjs"));
  // Renamed when it is complete, because several processes may bundle at once and none may run a partial file.
  const unfinished = `${program}.${process.pid}.tmp`;
  await esbuild.build({
    ...bundleOptions,
    format: "esm",
    outExtension: {},
    entryPoints: [join(root, source)],
    outfile: unfinished,
    define: { VERSION: '"bundled"' },
    banner: { js: 'import { createRequire as from } from "node:module"; const require = from(import.meta.url);' },
  });
  renameSync(unfinished, program);
  return program;
}

/** Starts a program that prints a line of JSON when it is ready, and ends with its standard input. Adds `stop` to what it prints. */
export async function startProgram(source) {
  const child = spawn(process.execPath, [await bundleProgram(source)], { stdio: ["pipe", "pipe", "inherit"] });
  let output = "";
  const ready = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`${source} exited with ${code} before it was ready.`)));
    child.stdout.on("data", (chunk) => {
      output += chunk;
      if (output.includes("\n")) resolve(JSON.parse(output.slice(0, output.indexOf("\n"))));
    });
  });
  return { ...ready, stop: () => child.stdin.end() };
}
