import { type BigIntStats, closeSync, constants, fstatSync, openSync, readSync, statSync } from "node:fs";
import { devNull } from "node:os";
import { patiently, refusedReading } from "./patience.ts";

/** Maximum number of bytes to read. 100,000 profiles take 20 MB. */
const largestFile = 64 * 1024 * 1024;

export interface ReadOptions {
  readonly largest?: number;
  /** Additional flags to open the file with. */
  readonly flags?: number;
  /** Checks the open file before it is read. Its exceptions propagate. */
  readonly check?: (stats: BigIntStats) => void;
}

/**
 * Reads a regular file. Treats the null device as an empty file. Any other device or a pipe could block the process or fill its memory.
 * @throws the system's error; `EISDIR`, `ENOTREG` or `EFBIG` for anything but a regular file within the size limit
 */
export function readRegularFile(path: string, { largest = largestFile, flags = 0, check }: ReadOptions = {}): Buffer {
  const attempt = () => {
    // Opening a pipe that has no writer would block.
    const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | flags);
    try {
      const stats = fstatSync(file, { bigint: true });
      if (stats.isDirectory()) throw refusal("EISDIR", "a directory");
      if (isNullDevice(stats)) return Buffer.alloc(0);
      if (!stats.isFile()) throw refusal("ENOTREG", "a device, a pipe or a socket");
      check?.(stats);
      return readAll(file, Number(stats.size), largest);
    } finally {
      closeSync(file);
    }
  };
  return patiently(attempt, refusedReading);
}

/** People set AWS_CONFIG_FILE to the null device to have no configuration. */
function isNullDevice(stats: BigIntStats): boolean {
  return stats.isCharacterDevice() && stats.rdev === statSync(devNull, { bigint: true, throwIfNoEntry: false })?.rdev;
}

function readAll(file: number, size: number, largest: number): Buffer {
  let content = Buffer.allocUnsafe(Math.min(size, largest) + 1);
  for (let length = 0; ; ) {
    const count = readSync(file, content, length, content.length - length, null);
    length += count;
    if (length > largest) throw refusal("EFBIG", `more than ${largest} bytes`);
    if (count === 0) return content.subarray(0, length);
    // The file is growing, or its file system reports no size.
    if (length === content.length) content = Buffer.concat([content], Math.max(2 * length, 65_536));
  }
}

function refusal(code: string, what: string): Error {
  return Object.assign(new Error(`it is ${what}`), { code, syscall: "open" });
}
