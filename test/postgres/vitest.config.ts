import { defineConfig } from 'vitest/config';

/**
 * These tests need PostgreSQL 15 or newer; `POSTGRES_BIN` names the folder of its programs, unless it is
 * Debian's. A server is started for each run, in a temporary folder.
 */
export default defineConfig({
  test: {
    include: ['test/postgres/**/*.test.ts'],
    environment: 'node',
    globalSetup: 'test/postgres/start-postgres.ts',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    execArgv: ['--no-memory-protection-keys'],
  },
});
