/** Measures this project's file code and the JavaScript SDK's loader in a long-lived process: reads JSON lines, writes milliseconds. */
import { utimesSync } from "node:fs";
import { createInterface } from "node:readline";
import { loadSharedConfigFiles } from "@smithy/core/config";
import { locateFiles } from "../src/profiles/locations.ts";
import { readSharedConfig } from "../src/profiles/read.ts";
import { storeProfile } from "../src/profiles/store.ts";
import type { Context } from "../src/protocol/context.ts";

interface Question {
  readonly method: string;
  readonly config: string;
  readonly credentials: string;
  readonly profile: string;
  readonly value: string;
  readonly count: number;
}

const signal = new AbortController().signal;

function contextOf({ config, credentials }: Question): Context {
  return {
    environment: { AWS_CONFIG_FILE: config, AWS_SHARED_CREDENTIALS_FILE: credentials, HOME: "/nowhere" },
    workingDirectory: "/",
    platform: process.platform,
    now: Date.now,
    signal,
    say: () => {},
  };
}

const methods: Record<string, (question: Question) => unknown> = {
  find(question) {
    const profile = readSharedConfig(locateFiles(contextOf(question))).profile(question.profile);
    if (profile?.settings.region === undefined) throw new Error("not found");
  },
  list(question) {
    const profiles = readSharedConfig(locateFiles(contextOf(question))).profiles();
    if (profiles.length < question.count) throw new Error("not listed");
  },
  change(question) {
    const context = contextOf(question);
    return storeProfile(question.profile, { accessKeyId: question.value }, context, locateFiles(context));
  },
  async jsFind({ config, credentials, profile }) {
    const { configFile } = await loadSharedConfigFiles({
      filepath: credentials,
      configFilepath: config,
      ignoreCache: true,
    });
    if (configFile[profile]?.region === undefined) throw new Error("not found");
  },
  async jsList({ config, credentials, count }) {
    const { configFile } = await loadSharedConfigFiles({
      filepath: credentials,
      configFilepath: config,
      ignoreCache: true,
    });
    if (Object.keys(configFile).length < count) throw new Error("not listed");
  },
};

createInterface({ input: process.stdin }).on("line", async (line) => {
  const question = JSON.parse(line) as Question;
  // Reads the file every time: the cache of an unchanged file would answer in microseconds.
  for (const file of [question.config, question.credentials]) utimesSync(file, new Date(), new Date());
  const start = performance.now();
  await methods[question.method]?.(question);
  process.stdout.write(`${JSON.stringify({ ms: performance.now() - start })}\n`);
});
