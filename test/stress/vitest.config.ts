import { defineConfig, mergeConfig } from "vitest/config";
import config from "../../vitest.config.ts";

/** The full form of each part, one after the other: some of them count, others take time. */
export default mergeConfig(
  { ...config, test: { ...config.test, include: [] } },
  defineConfig({
    test: {
      include: ["test/stress/**/*.stress.ts"],
      env: { STRESS: "full" },
      testTimeout: 30 * 60_000,
      fileParallelism: false,
    },
  }),
);
