import { createRequire } from "node:module";
import { defineConfig } from "vitest/config";
import { matrix } from "./tests/servers/matrix.ts";
import { watchdog } from "./tests/servers/watchdog.ts";

export default defineConfig({
  // graphql as Node itself finds it: Vite would take its "module" build, and Yoga and Pothos the other copy.
  resolve: { alias: [{ find: /^graphql$/, replacement: createRequire(import.meta.url).resolve("graphql") }] },
  test: {
    include: ["tests/**/*.test.ts"],
    globalSetup: ["tests/servers/global-setup.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 90_000,
    hookTimeout: 120_000,
    teardownTimeout: 20_000,
    reporters: ["default", matrix(), ...(process.env.WEFT_SOAK ? [] : [watchdog(10 * 60_000)])],
  },
});
