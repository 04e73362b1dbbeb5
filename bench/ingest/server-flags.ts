/** Node flags of `npm start`, also used for servers under test. */
export const SERVER_FLAGS: readonly string[] = [
  '--no-memory-protection-keys',
  '--max-semi-space-size=4',
  '--v8-pool-size=1',
];

/** Environment of a server under test: that of this process, and what `bin/breakwatch.js` adds. */
export const SERVER_ENV: NodeJS.ProcessEnv = { MALLOC_ARENA_MAX: '2', ...process.env };
