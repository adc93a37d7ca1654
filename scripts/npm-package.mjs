// Gets a package from npm's registry that npm would not install here, such as one for another platform.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { npm, outputOf } from "./project.mjs";

/**
 * Unpacks a package, unless its folder is there.
 *
 * @param {string} name with its version: `name@1.2.3`
 * @param {string} folder
 * @param {string} [integrity] its hash in package-lock.json
 */
export function unpack(name, folder, integrity) {
  if (existsSync(folder)) return;
  mkdirSync(dirname(folder), { recursive: true });
  const scratch = mkdtempSync(join(dirname(folder), "unpacking-"));
  try {
    const [{ filename }] = JSON.parse(outputOf(npm, ["pack", name, "--json"], { cwd: scratch }));
    const hash = createHash("sha512").update(readFileSync(join(scratch, filename)));
    if (integrity !== undefined && `sha512-${hash.digest("base64")}` !== integrity)
      throw new Error(`${name} is not the package in package-lock.json.`);
    outputOf("tar", ["-xzf", filename], { cwd: scratch });
    renameSync(join(scratch, "package"), folder);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
