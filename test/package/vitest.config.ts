import { defineConfig } from 'vitest/config';

/**
 * These tests pack Breakwatch and install the package with npm, or play a team's whole day with its commands. They take
 * long, so they run apart from the others.
 */
export default defineConfig({
  test: {
    include: ['test/package/**/*.test.ts'],
    environment: 'node',
    testTimeout: 120_000,
    hookTimeout: 480_000,
    maxWorkers: 1,
  },
});
