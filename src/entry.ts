#!/usr/bin/env node
/**
 * Node's entry point. It is also compiled for old versions of Node, so that they can report that they are too old. Loads everything else
 * after that check.
 */
import "./platform/refuse-debugger.ts";

const oldestNode = 20;

if (Number.parseInt(process.versions.node, 10) < oldestNode) {
  // cmdlets/Core/CoreProcess.cs reads the version from this line.
  process.stderr.write(
    `role-credentials needs Node.js ${oldestNode} or later; this is ${process.version} at ${process.execPath}. Install a newer one from https://nodejs.org.\n`,
  );
  process.exit(1);
}
void start();

async function start(): Promise<void> {
  // A core compiles its files only once per session. It also has no home, because its environment is empty.
  if (process.argv[2] !== "serve") (await import("./compile-cache.ts")).enableCompileCache(process.env);
  const { main } = await import("./main.ts");
  await main(process);
}
