import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Read by the servers that tests start, so that they need not compile everything again.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(
  new URL('../../node_modules/.cache/breakwatch', import.meta.url),
);

/** Outages, kills, and thousands of random callbacks and push URLs, against `breakwatch serve` and the command line. */
export default defineConfig({
  test: {
    include: ['test/faults/**/*.test.ts', 'test/fuzz/**/*.test.ts'],
    environment: 'node',
    testTimeout: 120_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    execArgv: ['--no-memory-protection-keys'],
  },
});
