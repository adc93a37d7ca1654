/*
 * A process that obtains credentials, for processes.test.ts. It requests them from a server and prints the result as one line of JSON. The
 * first argument is its task as JSON.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { CacheEntry, CacheRequest } from "../../src/cache/cache-request.ts";
import { CredentialCache } from "../../src/cache/credential-cache.ts";
import { RoleError } from "../../src/protocol/errors.ts";

export interface CacheProcessTask {
  readonly directories: { readonly cli: string; readonly own: string };
  readonly request: CacheRequest;
  /** URL of a server that responds with an entry. `/hang` never responds, and `/prompt` counts prompts. */
  readonly server: string;
  readonly behavior: "fetches" | "hangs" | "needs a code" | "never types its code";
}

const task = JSON.parse(process.argv[2] ?? "") as CacheProcessTask;
const cache = new CredentialCache(task.directories);

async function ask(code: boolean): Promise<CacheEntry> {
  return cache.obtain(task.request, {
    context: { now: Date.now, say: (line) => console.error(line), signal: new AbortController().signal },
    caller: String(process.pid),
    hasCode: code,
    fetch: async (signal) => {
      if (task.behavior.includes("code") && !code) throw new RoleError("MfaRequired", "A code is needed.");
      const path = task.behavior === "hangs" ? "/hang" : "/fetch";
      const body = (await (await fetch(task.server + path, { signal })).json()) as { n: number };
      return {
        credentials: {
          accessKeyId: `ASIA${body.n}`,
          secretAccessKey: "secret",
          sessionToken: "token",
          expiration: new Date(Date.now() + 3_600_000),
        },
      };
    },
  });
}

async function askAndType(): Promise<CacheEntry> {
  try {
    return await ask(false);
  } catch (error) {
    if (!(error instanceof RoleError) || error.code !== "MfaRequired") throw error;
    await fetch(`${task.server}/prompt`);
    await sleep(task.behavior === "never types its code" ? 600_000 : 300);
    return await ask(true);
  }
}

const entry = await askAndType();
console.log(JSON.stringify({ accessKeyId: entry.credentials.accessKeyId }));
