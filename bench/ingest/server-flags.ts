/** How `npm start` runs Node; a server under test runs the same. */
export const SERVER_FLAGS: readonly string[] = [
  '--no-memory-protection-keys',
  '--max-semi-space-size=4',
  '--v8-pool-size=1',
];
