import { defineConfig } from 'vitest/config';

/** The tests of the room in which faults are put. */
const tests = process.env.BREAKWATCH_MUTATION_TESTS?.split(' ') ?? [];

export default defineConfig({
  test: {
    include: tests,
    environment: 'node',
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
