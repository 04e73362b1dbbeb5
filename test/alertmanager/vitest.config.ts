import { defineConfig } from 'vitest/config';

/**
 * These tests need Debian's package prometheus-alertmanager; `ALERTMANAGER` names another executable.
 * They wait for real group intervals, so they run apart from the others.
 */
export default defineConfig({
  test: {
    include: ['test/alertmanager/**/*.test.ts'],
    environment: 'node',
    testTimeout: 120_000,
    hookTimeout: 60_000,
    maxWorkers: 1,
  },
});
