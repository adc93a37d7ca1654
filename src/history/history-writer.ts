/** Writes the history in the background. A role that is used repeatedly is written once. */

import { settingsPath } from "../module-settings/settings-file.ts";
import { BoundedMap } from "../platform/bounded-map.ts";
import type { Context } from "../protocol/context.ts";
import type { UsedRole } from "../protocol/history-messages.ts";
import { recordRoles, type StoredRole, withUse } from "./role-history.ts";

export interface HistoryWriter {
  /**
   * Records that a role was used. Returns at once and never throws.
   * @param use identifies the invocation, whose roles count as one use
   */
  note(role: Omit<UsedRole, "lastUsed">, context: Context, use?: string): void;
  /** Writes the recorded roles. Never rejects. */
  flush(): Promise<void>;
  /** Call this when roles are removed from the history, so that a role is written again at its next use. */
  forgetWritten(): void;
}

/** Delay before a write, in milliseconds. Collects several uses and does not delay a response. */
const writeAfter = 500;

/** A role that is used again within a minute (milliseconds) is not written again, unless its details changed. */
const freshFor = 60_000;

/** Maximum number of uses whose first role is kept. */
const mostUses = 100;

export function createHistoryWriter(): HistoryWriter {
  const written = new Map<string, { readonly facts: string; readonly at: number }>();
  /** By the path of the settings file, which holds the history, then by ARN. */
  let pending = new Map<string, Map<string, StoredRole>>();
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  let failure: string | undefined;
  /** The first role of each use. */
  const firstRoles = new BoundedMap<string, string>(mostUses);

  function isFirst(roleArn: string, use: string | undefined): boolean {
    if (use === undefined) return true;
    if (!firstRoles.has(use)) firstRoles.set(use, roleArn);
    return firstRoles.get(use) === roleArn;
  }

  const writer: HistoryWriter = {
    note(role, context, use) {
      if (failure !== undefined) context.say(failure);
      failure = undefined;
      let path: string;
      try {
        path = settingsPath(context.environment);
      } catch {
        // Without a home directory there is no history.
        return;
      }
      const now = context.now();
      const key = `${path} ${role.roleArn}`;
      const inFanOut = !isFirst(role.roleArn, use);
      const facts = JSON.stringify([role, inFanOut]);
      const before = written.get(key);
      if (before?.facts === facts && now - before.at >= 0 && now - before.at < freshFor) return;
      written.set(key, { facts, at: now });
      const roles = pending.get(path) ?? new Map<string, StoredRole>();
      const used = {
        ...role,
        lastUsed: new Date(now).toISOString(),
        ...(inFanOut && { inFanOut: true as const }),
      };
      roles.set(role.roleArn, withUse(roles.get(role.roleArn), used));
      pending.set(path, roles);
      timer ??= setTimeout(() => void writer.flush(), writeAfter).unref();
    },

    flush() {
      clearTimeout(timer);
      timer = undefined;
      const all = pending;
      pending = new Map();
      writing = writing.then(async () => {
        for (const [path, roles] of all) await write(path, [...roles.values()]);
      });
      return writing;
    },

    forgetWritten: () => written.clear(),
  };
  return writer;

  async function write(path: string, roles: readonly StoredRole[]): Promise<void> {
    try {
      await recordRoles(roles, path, { signal: new AbortController().signal, say: () => {} });
    } catch (error) {
      // The use itself succeeded. The next use reports the failure with -Verbose.
      for (const { roleArn } of roles) written.delete(`${path} ${roleArn}`);
      failure = `The last roles could not be added to the history: ${error instanceof Error ? error.message : "unknown"}`;
    }
  }
}
