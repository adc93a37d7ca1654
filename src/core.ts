/** What lives as long as the process: caches by home directory, and what conversations have got so far. */
import { join } from "node:path";
import type { CacheEntry, CredentialCache } from "./cache/cache-request.ts";
import { type CacheSettings, createCredentialCache } from "./cache/credential-cache.ts";
import type { Context } from "./context.ts";
import type { FileLocations } from "./files/locations.ts";
import {
  cliCacheDirectory,
  homeDirectory,
  locateFiles,
  locateProfileFile,
  ssoCacheDirectory,
} from "./files/locations.ts";
import { readSharedConfig } from "./files/read.ts";
import type { UseRoleParams } from "./protocol/methods.ts";
import { createCodes } from "./roles/codes.ts";
import { createPace, type Pace } from "./roles/pace.ts";
import type { Journey } from "./roles/steps.ts";
import type { Walk } from "./roles/walk.ts";
import { createHistoryWriter, type HistoryWriter } from "./settings-file/history-writer.ts";

export interface Core {
  locations(profileLocation: string | undefined, context: Context): FileLocations;
  cache(context: Context): CredentialCache;
  /** What the steps of one request share. */
  journey(params: UseRoleParams, context: Context): Journey;
  /** What a conversation that tests a chain has found so far. */
  walk(conversation: string): Walk;
  /** The roles used lately. */
  readonly history: HistoryWriter;
  /** The conversation is over: its answer was given, or its person left. */
  forget(conversation: string): void;
  /** Whether roles lie in the caches that were asked for so far, or else in those of this home: then the next one is likely there too. */
  holdsRoles(context: Context): boolean;
  /** Done when all that was cached and noted is on disk. Never rejects. */
  settled(): Promise<void>;
  close(): void;
}

interface Conversation {
  readonly kept: Map<string, CacheEntry>;
  readonly walk: Walk;
}

/** So many conversations may lie open, waiting for a code; the oldest ones are dropped. */
const maximumConversations = 64;

export function createCore(cacheSettings: CacheSettings = {}): Core {
  const caches = new Map<string, CredentialCache>();
  const conversations = new Map<string, Conversation>();
  const paces = new Map<string, Pace>();
  let anonymous = 0;

  const core: Core = {
    locations: (profileLocation, { environment, platform, workingDirectory }) =>
      profileLocation === undefined
        ? locateFiles(environment, platform, workingDirectory)
        : locateProfileFile(profileLocation, environment, platform, workingDirectory),

    cache({ environment, platform }) {
      const cli = cliCacheDirectory(environment, platform);
      let cache = caches.get(cli);
      if (!cache) {
        const own = join(homeDirectory(environment), ".aws", "role-credentials", "cache");
        cache = createCredentialCache({ cli, own }, cacheSettings);
        caches.set(cli, cache);
      }
      return cache;
    },

    journey(params, context) {
      const conversation = params.conversation ?? `anonymous-${++anonymous}`;
      return {
        shared: readSharedConfig(core.locations(params.profileLocation, context)),
        cache: core.cache(context),
        codes: createCodes(params.tokenCode, params.tokenCodes ?? {}),
        noCache: params.noCache ?? false,
        conversation,
        kept: params.noCache ? open(conversation).kept : new Map(),
        region: params.region,
        endpointUrl: params.endpointUrl,
        ssoCacheDirectory: ssoCacheDirectory(context.environment, context.platform),
        paceOf,
        loadSts: () => import("./assume-role.ts"),
      };
    },

    walk: (conversation) => open(conversation).walk,

    history: createHistoryWriter(),

    forget(conversation) {
      conversations.delete(conversation);
      for (const cache of caches.values()) cache.abandon(conversation);
    },

    holdsRoles(context) {
      const asked = caches.size > 0 ? [...caches.values()] : [core.cache(context)];
      return asked.some((cache) => cache.holdsUnexpired(context.now()));
    },

    async settled() {
      await Promise.all([core.history.flush(), ...[...caches.values()].map((cache) => cache.settled())]);
    },

    close() {
      for (const cache of caches.values()) cache.close();
    },
  };
  return core;

  function paceOf(origin: string): Pace {
    let pace = paces.get(origin);
    if (!pace) {
      pace = createPace();
      paces.set(origin, pace);
    }
    return pace;
  }

  function open(id: string): Conversation {
    let conversation = conversations.get(id);
    if (!conversation) {
      conversation = { kept: new Map(), walk: new Map() };
      conversations.set(id, conversation);
      const [oldest] = conversations.keys();
      if (conversations.size > maximumConversations && oldest !== undefined) conversations.delete(oldest);
    }
    return conversation;
  }
}
