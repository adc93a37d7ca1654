import { spawnSync } from "node:child_process";

interface ChildProcess {
  readonly pid: number;
  /** As ps shows it: `Z` is a zombie. */
  readonly state: string;
  readonly command: string;
}

export function childrenOf(parent: number): ChildProcess[] {
  const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,ppid=,stat=,args="], { encoding: "utf8" });
  return stdout.split("\n").flatMap((line) => {
    const [, pid, ppid, state = "", command = ""] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    return Number(ppid) === parent ? [{ pid: Number(pid), state, command }] : [];
  });
}

/** Whether a process runs. A zombie, which only waits for its parent to reap it, does not. */
export function isRunning(pid: number): boolean {
  const { stdout } = spawnSync("ps", ["-p", String(pid), "-o", "stat="], { encoding: "utf8" });
  return stdout.trim() !== "" && !stdout.startsWith("Z");
}
