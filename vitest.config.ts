import { availableParallelism } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { keyringLibraries } from "./scripts/keyring.mjs";

export default defineConfig({
  // As the build does.
  define: {
    VERSION: JSON.stringify("0.0.0-test"),
    KEYRING: JSON.stringify(keyringLibraries()),
    KEYRING_FOLDER: JSON.stringify(join(import.meta.dirname, "module", "core")),
  },
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 120_000,
    // A test waits for an event, and a busy machine may delay it.
    expect: { poll: { timeout: 30_000 } },
    hookTimeout: 300_000,
    // More than the processors of a small machine, because the tests wait for processes and servers half of the time.
    maxWorkers: Math.max(3, availableParallelism() - 1),
  },
});
