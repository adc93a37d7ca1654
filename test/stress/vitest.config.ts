import { spawnSync } from "node:child_process";
import { configDefaults, defineConfig, mergeConfig } from "vitest/config";
import config from "../../vitest.config.ts";

const hasBotocore = spawnSync("python3", ["-c", "import botocore.configloader"]).status === 0;

/** Runs the full form one part after another, because some parts count processes and others measure time. */
export default mergeConfig(
  { ...config, test: { ...config.test, include: [], exclude: [] } },
  defineConfig({
    test: {
      include: ["test/stress/**/*.stress.ts"],
      exclude: [...configDefaults.exclude, ...(hasBotocore ? [] : ["test/stress/botocore.stress.ts"])],
      env: { STRESS: "full" },
      testTimeout: 30 * 60_000,
      fileParallelism: false,
    },
  }),
);
