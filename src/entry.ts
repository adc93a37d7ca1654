#!/usr/bin/env node
/**
 * The file that Node starts. It is compiled for old versions of Node too, so that each of them can say that it is too old. Everything else
 * is loaded after that check.
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
  // A core compiles its files once in a session. It also has no home: its environment is empty.
  if (process.argv[2] !== "serve") (await import("./compile-cache.ts")).enableCompileCache(process.env);
  const { main } = await import("./main.ts");
  await main(process);
}
