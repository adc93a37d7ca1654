/**
 * Whether the kernel would answer "Exec format error" for a file. The C library then runs the file with /bin/sh, which Node cannot
 * prevent, so such a file is never started. The rules come from Linux's fs/binfmt_script.c, fs/binfmt_elf.c and fs/binfmt_misc.c.
 */
import { closeSync, existsSync, fstatSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";
import { endianness } from "node:os";
import { extname, join, resolve } from "node:path";

/** Bytes of a script that the kernel reads; older kernels read half of them. */
const headLength = 256;
/** Maximum depth of interpreters that are scripts themselves; beyond it the kernel reports a different error. */
const deepestInterpreter = 5;

export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly arch: NodeJS.Architecture;
  /** Where Linux lists additional formats: Windows programs in WSL, programs for other processors with QEMU. */
  readonly binfmtFolder: string;
}

export const thisMachine: Machine = {
  platform: process.platform,
  arch: process.arch,
  binfmtFolder: "/proc/sys/fs/binfmt_misc",
};

/** @param path absolute */
export function isFormatError(
  path: string,
  workingDirectory: string,
  machine: Machine = thisMachine,
  depth = 0,
): boolean {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch {
    // A shell cannot read it either if it is executable but not readable.
    return false;
  }
  try {
    if (!fstatSync(file).isFile()) return false;
    const head = readAt(file, 0, headLength);
    if (isRegisteredFormat(path, head, machine)) return false;
    if (head.toString("latin1", 0, 2) !== "#!") return !isProgram(file, head, machine);
    const interpreter = interpreterOf(head);
    if (interpreter === undefined) return true;
    if (depth === deepestInterpreter) return false;
    return isFormatError(resolve(workingDirectory, interpreter), workingDirectory, machine, depth + 1);
  } finally {
    closeSync(file);
  }
}

/** The interpreter in a script's first line; undefined if it is missing or may be truncated. */
function interpreterOf(head: Buffer): string | undefined {
  const isCut = head.length === headLength && !head.includes("\n");
  const line = head.toString("utf8", 2).split("\n", 1)[0] ?? "";
  const [, name, end] = /^[ \t]*([^ \t\0]*)([ \t\0]?)/.exec(line) ?? [];
  return name && !(isCut && !end) ? name : undefined;
}

function isProgram(file: number, head: Buffer, { platform, arch }: Machine): boolean {
  if (platform === "darwin") return machOStarts.has(head.toString("hex", 0, 4));
  return head.toString("hex", 0, 4) === "7f454c46" && runnable(arch).some((one) => isElfProgram(file, head, one));
}

/** Exists if the kernel runs 32-bit programs as well. */
function runnable(arch: NodeJS.Architecture): NodeJS.Architecture[] {
  return arch === "x64" && existsSync("/proc/sys/abi/vsyscall32") ? ["x64", "ia32"] : [arch];
}

// Mach-O magic numbers: both byte orders, 32 and 64 bits, and universal binaries.
const machOStarts = new Set(["feedface", "feedfacf", "cefaedfe", "cffaedfe", "cafebabe", "cafebabf"]);

/** The machine number of each processor in an ELF header, and its word size. */
const elfMachines: Partial<Record<NodeJS.Architecture, readonly [machine: number, bits: 32 | 64]>> = {
  x64: [62, 64],
  ia32: [3, 32],
  arm64: [183, 64],
  arm: [40, 32],
  ppc64: [21, 64],
  s390x: [22, 64],
  riscv64: [243, 64],
  loong64: [258, 64],
};

const executableTypes = [2, 3];
const interpreterSegment = 3;

function isElfProgram(file: number, head: Buffer, arch: NodeJS.Architecture): boolean {
  const [machine, bits] = elfMachines[arch] ?? [];
  const isLittle = endianness() === "LE";
  if (head.length < 64 || head[4] !== (bits === 64 ? 2 : 1) || head[5] !== (isLittle ? 1 : 2)) return false;
  const half = (at: number) => (isLittle ? head.readUInt16LE(at) : head.readUInt16BE(at));
  const wide = bits === 64;
  const entrySize = half(wide ? 54 : 42);
  const entries = half(wide ? 56 : 44);
  if (!executableTypes.includes(half(16)) || half(18) !== machine) return false;
  if (entrySize !== (wide ? 56 : 32) || entries < 1 || entries * entrySize > 65_536) return false;
  const table = readAt(file, wordAt(head, wide ? 32 : 28, wide, isLittle), entries * entrySize);
  if (table.length < entries * entrySize) return false;
  for (let at = 0; at < table.length; at += entrySize) {
    if ((isLittle ? table.readUInt32LE(at) : table.readUInt32BE(at)) !== interpreterSegment) continue;
    const offset = wordAt(table, at + (wide ? 8 : 4), wide, isLittle);
    const size = wordAt(table, at + (wide ? 32 : 16), wide, isLittle);
    if (size < 2 || size > 4096 || readAt(file, offset, size).at(size - 1) !== 0) return false;
  }
  return true;
}

function wordAt(bytes: Buffer, at: number, wide: boolean, isLittle: boolean): number {
  if (!wide) return isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
  return Number(isLittle ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at));
}

/** The bytes at an offset; fewer if the file ends early. */
function readAt(file: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  if (!Number.isSafeInteger(position)) return bytes.subarray(0, 0);
  return bytes.subarray(0, readSync(file, bytes, 0, length, position));
}

/** Whether binfmt_misc has an interpreter for this file's magic number or extension. */
function isRegisteredFormat(path: string, head: Buffer, { platform, binfmtFolder }: Machine): boolean {
  if (platform !== "linux") return false;
  try {
    return readdirSync(binfmtFolder).some((name) => {
      if (name === "register" || name === "status") return false;
      return isMatch(readFileSync(join(binfmtFolder, name), "latin1"), path, head);
    });
  } catch {
    // This system has no such formats, or this process cannot see them.
    return false;
  }
}

function isMatch(entry: string, path: string, head: Buffer): boolean {
  const lines = entry.split("\n");
  const field = (name: string) => lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1);
  if (lines[0] !== "enabled") return false;
  const extension = field("extension");
  if (extension !== undefined) return extname(path) === extension;
  const magic = Buffer.from(field("magic") ?? "", "hex");
  const mask = Buffer.from(field("mask") ?? "", "hex");
  const offset = Number(field("offset") ?? 0);
  return (
    magic.length > 0 &&
    magic.every((byte, at) => ((head[offset + at] ?? 0) & (mask[at] ?? 0xff)) === (byte & (mask[at] ?? 0xff)))
  );
}
