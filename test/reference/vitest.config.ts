import { defineConfig } from 'vitest/config';

/** Many random rules and events, and a large set of a team, on the compiled rules and on json-rules-engine. */
export default defineConfig({
  test: {
    include: ['test/reference/**/*.test.ts'],
    environment: 'node',
    testTimeout: 120_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    execArgv: ['--no-memory-protection-keys'],
  },
});
