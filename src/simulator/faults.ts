import type { AccountState } from './world.ts';

const failureModes = [
  'RequestLimitExceeded',
  'InternalError',
  'http500',
  'timeout',
  'garbage',
] as const;
const accountStates: readonly AccountState[] = [
  'normal',
  'arrears',
  'stopped',
  'forbidden',
  'disabled',
];

/** How an API call fails on purpose. `timeout` never answers, `garbage` answers no JSON. */
export type ApiFailureMode = (typeof failureModes)[number];

/** Knobs that make the simulated CSS misbehave; all percentages 0-100. */
export interface Faults {
  /** Callbacks that are never sent. */
  callbackDropPercent: number;
  /** Callbacks that something before the receiver takes and answers 200: CSS counts them delivered. */
  callbackLostPercent: number;
  /** Callbacks that are sent twice. */
  callbackDuplicatePercent: number;
  /** Each callback waits a random time up to this (ms), so they come out of order. */
  callbackDelayMs: number;
  /** API calls that fail. */
  apiFailurePercent: number;
  /** How they fail; a list is picked from by chance. */
  apiFailureMode: ApiFailureMode | ApiFailureMode[];
  /** State of the account; setting it changes the world's. */
  account: AccountState;
}

/** No faults at all. */
export const noFaults: Readonly<Faults> = {
  callbackDropPercent: 0,
  callbackLostPercent: 0,
  callbackDuplicatePercent: 0,
  callbackDelayMs: 0,
  apiFailurePercent: 0,
  apiFailureMode: 'InternalError',
  account: 'normal',
};

/**
 * Checks a partial set of knobs that came from outside.
 *
 * @throws Error that names the bad knob and what it takes
 */
export function parseFaults(input: unknown): Partial<Faults> {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new Error('faults must be a JSON object');
  }
  for (const [name, value] of Object.entries(input)) {
    if (!(name in noFaults)) {
      throw new Error(`unknown fault "${name}": use ${Object.keys(noFaults).join(', ')}`);
    }
    if (name === 'account') {
      if (!accountStates.includes(value)) {
        throw new Error(`account must be one of ${accountStates.join(', ')}`);
      }
    } else if (name === 'apiFailureMode') {
      const modes: unknown[] = Array.isArray(value) ? value : [value];
      if (modes.length === 0 || modes.some((mode) => !failureModes.includes(mode as never))) {
        throw new Error(`apiFailureMode must be one or a list of ${failureModes.join(', ')}`);
      }
    } else {
      const top = name === 'callbackDelayMs' ? 600_000 : 100;
      if (typeof value !== 'number' || !(value >= 0 && value <= top)) {
        throw new Error(`${name} must be a number from 0 to ${top}`);
      }
    }
  }
  return input as Partial<Faults>;
}
