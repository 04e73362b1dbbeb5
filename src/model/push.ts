import type { StreamKey } from './break.ts';
import type { AnswerError } from './errors.ts';
import type { Facts, FactValue } from './facts.ts';

/**
 * One push that was live, from any source. A break recovers at the start of the next push of its stream.
 * Times are epoch ms UTC.
 */
export interface Push extends StreamKey {
  startedAt: number;
  /** Null while it is live, as far as Breakwatch knows. */
  endedAt: number | null;
  /** CSS's id of the push; null when only the API reported it. */
  sequence: string | null;
  /** When its push URL expires (txTime); null or absent when unknown. */
  txTime?: number | null;
}

/** Live pushes of one domain whose URL expires soon, so that their next reconnect would fail. */
export interface Forewarning {
  account: string;
  domain: string;
  /** Number of streams. */
  streams: number;
  /** Some of them as `app/stream`, ordered by expiry. */
  examples: string[];
  /** The first expiry, epoch ms UTC; may be in the past. */
  firstAt: number;
  /** The last expiry, epoch ms UTC. */
  lastAt: number;
}

/** Forewarnings start this long before a URL expires, ms. */
const FOREWARN_MS = 30 * 60_000;

const MAX_EXAMPLES = 3;

/**
 * Finds the live pushes whose push URL has expired or expires soon. CSS checks txTime only when a push
 * starts, so they stay live until the connection breaks. URLs that were signed for less than `withinMs`
 * are skipped, because their users sign a new one for each push.
 *
 * @param pushes - in any order; pushes that ended or have no known txTime are skipped
 * @param now - epoch ms UTC
 * @param withinMs - how far ahead to look
 * @returns one entry for each domain of each account
 */
export function findForewarnings(
  pushes: readonly Push[],
  now: number,
  withinMs: number = FOREWARN_MS,
): Forewarning[] {
  const domains = new Map<string, { at: number; push: Push }[]>();
  for (const push of pushes) {
    const { txTime } = push;
    if (!canForewarn(push, withinMs) || txTime == null || txTime > now + withinMs) {
      continue;
    }
    const domain = JSON.stringify([push.account, push.domain]);
    const found = domains.get(domain);
    if (found) {
      found.push({ at: txTime, push });
    } else {
      domains.set(domain, [{ at: txTime, push }]);
    }
  }
  return [...domains]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, found]) => {
      const named = found.map(({ at, push }) => ({ at, name: `${push.app}/${push.stream}` }));
      named.sort((a, b) => a.at - b.at || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
      const { account, domain } = (found[0] as { push: Push }).push;
      return {
        account,
        domain,
        streams: new Set(named.map(({ name }) => name)).size,
        examples: [...new Set(named.map(({ name }) => name))].slice(0, MAX_EXAMPLES),
        firstAt: named[0]?.at ?? now,
        lastAt: named.at(-1)?.at ?? now,
      };
    });
}

function canForewarn({ startedAt, endedAt, txTime }: Push, withinMs: number): boolean {
  return endedAt === null && txTime != null && txTime - startedAt >= withinMs;
}

/**
 * Finds the time at which the next push gets a forewarning if nothing else happens.
 *
 * @returns epoch ms UTC; null when there is none
 */
export function nextForewarning(
  pushes: readonly Push[],
  now: number,
  withinMs: number = FOREWARN_MS,
): number | null {
  let next = Number.POSITIVE_INFINITY;
  for (const push of pushes) {
    const { txTime } = push;
    if (canForewarn(push, withinMs) && txTime != null && txTime - withinMs > now) {
      next = Math.min(next, txTime - withinMs);
    }
  }
  return Number.isFinite(next) ? next : null;
}

/** Names a stream for people, from the directory or the push URL. */
export interface StreamLabel {
  /** For headings, e.g. `14y2l2c in room 293710 (screen)`. */
  name: string;
  room: string | null;
  user: string | null;
  /** `main` is the camera, `aux` a shared screen. */
  type: string | null;
  team: string | null;
  vip: boolean;
  contact: string | null;
}

/** Reads the label of a stream from the facts of a break; null when they do not name the stream. */
export function streamLabel(facts: Facts): StreamLabel | null {
  const text = (name: string) => {
    const value = facts[name];
    return value === undefined || value === '' ? null : String(value);
  };
  const room = text('room');
  const user = text('user');
  const type = text('streamType');
  const team = text('team');
  const contact = text('contact');
  const recordId = text('recordId');
  const vip = facts.vip === true;
  const roomName = room === null ? null : `room ${room}`;
  const who = user !== null && roomName !== null ? `${user} in ${roomName}` : (user ?? roomName);
  const name = who ?? (recordId === null ? null : `record ${recordId}`) ?? team ?? contact;
  if (name === null && !vip) {
    return null;
  }
  return {
    name: `${name ?? 'VIP'}${type === 'aux' ? ' (screen)' : ''}`,
    room,
    user,
    type,
    team,
    vip,
    contact,
  };
}

/** CSS's measurements of a push at one time; null where CSS has no value. */
export interface PushSample {
  /** Epoch ms UTC. */
  at: number;
  videoFps: number | null;
  /** Bit/s. */
  videoRate: number | null;
  audioFps: number | null;
  /** Bit/s. */
  audioRate: number | null;
  /**
   * Lag of the stream's timestamps behind CSS's clock, in ms. Both clocks start anywhere, so only the
   * growth of the lag has a meaning.
   */
  lagMs: number | null;
}

/**
 * Conclusion from the samples before a break.
 *
 * - `refused`: the push never started; `none`: there are no samples; `few`: there are too few samples
 * - `uplink`: rates fell and timestamps fell behind; `lagging`: only timestamps fell behind
 * - `video-fell`: only video fell; `audio-fell`: only audio fell
 * - `all-fell`: video and audio fell, or video fell and there is no audio
 * - `low`: video was slow the whole time; `steady`: nothing changed before the break
 */
export type EvidenceKind =
  | 'refused'
  | 'none'
  | 'few'
  | 'uplink'
  | 'lagging'
  | 'video-fell'
  | 'audio-fell'
  | 'all-fell'
  | 'low'
  | 'steady';

/** What the samples of a push showed before a break, as a fact for rules. */
export const SAMPLE_FINDINGS = [
  'steady',
  'silent',
  'uplink',
  'lagging',
  'video-fell',
  'audio-fell',
  'all-fell',
  'low',
] as const;
export type SampleFinding = (typeof SAMPLE_FINDINGS)[number];

/** A value at the start and at the end of the samples. */
export interface BeforeAfter {
  before: number;
  after: number;
}

/** The conclusion from samples with its figures. */
export interface EvidenceFinding {
  kind: EvidenceKind;
  /** Number of samples. */
  count: number;
  fps: BeforeAfter | null;
  /** Video, bit/s. */
  videoRate: BeforeAfter | null;
  /** Bit/s. */
  audioRate: BeforeAfter | null;
  /** Growth of the lag, ms. */
  lagGrowthMs: number | null;
  /** Time from the start of the fall to the break, ms; null when nothing fell. */
  fellForMs: number | null;
  /** Time from the last data to the break, ms; null when no sample has data. */
  silentMs: number | null;
}

/** A push exception that CSS reported (callback 321). */
interface PushException {
  /** Epoch ms UTC. */
  at: number;
  /** CSS's number of the exception: 1 to 16. */
  type: number;
  /** Its meaning in one language. */
  text: string;
  /** How often it happened in the time of the report. */
  count: number;
  /** CSS's detail of the first one; null when there is none. */
  detail: string | null;
}

/** State of a stream in CSS. */
export type EvidenceState = 'active' | 'inactive' | 'forbid' | 'unknown';

/** Evidence of one break that was fetched on request. */
export interface BreakEvidence extends StreamKey {
  breakId: string;
  /** Time of the break, epoch ms UTC. */
  endedAt: number;
  /** Time of the request to CSS, epoch ms UTC. */
  askedAt: number;
  /** State of the stream at that time; null when CSS did not answer. */
  state: EvidenceState | null;
  finding: EvidenceFinding;
  /** The finding in one language. */
  sentence: string;
  /** Oldest first. */
  samples: PushSample[];
  /** Masked parameters of the push URL and the facts derived from them; null when unknown. */
  push: { params: string; facts: Record<string, FactValue> } | null;
  /** Push exceptions in the minutes before the break, oldest first. */
  exceptions: PushException[];
  /** Errors of the requests that failed. */
  problems: AnswerError[];
}
