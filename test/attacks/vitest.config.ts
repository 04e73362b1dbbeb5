import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Read by the servers that tests start, so that they need not compile everything again.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(
  new URL('../../node_modules/.cache/breakwatch', import.meta.url),
);

/** Attacks and overload, against `breakwatch serve` in a process of its own. */
export default defineConfig({
  test: {
    include: ['test/attacks/**/*.test.ts'],
    environment: 'node',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    execArgv: ['--no-memory-protection-keys'],
  },
});
