import { configDefaults, defineConfig } from "vitest/config";

export default defineConfig({
  // As the build does.
  define: { VERSION: JSON.stringify("0.0.0-test") },
  test: {
    include: ["test/**/*.test.ts", "test/stress/**/*.stress.ts"],
    // It needs python3 with botocore, and belongs to npm run stress.
    exclude: [...configDefaults.exclude, "test/stress/botocore.stress.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
