#!/usr/bin/env node
/**
 * Node's entry point. It is also compiled for old versions of Node, so that they can report that they are too old. Loads everything else
 * after that check.
 */
import "./platform/refuse-debugger.ts";

/** The version of package.json's engines. Node.js 20.3 brought AbortSignal.any. */
const oldestNode = "20.3";

if (isOlder(process.versions.node, oldestNode)) {
  // cmdlets/Core/CoreProcess.cs reads the version from this line.
  process.stderr.write(
    `role-credentials needs Node.js ${oldestNode} or later; this is ${process.version} at ${process.execPath}. Install a newer one from https://nodejs.org.\n`,
  );
  process.exit(1);
}
void start();

function isOlder(version: string, than: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = than.split(".").map(Number);
  return major < oldestMajor || (major === oldestMajor && minor < oldestMinor);
}

async function start(): Promise<void> {
  (await import("./compile-cache.ts")).enableCompileCache(process.env);
  const { main } = await import("./main.ts");
  await main(process);
}
