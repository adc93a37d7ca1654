import * as module from "node:module";
import { privateFolder } from "./platform/private-folder.ts";
import type { Environment } from "./protocol/context.ts";

/**
 * Lets Node 22.8 and later cache the bytecode of everything loaded from here on. V8 does not verify bytecode, so the cache is in a private
 * folder: see docs/decisions/0005.
 */
export function enableCompileCache(environment: Environment): void {
  // @types/node describes Node 20.
  const { enableCompileCache: enable } = module as { enableCompileCache?: (folder: string) => unknown };
  const folder = enable && privateFolder(environment, "code");
  if (!enable || folder === undefined) return;
  // Node creates a subfolder for its version.
  const umask = process.umask(0o077);
  enable(folder);
  process.umask(umask);
}
