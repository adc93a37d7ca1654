// The sandbox as a program: bundled, because Node 20 runs no TypeScript.
import { spawn } from "node:child_process";
import { join } from "node:path";
import * as esbuild from "esbuild";
import { bundleOptions, root } from "./build.mjs";

/** Starts the sandbox. Resolves with its URLs and what to put into the environment, when it is ready; `stop` ends it. */
export async function startSandbox() {
  const program = join(root, "dist", "sandbox.mjs");
  await esbuild.build({
    ...bundleOptions,
    format: "esm",
    outExtension: {},
    entryPoints: [join(root, "test", "sandbox", "main.ts")],
    outfile: program,
  });
  const child = spawn(process.execPath, [program], { stdio: ["pipe", "pipe", "inherit"] });
  let output = "";
  const ready = await new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`The sandbox ended with ${code} before it was ready.`)));
    child.stdout.on("data", (chunk) => {
      output += chunk;
      if (output.includes("\n")) resolve(JSON.parse(output.slice(0, output.indexOf("\n"))));
    });
  });
  return { ...ready, stop: () => child.stdin.end() };
}
