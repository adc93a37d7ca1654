import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { type Environment, openCleanRoom, powerShellPath } from "./environment.ts";

/** A program at a terminal, with typed input. */
export interface Terminal {
  /** All output so far. */
  readonly screen: string;
  type(keys: string): void;
  /** Presses Ctrl+C while no query for the cursor's position is under way. */
  interrupt(): Promise<void>;
  /** Waits until the output since the last wait matches. */
  waitFor(pattern: RegExp): Promise<void>;
  /** Waits for the program to exit and returns its exit code. */
  exitCode(): Promise<number | null>;
  close(): void;
}

/** Why this machine has no terminal for tests, or undefined. script(1) makes one, and its options differ between Linux and the BSDs. */
export const noTerminal: string | undefined =
  process.platform === "win32"
    ? "script(1) is not available on Windows"
    : spawnSync("script", ["--version"]).error
      ? "script(1) is not installed"
      : undefined;

const cursorQuery = "\x1b[6n";
const cursorAnswer = "\x1b[1;1R";

export function openTerminal(args: readonly string[] = []): Terminal {
  return openTerminalProgram([powerShellPath(), "-NoLogo", "-NoProfile", ...args]);
}

/** Runs any program at a terminal. */
export function openTerminalProgram(command: readonly string[], environment: Environment = {}): Terminal {
  const room = openCleanRoom({ TERM: "xterm", NO_COLOR: undefined, ...environment });
  // Uses exec, because a shell in between would return 130 for a program that handled Ctrl+C and continued.
  const script =
    process.platform === "linux"
      ? ["--quiet", "--flush", "--return", "--command", `exec ${command.map(shellQuote).join(" ")}`, "/dev/null"]
      : ["-q", "/dev/null", ...command];
  const child = spawn("script", script, { env: { ...room.env, SHELL: "/bin/sh" }, cwd: room.home });
  const ended = once(child, "close") as Promise<[number | null]>;
  let screen = "";
  let seen = 0;
  let answered = 0;
  let lastAnswer = 0;
  child.stdin.on("error", () => undefined);
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    screen += chunk;
    // A terminal reports its cursor position, and pwsh waits for that. A busy machine delivers a query in two chunks.
    for (const asked = screen.split(cursorQuery).length - 1; answered < asked; answered++) {
      child.stdin.write(cursorAnswer);
      lastAnswer = Date.now();
    }
  });

  return {
    get screen() {
      return screen;
    },
    type: (keys) => void child.stdin.write(keys),
    async interrupt() {
      // Ctrl+C discards input that was not read yet. If that is the cursor's position, pwsh waits for it forever. A progress bar asks for it
      // every second, so press in the middle between two queries.
      do await setTimeout(100);
      while (Date.now() - lastAnswer < 500);
      child.stdin.write("\x03");
    },
    async waitFor(pattern) {
      const deadline = Date.now() + 60_000;
      for (;;) {
        const match = pattern.exec(screen.slice(seen));
        if (match) {
          seen += match.index + match[0].length;
          return;
        }
        if (Date.now() > deadline)
          throw new Error(`The terminal never showed ${pattern}; it shows:\n${screen.slice(seen)}`);
        await setTimeout(20);
      }
    },
    async exitCode() {
      const [code] = await ended;
      return code;
    },
    close() {
      child.kill("SIGKILL");
      void ended.then(() => room.remove());
    },
  };
}

function shellQuote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
