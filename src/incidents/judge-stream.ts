import type { BreakRecord } from '../model/break.ts';
import { type Chain, isFlap, type PastStream, type StreamStatus } from '../model/incident.ts';
import type { Push } from '../model/push.ts';
import { INCIDENT_OPTIONS, type IncidentOptions } from './options.ts';
import { type StreamWalk, walkStream } from './walk-stream.ts';

/** A stream's state with the outages that led to it. */
export interface JudgedStream {
  status: StreamStatus;
  /** Outages, oldest first; the last one is open when the stream is down. */
  chains: Chain[];
}

/**
 * Tells what a stream is doing at a moment. The order in which events are given, and repetitions of
 * them, change nothing; planned ends are no failures.
 *
 * - Down for up to 60 s: reconnecting, and nobody has to be told; up to 300 s: reconnecting; then
 *   down. At once down when the latest try was refused for a reason that needs a fix.
 * - Three breaks within 10 min make it flapping until it has been live for 15 min; retries that are
 *   refused are no further breaks.
 *
 * @param records - ends of pushes of one stream, normal ones too
 * @param pushes - pushes of the stream
 * @param now - epoch ms UTC; later events do not count
 * @returns undefined when nothing is known before `now`
 */
export function judgeStream(
  records: readonly BreakRecord[],
  pushes: readonly Push[],
  now: number,
  options: IncidentOptions = INCIDENT_OPTIONS,
): JudgedStream | undefined {
  const walk = walkStream(records, pushes, now);
  const status = statusOf(walk, now, options);
  return status && { status, chains: walk.chains };
}

/** What is left of the older outages of a stream: they count for its flapping. */
type OlderOutages = Pick<PastStream, 'cuts' | 'flapsSince' | 'endedAt'>;

/**
 * Returns the status of a stream by some of its outages.
 *
 * @param chains - oldest first
 * @param now - epoch ms UTC
 * @param older - totals of the outages before them; absent when there are none
 * @returns undefined without an outage
 */
export function statusOfOutages(
  chains: Chain[],
  now: number,
  older?: OlderOutages,
): StreamStatus | undefined {
  const last = chains.at(-1);
  const endedAt = last?.end === 'stopped' ? last.endedAt : null;
  return statusOf({ chains, spans: [], endedAt }, now, INCIDENT_OPTIONS, older);
}

function statusOf(
  { chains, spans, endedAt }: StreamWalk,
  now: number,
  options: IncidentOptions,
  older?: OlderOutages,
): StreamStatus | undefined {
  const last = chains.at(-1);
  const lastEndedAt = last ? last.endedAt : older?.endedAt;
  const cuts = chains.filter(isFlap);
  const recentBreaks = cuts.filter(
    ({ startedAt }) => startedAt > now - options.flapWindowMs,
  ).length;
  const common = { quiet: false, recentBreaks, attempts: 0 };
  const flapping = flapsSince(cuts, now, options, older);
  if (last && last.endedAt === null) {
    const { startedAt, breaks, blocker } = last;
    const attempts = breaks.filter(({ verdict }) => verdict.outcome === 'refused').length;
    const down = { ...common, attempts, since: startedAt };
    const lasted = now - startedAt;
    const isBlocked = blocker?.verdict.retry === 'after-fix';
    if (isBlocked || lasted >= options.reconnectMs) {
      return { ...down, state: 'down', deadline: null };
    }
    const deadline = startedAt + options.reconnectMs;
    if (flapping !== null) {
      return { ...down, state: 'flapping', since: flapping, deadline };
    }
    return lasted < options.graceMs
      ? { ...down, state: 'reconnecting', deadline: startedAt + options.graceMs, quiet: true }
      : { ...down, state: 'reconnecting', deadline };
  }
  if (endedAt !== null) {
    return { ...common, state: 'ended', since: endedAt, deadline: null };
  }
  const live = spans.at(-1);
  if (flapping !== null && lastEndedAt != null) {
    const deadline = lastEndedAt + options.steadyMs;
    return { ...common, state: 'flapping', since: flapping, deadline };
  }
  if (lastEndedAt != null && now - lastEndedAt < options.holdMs) {
    const deadline = lastEndedAt + options.holdMs;
    return { ...common, state: 'recovered', since: lastEndedAt, deadline };
  }
  const since = lastEndedAt ?? live?.start;
  return since === undefined
    ? undefined
    : { ...common, state: 'live', since: Math.max(since, live?.start ?? 0), deadline: null };
}

/** Since when the stream has been flapping, or null. */
function flapsSince(
  cuts: readonly Chain[],
  now: number,
  { flapBreaks, flapWindowMs, steadyMs }: IncidentOptions,
  older?: OlderOutages,
): number | null {
  let since = older?.flapsSince ?? null;
  let upAt = older?.endedAt ?? null;
  const starts = [...(older?.cuts ?? [])];
  for (const { startedAt, endedAt } of cuts) {
    if (upAt !== null && startedAt - upAt >= steadyMs) {
      since = null;
    }
    starts.push(startedAt);
    const first = starts[starts.length - flapBreaks];
    if (first !== undefined && startedAt - first <= flapWindowMs) {
      since ??= first;
    }
    upAt = endedAt;
  }
  return now - (upAt ?? now) < steadyMs ? since : null;
}
