import { createHash } from 'node:crypto';
import type { ArrivedEnd } from '../css/read-arrival.ts';
import type { BreakEvent } from '../model/break-event.ts';
import { matchReason, type ReasonMatch } from '../reasons/match-reason.ts';
import { reasonById } from '../reasons/reason-catalogue.ts';

/**
 * How far the clocks of callback and API may differ on one break, in ms. Callbacks and API tell
 * whole seconds; the rest is allowance for the two systems not reading the same clock.
 */
export const MERGE_TOLERANCE_MS = 2_000;

/** An event without what diagnosis and pairing add to it. */
export type MergedEvent = Omit<BreakEvent, 'outcome' | 'recoveredAt' | 'facts'>;

/** Finds the reason of an event from everything that its sources said. */
export function reasonOf(
  event: Pick<BreakEvent, 'code' | 'reasonText' | 'bypassCode'>,
): ReasonMatch {
  return matchReason({
    errcode: event.code?.errcode ?? null,
    subErrcode: event.code?.subErrcode ?? null,
    text: event.reasonText,
    bypassCode: event.bypassCode,
  });
}

function couldShareReason(event: MergedEvent, end: ArrivedEnd): boolean {
  const arrived = reasonOf(end);
  if (arrived.reason === event.reason) {
    return true;
  }
  if (arrived.ground === 'unrecognized' || event.reason === 'unrecognized') {
    return true;
  }
  const errcode = end.code?.errcode ?? event.code?.errcode;
  const other = end.code ? event.reason : arrived.reason;
  return reasonById(other)?.codes.some((code) => code.errcode === errcode) ?? false;
}

/**
 * Finds the event that an arriving end belongs to: the same break seen by the other source. One
 * source never tells the same break twice under two keys, so an event that already has this source
 * is another break.
 *
 * @param candidates - events of the same stream
 * @returns the nearest in time, or undefined when this is a new break
 */
export function findMergeTarget<E extends MergedEvent>(
  candidates: readonly E[],
  end: ArrivedEnd,
): E | undefined {
  let nearest: E | undefined;
  let nearestGap = Infinity;
  for (const event of candidates) {
    const gap = Math.abs(event.endedAt - end.endedAt);
    const startGap =
      event.startedAt === null || end.startedAt === null
        ? 0
        : Math.abs(event.startedAt - end.startedAt);
    const seenBySource = event.sources.some((key) => key.source === end.sourceKey.source);
    if (
      !seenBySource &&
      gap <= MERGE_TOLERANCE_MS &&
      startGap <= MERGE_TOLERANCE_MS &&
      gap + startGap < nearestGap &&
      couldShareReason(event, end)
    ) {
      nearest = event;
      nearestGap = gap + startGap;
    }
  }
  return nearest;
}

function newId(end: ArrivedEnd): string {
  return createHash('sha256')
    .update(JSON.stringify([end.account, end.sourceKey.source, end.sourceKey.key]))
    .digest('hex')
    .slice(0, 20);
}

/**
 * Joins what a source said with what is already known of the break. The callback's words win where
 * both speak, as it is written at the moment of the break; gaps are filled from either side.
 *
 * @param known - the event found by {@link findMergeTarget}, if any
 */
export function mergeEnd(known: MergedEvent | undefined, end: ArrivedEnd): MergedEvent {
  const { sourceKey, derived: _derived, setId: _setId, ...arrived } = end;
  if (!known) {
    return withReason({ ...arrived, id: newId(end), reason: '', sources: [sourceKey] });
  }
  const first = sourceKey.source === 'callback' ? arrived : known;
  const second = sourceKey.source === 'callback' ? known : arrived;
  return withReason({
    id: known.id,
    account: known.account,
    domain: known.domain,
    app: known.app,
    stream: known.stream,
    startedAt: first.startedAt ?? second.startedAt,
    endedAt: first.endedAt,
    durationMs: first.durationMs ?? second.durationMs,
    reason: known.reason,
    code: first.code ?? second.code,
    bypassCode: first.bypassCode ?? second.bypassCode,
    // The API's sentence is one of the reason table; a callback's errmsg may be raw and English.
    reasonText: (first === arrived ? known : arrived).reasonText ?? first.reasonText,
    clientIp: first.clientIp ?? second.clientIp,
    node: first.node ?? second.node,
    resolution: first.resolution ?? second.resolution,
    sequence: first.sequence ?? second.sequence,
    sources: [...known.sources, sourceKey],
  });
}

/** Names the reason by everything that is known now. */
function withReason(event: MergedEvent): MergedEvent {
  return { ...event, reason: reasonOf(event).reason };
}
