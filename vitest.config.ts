import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Read by the workers that are started from here: the threads that tests start need not be compiled anew.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(
  new URL('node_modules/.cache/breakwatch', import.meta.url),
);

/** Tests of pure functions: they leave nothing behind, so the files of a worker share its modules. */
const PURE = [
  'alerts',
  'contract',
  'css',
  'incidents',
  'model',
  'queries',
  'reasons',
  'secrets',
  'web',
].map((room) => `test/${room}/**/*.test.ts`);

/** Suites with a command of their own, and the tests of installed packages. */
const OTHERS = [
  '**/node_modules/**',
  'test/alertmanager/**',
  'test/attacks/**',
  'test/cli/**',
  'test/docs/run-commands.test.ts',
  'test/e2e/**',
  'test/faults/**',
  'test/fuzz/**',
  'test/package/**',
  'test/plugin-host/**',
  'test/postgres/**',
  'test/reference/**',
];

export default defineConfig({
  test: {
    environment: 'node',
    // Room for tests that start processes on a busy machine; nothing is asserted about time.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Three on two cores: many of these tests wait for threads or the disk some of their time.
    maxWorkers: 3,
    // The V8 of Node 24 may abort ("Check failed: jit_page.has_value()") where threads that strip types,
    // which is WebAssembly, come and go; see docs/architecture.md.
    execArgv: ['--no-memory-protection-keys'],
    projects: [
      { extends: true, test: { name: 'pure', include: PURE, exclude: OTHERS, isolate: false } },
      {
        extends: true,
        test: {
          name: 'whole',
          include: ['test/**/*.test.ts'],
          exclude: [...OTHERS, ...PURE],
        },
      },
    ],
  },
});
