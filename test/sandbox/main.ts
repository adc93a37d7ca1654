import { parseArgs } from "node:util";
import { type Sandbox, startSandbox } from "./sandbox.ts";

// The sandbox as a program. It prints one line of JSON on stdout when it is ready, and exits when its standard input closes or on a signal.
// It avoids top-level await so that it can also be bundled as CommonJS.
const { values } = parseArgs({
  options: { port: { type: "string", default: "0" }, tls: { type: "boolean", default: false } },
});
startSandbox({ port: Number(values.port), tls: values.tls }).then(run, fail);

function run(sandbox: Sandbox): void {
  const { urls, environment, caFile } = sandbox;
  process.stdout.write(`${JSON.stringify({ ...urls, environment, ...(caFile !== undefined && { caFile }) })}\n`);
  const end = () => {
    sandbox.close().then(() => process.exit(0), fail);
  };
  process.stdin.on("end", end).resume();
  process.on("SIGTERM", end);
  process.on("SIGINT", end);
}

function fail(error: unknown): void {
  process.stderr.write(`The sandbox failed to start: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
