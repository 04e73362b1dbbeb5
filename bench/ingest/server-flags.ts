/** Node flags of `npm start`, also used for servers under test. */
export const SERVER_FLAGS: readonly string[] = [
  '--no-memory-protection-keys',
  '--max-semi-space-size=4',
  '--v8-pool-size=1',
];
