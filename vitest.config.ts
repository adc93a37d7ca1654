import { defineConfig } from "vitest/config";

export default defineConfig({
  // As the build does.
  define: { VERSION: JSON.stringify("0.0.0-test") },
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
