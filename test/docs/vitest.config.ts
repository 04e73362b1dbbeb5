import { defineConfig } from 'vitest/config';

/** Runs the commands that the documents print, in a clean copy of the checkout. Port 7070 must be free. */
export default defineConfig({
  test: {
    include: ['test/docs/run-commands.test.ts'],
    environment: 'node',
    reporters: ['verbose'],
    // Nothing is asserted about time: `npm ci` is one of the commands. .ci/run ends a suite that hangs.
    testTimeout: 1_200_000,
    hookTimeout: 1_200_000,
    maxWorkers: 1,
  },
});
