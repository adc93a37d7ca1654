import { type ChildProcess, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";

/** Starts short programs that use the sources in processes of their own. */
export class OtherProcesses {
  readonly #folder: string;
  readonly #children: ChildProcess[] = [];
  #count = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Bundles a program, which imports from `src/` as `#src/…`. Returns its path. */
  program(source: string): string {
    const entry = join(this.#folder, `program-${++this.#count}.ts`);
    const outfile = entry.replace(/ts$/, "mjs");
    const sources = join(import.meta.dirname, "../../src/");
    writeFileSync(entry, source.replaceAll("#src/", sources.replaceAll("\\", "/")));
    buildSync({
      entryPoints: [entry],
      outfile,
      bundle: true,
      platform: "node",
      format: "esm",
      logLevel: "error",
      define: { VERSION: JSON.stringify("0.0.0-test") },
      // For CommonJS packages.
      banner: {
        js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
      },
    });
    return outfile;
  }

  start(program: string, ...args: readonly string[]): RunningProcess {
    const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    this.#children.push(child);
    return new RunningProcess(child);
  }

  killAll(): void {
    for (const child of this.#children) child.kill("SIGKILL");
  }
}

class RunningProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  output = "";
  /** Its standard error, which is also passed on. */
  errors = "";

  constructor(child: ChildProcess) {
    this.child = child;
    this.ended = new Promise((resolve) => child.once("close", resolve));
    child.stdout?.setEncoding("utf8").on("data", (text) => {
      this.output += text;
    });
    child.stderr?.setEncoding("utf8").on("data", (text) => {
      this.errors += text;
      process.stderr.write(text);
    });
  }

  async said(text: string): Promise<void> {
    while (!this.output.includes(text)) {
      if (this.child.exitCode !== null)
        throw new Error(`the process exited with ${this.child.exitCode}: ${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.ended;
  }
}

/** For the programs: the parts of a request's context that files need. */
export const contextSource = `
const context = { environment: {}, workingDirectory: "/", platform: process.platform, now: () => 0, signal: new AbortController().signal, say() {} };
`;
