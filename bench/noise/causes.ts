import type { ScopeKind } from '../../src/model/incident.ts';
import type { Random } from '../diagnosis/random.ts';

/** How CSS reports the end of a push or the refusal of a try. */
interface Report {
  reason: string;
  errcode: number;
  subErrcode?: number;
}

/** Why a push breaks. */
export interface Cause {
  cut: Report;
  /** How its reconnects are refused; null when they are not. */
  refusal: Report | null;
  /** A person must fix something, though no reconnect is refused. */
  needsFix?: boolean;
  /** The next push goes to another node. */
  moves?: boolean;
  /** Refused URLs are expired. */
  expired?: boolean;
  /** Refused URLs are signed with another key. */
  wrongSecret?: boolean;
}

/** A kind of shared fault. */
export interface Fault extends Cause {
  kind: ScopeKind;
  /** Its streams break within this time, s. */
  spreadS: number;
  /** Reconnects are refused until the fault is over. */
  blocked: boolean;
  /** All streams come back when the fault is over. */
  together: boolean;
  /** Whether it may hit a part of its scope, the whole of it, or both. */
  partial: readonly boolean[];
}

/** First reconnects of OBS Studio, s after the break (2 s, then 1.5 times longer each time). */
export const OBS_TRIES = [2, 5, 9.5, 16, 26, 42, 64, 98, 150, 227, 342, 515, 774, 1_164, 1_748];

const network = (errcode: number): Cause => ({
  cut: { reason: 'network', errcode },
  refusal: null,
});
const plain = (reason: string, errcode: number, subErrcode?: number): Cause => ({
  cut: { reason, errcode, ...(subErrcode === undefined ? {} : { subErrcode }) },
  refusal: null,
});

/** Causes of independent breaks and how frequent they are. */
export const INDEPENDENT: readonly { cause: Cause; weight: number }[] = [
  { weight: 15, cause: network(12) },
  { weight: 12, cause: network(13) },
  { weight: 8, cause: network(14) },
  { weight: 5, cause: network(17) },
  { weight: 20, cause: plain('client_closed', 4) },
  { weight: 15, cause: plain('idle_no_data', 8) },
  { weight: 4, cause: { ...plain('rtmp_frame_too_large', 7), needsFix: true } },
  { weight: 5, cause: plain('replaced', 21, 102) },
  { weight: 4, cause: plain('platform_internal', 5) },
  { weight: 5, cause: plain('operator_drop', 21, 100) },
  {
    weight: 5,
    cause: {
      ...network(12),
      refusal: { reason: 'expiry_passed', errcode: 18, subErrcode: 501 },
      expired: true,
    },
  },
  {
    weight: 2,
    cause: {
      ...network(13),
      refusal: { reason: 'auth_check_failed', errcode: 18, subErrcode: 503 },
      wrongSecret: true,
    },
  },
];

const both = (reason: string, subErrcode: number) => ({
  cut: { reason, errcode: 18, subErrcode },
  refusal: { reason, errcode: 18, subErrcode },
  blocked: true,
  together: true,
});

/** Kinds of shared faults. */
export const FAULTS: readonly Fault[] = [
  {
    kind: 'node',
    ...network(12),
    moves: true,
    spreadS: 3,
    blocked: false,
    together: false,
    partial: [true, false],
  },
  {
    kind: 'node',
    ...plain('platform_internal', 5),
    moves: true,
    spreadS: 8,
    blocked: false,
    together: false,
    partial: [true, false],
  },
  {
    kind: 'clientNetwork',
    ...network(13),
    spreadS: 5,
    blocked: false,
    together: true,
    partial: [true, false],
  },
  { kind: 'domain', ...both('domain_disabled', 303), spreadS: 10, partial: [false] },
  {
    kind: 'domain',
    ...plain('operator_drop', 21, 100),
    spreadS: 10,
    blocked: false,
    together: true,
    partial: [true],
  },
  { kind: 'app', ...both('app_disabled', 304), spreadS: 10, partial: [false] },
  {
    kind: 'app',
    ...plain('operator_drop', 21, 100),
    spreadS: 10,
    blocked: false,
    together: true,
    partial: [true],
  },
  { kind: 'account', ...both('arrears', 202), spreadS: 20, partial: [true, false] },
];

/** Draws how long a stream stays down, s. What needs a fix takes minutes, most others seconds. */
export function drawLength({ refusal }: Cause, random: Random): number {
  if (refusal) {
    return random.int(300, 2_400);
  }
  const draw = random.next();
  if (draw < 0.55) {
    return random.int(2, 4);
  }
  if (draw < 0.8) {
    return random.int(5, 20);
  }
  if (draw < 0.88) {
    return random.int(21, 50);
  }
  return draw < 0.97 ? random.int(80, 300) : random.int(301, 1_800);
}
