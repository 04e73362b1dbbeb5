import { defineConfig } from 'vitest/config';

/** Suites that need a browser; `CHROMIUM` names its executable (default /usr/bin/chromium). */
export default defineConfig({
  test: {
    include: ['test/e2e/**/*.test.ts'],
    environment: 'node',
    testTimeout: 60_000,
    hookTimeout: 180_000,
    maxWorkers: 1,
  },
});
