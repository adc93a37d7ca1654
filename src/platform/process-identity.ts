import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/**
 * Who holds a lock, in one line: process, its start time, and the place in which that number means this process. `0` stands for
 * a start time that the system does not tell.
 */
export function describeSelf(serial: number): string {
  self ??= `${process.pid} ${startTimeOf("self") ?? 0} ${place()}`;
  return `${self} ${serial}`;
}

let self: string | undefined;

/**
 * Whether the holder is known to be gone: its process ended, or its number was given to another one. False where that cannot be
 * told, because it runs elsewhere.
 */
export function isGone(owner: string): boolean {
  const [pid = "", startTime = "", where] = owner.split(" ");
  if (!/^\d+$/.test(pid) || where !== place()) return false;
  const now = startTimeOf(pid);
  if (now !== undefined) return startTime !== "0" && now !== startTime;
  try {
    process.kill(Number(pid), 0);
    // It is there, and the system does not say since when, or says that it only waits to be reaped.
    return isDead(pid);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

// A number names a process on one machine, since its boot, in one namespace: a container on a shared folder has its own.
function place(): string {
  here ??= [hostname(), bootId(), pidNamespace()].join("/").replace(/\s/g, "_");
  return here;
}

let here: string | undefined;

// Elsewhere a path in `/proc` could be anybody's: Windows reads it relative to the current drive.
const hasProc = process.platform === "linux";

function bootId(): string {
  if (!hasProc) return "";
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
  } catch {
    return "";
  }
}

function pidNamespace(): string {
  if (!hasProc) return "";
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
}

/** In the system's own ticks since boot; undefined where there is no such process, it is dead, or there is no `/proc`. */
function startTimeOf(pid: string): string | undefined {
  const fields = statusOf(pid);
  return fields && !deadStates.has(fields[0] ?? "") ? fields[19] : undefined;
}

function isDead(pid: string): boolean {
  const fields = statusOf(pid);
  return fields !== undefined && deadStates.has(fields[0] ?? "");
}

// A process that was killed stays until its parent asks for it.
const deadStates = new Set(["Z", "X", "x"]);

/** The fields of `/proc/PID/stat` after the name of the program, which may hold spaces and brackets. */
function statusOf(pid: string): string[] | undefined {
  if (!hasProc) return undefined;
  try {
    const line = readFileSync(`/proc/${pid}/stat`, "latin1");
    return line.slice(line.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}
