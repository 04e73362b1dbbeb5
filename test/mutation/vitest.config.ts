import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** The tests of the room in which faults are put. */
const tests = process.env.BREAKWATCH_MUTATION_TESTS?.split(' ') ?? [];

/** Tests that take seconds: too long for thousands of faults. */
const SLOW = [
  'incidents/account-memory',
  'incidents/any-breaks',
  'incidents/any-order',
  'incidents/group-much',
  'incidents/storms',
];
const left = process.env.ALL_TESTS === '1' ? [] : SLOW.map((name) => `**/${name}.test.ts`);

export default defineConfig({
  resolve: {
    alias: [
      { find: /^fast-check$/, replacement: fileURLToPath(new URL('few-runs.ts', import.meta.url)) },
    ],
  },
  test: {
    include: tests,
    exclude: left,
    environment: 'node',
    // A worker for each file would take most of the time.
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
