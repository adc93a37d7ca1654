import { parseArgs } from "node:util";
import { type Sandbox, startSandbox } from "./sandbox.ts";

// The sandbox as a program: one line of JSON on stdout when it is ready; it ends with its standard input, or by a signal.
// No await at the top, so that it can be bundled as CommonJS too.
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
  process.stderr.write(`The sandbox did not start: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
