import type { Scenario } from './scenario.ts';

/** Nobody pushes: for tests that cause every break themselves. */
export const empty: Scenario = { historyMs: 0, play: () => undefined };
