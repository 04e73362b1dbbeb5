import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Read by the commands that tests start, so that they need not compile everything again.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(
  new URL('../../node_modules/.cache/breakwatch', import.meta.url),
);

/** The command line, mostly as processes of their own beside real servers. */
export default defineConfig({
  test: {
    include: ['test/cli/**/*.test.ts'],
    environment: 'node',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Three on two cores: these tests wait for other processes most of their time.
    maxWorkers: 3,
    execArgv: ['--no-memory-protection-keys'],
  },
});
