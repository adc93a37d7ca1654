import { existsSync, rmSync } from "node:fs";

/**
 * Removes a scratch folder. Retries, because a core that is exiting may still write to it, and Windows keeps a file that is open. Node's own
 * retries remove only the folder, not files written since.
 *
 * @param {string} path
 */
export function removeFolder(path) {
  for (let tries = 0; ; tries++) {
    try {
      rmSync(path, { recursive: true, force: true });
      if (!existsSync(path)) return;
    } catch (error) {
      if (!["ENOTEMPTY", "EBUSY", "EPERM"].includes(error.code) || tries > 100) throw error;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
  }
}
