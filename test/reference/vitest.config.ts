import { defineConfig } from 'vitest/config';

/** The same by two ways: rules compiled and on json-rules-engine, breaks and incidents in any order, back-tests one by one. */
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
