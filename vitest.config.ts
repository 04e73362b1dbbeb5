import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/alertmanager/**', 'test/e2e/**', 'test/plugin-host/**'],
    environment: 'node',
    // Room for tests that start processes on a busy machine; nothing is asserted about time.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
