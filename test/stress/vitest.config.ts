import { spawnSync } from "node:child_process";
import { configDefaults, defineConfig, mergeConfig } from "vitest/config";
import config from "../../vitest.config.ts";

const hasBotocore = spawnSync("python3", ["-c", "import botocore.configloader"]).status === 0;

/** The long tests, one file after the other, because some of them count what the machine does. */
export default mergeConfig(
  { ...config, test: { ...config.test, include: [] } },
  defineConfig({
    test: {
      // The last two start more processes and read larger files here than in `npm test`.
      include: ["test/stress/**/*.stress.ts", "test/cache/processes.test.ts", "test/profiles/read.test.ts"],
      exclude: [...configDefaults.exclude, ...(hasBotocore ? [] : ["test/stress/botocore.stress.ts"])],
      env: { STRESS: "full" },
      testTimeout: 30 * 60_000,
      fileParallelism: false,
    },
  }),
);
