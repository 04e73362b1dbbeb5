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

/** How an injected API failure looks. `timeout` never answers; `garbage` answers invalid JSON. */
type ApiFailureMode = (typeof failureModes)[number];

/** Faults that the simulated CSS injects. Percentages are 0 to 100. */
export interface Faults {
  /** Callbacks that are never sent. */
  callbackDropPercent: number;
  /** Callbacks that a proxy answers with 200 but never forwards. CSS counts them as delivered. */
  callbackLostPercent: number;
  /** Callbacks that are sent twice. */
  callbackDuplicatePercent: number;
  /** Delays each callback by a random time up to this, ms, so that they arrive out of order. */
  callbackDelayMs: number;
  /** API calls that fail. */
  apiFailurePercent: number;
  /** How they fail. A list means a random choice for each call. */
  apiFailureMode: ApiFailureMode | ApiFailureMode[];
  /** State of the account. Setting it changes the world. */
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
 * Checks a partial set of faults from a request or from options.
 *
 * @throws Error that names the invalid fault and its allowed values
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
        throw new Error(`apiFailureMode must be one of, or a list of, ${failureModes.join(', ')}`);
      }
    } else {
      const max = name === 'callbackDelayMs' ? 600_000 : 100;
      if (typeof value !== 'number' || !(value >= 0 && value <= max)) {
        throw new Error(`${name} must be a number from 0 to ${max}`);
      }
    }
  }
  return input as Partial<Faults>;
}
