import { defineConfig } from 'vitest/config';

/** These tests need Go and, the first time, its module proxy; so they run apart from the others. */
export default defineConfig({
  test: {
    include: ['test/plugin-host/**/*.test.ts'],
    environment: 'node',
    testTimeout: 120_000,
    hookTimeout: 600_000,
  },
});
