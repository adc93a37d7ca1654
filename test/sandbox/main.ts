import { parseArgs } from "node:util";
import { startSandbox } from "./sandbox.ts";

// The sandbox as a program: one line of JSON on stdout when it is ready; it ends with its standard input, or by a signal.
const { values } = parseArgs({
  options: { port: { type: "string", default: "0" }, tls: { type: "boolean", default: false } },
});
const sandbox = await startSandbox({ port: Number(values.port), tls: values.tls });
const { urls, environment, caFile } = sandbox;
process.stdout.write(`${JSON.stringify({ ...urls, environment, ...(caFile !== undefined && { caFile }) })}\n`);

const end = () => {
  sandbox.close().then(
    () => process.exit(0),
    () => process.exit(1),
  );
};
process.stdin.on("end", end).resume();
process.on("SIGTERM", end);
process.on("SIGINT", end);
