import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { sha256Hex } from "./hash.ts";
import { codeOf } from "./system-error.ts";

/**
 * Identifies this process in one line: process id, start time, and the machine and namespace in which the id is valid. The start
 * time is `0` where the system does not report it. The line is short, because ext4 stores a symbolic link of 60 bytes or more in a block
 * of its own, and then takes milliseconds to remove it.
 */
export function describeSelf(serial: number): string {
  self ??= `${process.pid} ${startTimeOf("self") ?? 0} ${place()}`;
  return `${self} ${serial}`;
}

let self: string | undefined;

/**
 * Whether a process has ended, including when its id now belongs to another process. False for a process on another machine, because it
 * cannot be checked.
 */
export function isGone(owner: string): boolean {
  const [pid = "", startTime = "", where] = owner.split(" ");
  if (!/^\d+$/.test(pid) || where !== place()) return false;
  const now = startTimeOf(pid);
  if (now !== undefined) return startTime !== "0" && now !== startTime;
  try {
    process.kill(Number(pid), 0);
    // The id exists, but its start time is unknown, or the process is a zombie.
    return isDead(pid);
  } catch (error) {
    return codeOf(error) === "ESRCH";
  }
}

// A process id is valid on one machine, since its boot, in one namespace: containers that share a folder have separate ids.
function place(): string {
  here ??= sha256Hex([hostname(), bootId(), pidNamespace()].join("/")).slice(0, 12);
  return here;
}

let here: string | undefined;

const bootId = () => fromProc(() => readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim());
const pidNamespace = () => fromProc(() => readlinkSync("/proc/self/ns/pid"));

/** In clock ticks since boot. Undefined if the process does not exist or is dead, or without `/proc`. */
function startTimeOf(pid: string): string | undefined {
  const fields = statusOf(pid);
  return fields && !deadStates.has(fields[0] ?? "") ? fields[19] : undefined;
}

function isDead(pid: string): boolean {
  const fields = statusOf(pid);
  return fields !== undefined && deadStates.has(fields[0] ?? "");
}

// A killed process stays a zombie until its parent reaps it.
const deadStates = new Set(["Z", "X", "x"]);

/** Fields of `/proc/PID/stat` after the program's name, which may contain spaces and brackets. */
function statusOf(pid: string): string[] | undefined {
  const line = fromProc(() => readFileSync(`/proc/${pid}/stat`, "latin1"));
  return line?.slice(line.lastIndexOf(")") + 2).split(" ");
}

/** Undefined if the file is missing. Other systems have no /proc, and Windows would resolve the path on the current drive. */
function fromProc(read: () => string): string | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    return read();
  } catch {
    return undefined;
  }
}
