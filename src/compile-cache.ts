import * as module from "node:module";
import { privateFolder } from "./platform/private-folder.ts";
import type { Environment } from "./protocol/context.ts";

/**
 * Lets Node 22.8 and later keep the bytecode of everything that is loaded from here on. V8 runs bytecode as it is, so it lies in a private
 * folder: docs/decisions/0005.
 */
export function enableCompileCache(environment: Environment): void {
  // @types/node describes Node 20.
  const { enableCompileCache: enable } = module as { enableCompileCache?: (folder: string) => unknown };
  const folder = enable && privateFolder(environment, "code");
  if (!enable || folder === undefined) return;
  // Node makes a folder for its version inside.
  const umask = process.umask(0o077);
  enable(folder);
  process.umask(umask);
}
