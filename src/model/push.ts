import type { StreamKey } from './break.ts';
import type { AnswerError } from './errors.ts';
import type { Facts, FactValue } from './facts.ts';

/**
 * One push that really started, whichever source told of it. Breaks recover at the start of the
 * stream's next push. Times are epoch ms UTC.
 */
export interface Push extends StreamKey {
  startedAt: number;
  /** Null while it is live as far as we know. */
  endedAt: number | null;
  /** CSS's id of the push; null when only the API told of it. */
  sequence: string | null;
  /** When its push URL runs out (txTime); null or absent when nobody told. */
  txTime?: number | null;
}

/** Live pushes of one domain whose URL runs out soon, so that their next reconnect would fail. */
export interface Forewarning {
  account: string;
  domain: string;
  /** How many. */
  streams: number;
  /** A few of them as `app/stream`, those that run out first before the others. */
  examples: string[];
  /** When the first of them runs out, epoch ms UTC; may lie in the past. */
  firstAt: number;
  /** When the last of them does. */
  lastAt: number;
}

/** How long before a URL runs out its push is warned of, ms. */
export const FOREWARN_MS = 30 * 60_000;

const MAX_EXAMPLES = 3;

/**
 * Finds the live pushes whose push URL runs out within some time, or has already: CSS looks at txTime
 * when a push begins and leaves it alone then, so they go on until the link breaks once. Who signs a
 * URL for less than that time gets a new one for each push, and is not warned.
 *
 * @param pushes - live ones, in any order; those that ended or whose txTime nobody told are passed over
 * @param now - epoch ms UTC
 * @returns by account and domain
 */
export function findForewarnings(
  pushes: readonly Push[],
  now: number,
  withinMs: number = FOREWARN_MS,
): Forewarning[] {
  const places = new Map<string, { at: number; push: Push }[]>();
  for (const push of pushes) {
    const { txTime } = push;
    if (!canForewarn(push, withinMs) || txTime == null || txTime > now + withinMs) {
      continue;
    }
    const place = JSON.stringify([push.account, push.domain]);
    const found = places.get(place);
    if (found) {
      found.push({ at: txTime, push });
    } else {
      places.set(place, [{ at: txTime, push }]);
    }
  }
  return [...places]
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
 * When time alone makes another push one to be warned of.
 *
 * @returns epoch ms UTC; null when it never does
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

/** Whose stream it is, for people: from the directory or the push URL. */
export interface StreamLabel {
  /** For a heading: `14y2l2c in room 293710 (screen)`. */
  name: string;
  room: string | null;
  user: string | null;
  /** `main` is the camera, `aux` a shared screen. */
  type: string | null;
  team: string | null;
  vip: boolean;
  contact: string | null;
}

/** Reads a stream's label from the facts of a break; null when nobody named the stream. */
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
  const place = room === null ? null : `room ${room}`;
  const who = user !== null && place !== null ? `${user} in ${place}` : (user ?? place);
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

/** What CSS measured of a push at one moment. What it did not tell is null. */
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
   * By how much the stream's timestamps are behind CSS's clock, in ms, from wherever both began:
   * only its growth tells something.
   */
  lagMs: number | null;
}

/**
 * What the samples before a break show.
 *
 * - `refused`: the push never started; `none`: there are no samples; `few`: too few to conclude
 * - `uplink`: rates fell and timestamps fell behind; `lagging`: timestamps alone fell behind
 * - `video-fell`: video fell while audio held; `audio-fell`: the other way round
 * - `all-fell`: video fell, and audio with it or there is none to compare
 * - `low`: video was slow all along; `steady`: nothing changed up to the last sample
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

/** A value early in the samples and at their end. */
export interface BeforeAfter {
  before: number;
  after: number;
}

/** The conclusion from samples, with the figures it rests on. */
export interface EvidenceFinding {
  kind: EvidenceKind;
  /** Samples that were looked at. */
  count: number;
  fps: BeforeAfter | null;
  /** Video, bit/s. */
  videoRate: BeforeAfter | null;
  /** Bit/s. */
  audioRate: BeforeAfter | null;
  /** By how much the timestamps fell behind, ms. */
  lagGrowthMs: number | null;
  /** How long before the break the fall began, ms; null when nothing fell. */
  fellForMs: number | null;
  /** How long before the break the last data came, ms; null when there is no sample with data. */
  silentMs: number | null;
}

/** A push exception that CSS told of (callback 321). */
export interface PushException {
  /** Epoch ms UTC. */
  at: number;
  /** CSS's number of it: 1 to 16. */
  type: number;
  /** What it is, in one language. */
  text: string;
  /** How often within the report. */
  count: number;
  /** CSS's own detail of the first; null when there is none. */
  detail: string | null;
}

/** What CSS says of a stream now. */
export type EvidenceState = 'active' | 'inactive' | 'forbid' | 'unknown';

/** What was fetched of one break when somebody asked for it. */
export interface BreakEvidence extends StreamKey {
  breakId: string;
  /** When the break was, epoch ms UTC. */
  endedAt: number;
  /** When CSS was asked, epoch ms UTC. */
  askedAt: number;
  /** Of the stream at that moment; null when it could not be asked. */
  state: EvidenceState | null;
  finding: EvidenceFinding;
  /** The finding in one language. */
  sentence: string;
  /** Oldest first. */
  samples: PushSample[];
  /** Parameters of the push URL, masked, and what follows from them; null when not told. */
  push: { params: string; facts: Record<string, FactValue> } | null;
  /** Push exceptions in the minutes before the break, oldest first. */
  exceptions: PushException[];
  /** What could not be asked, and why. */
  problems: AnswerError[];
}
