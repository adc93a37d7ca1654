import { existsSync, rmSync } from "node:fs";

/** Removes a scratch folder. Retries, because a core that is exiting may still write to it. */
export function removeFolder(path) {
  for (let tries = 0; existsSync(path); tries++) {
    try {
      rmSync(path, { recursive: true, force: true });
    } catch (error) {
      if (error.code !== "ENOTEMPTY" || tries > 100) throw error;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
  }
}
