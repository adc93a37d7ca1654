// Runs the sandbox for callers outside TypeScript. Run as a program, it prints its URLs as one line of JSON when it is ready, and exits when
// its standard input closes.
import { pathToFileURL } from "node:url";
import { bundleProgram, startProgram } from "./bundled-program.mjs";
import { isProgram } from "./project.mjs";

const source = "test/sandbox/main.ts";

/** Starts the sandbox. Resolves, when it is ready, with its URLs and the environment variables to set. `stop` ends it. */
export const startSandbox = () => startProgram(source);

if (isProgram(import.meta.url)) await import(pathToFileURL(await bundleProgram(source)).href);
