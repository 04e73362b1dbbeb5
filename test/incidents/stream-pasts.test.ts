import { expect, it } from 'vitest';
import {
  limitPasts,
  pastsAfter,
  placesBefore,
  type StreamPasts,
  without,
} from '../../src/incidents/stream-pasts.ts';
import type { LiveSpan } from '../../src/incidents/walk-stream.ts';
import { type BreakRecord, streamText } from '../../src/model/break.ts';
import type { Chain } from '../../src/model/incident.ts';
import { breakRecord, NOON } from '../helpers/break-record.ts';

const onNode = (number: number, outcome: 'broken' | 'refused' = 'broken') =>
  breakRecord(`b${number}`, {
    event: { stream: 'shop', endedAt: NOON + number, node: `node-${number}`, clientIp: null },
    verdict: { outcome },
  });
const nothing = { ofStream: new Map() };
const boundary = () => NOON + 1_000;
const only = (dropped: BreakRecord[]) => ({ dropped, over: [] });

it('keeps of a stream its last places, and its last break and refusal', () => {
  const dropped = [
    onNode(0, 'refused'),
    ...Array.from({ length: 9 }, (_one, at) => onNode(at + 1)),
  ];
  const [past] = [...pastsAfter(new Map(), { dropped, over: [] }, boundary, nothing).values()];
  expect(past?.places.map(({ node }) => node)).toEqual(
    ['4', '5', '6', '7', '8', '9'].map((number) => `node-${number}`),
  );
  expect(past).toMatchObject({ at: NOON + 1_000, lastBreakAt: NOON + 9, lastRefusalAt: NOON });
});

it('keeps the pushes that were live at the boundary, with the end that was reported', () => {
  const key = streamText(onNode(1).event);
  const span = (start: number, end: number | null, reportedEnd: number | null) => ({
    start: NOON + start,
    end: end === null ? null : NOON + end,
    reportedEnd: reportedEnd === null ? null : NOON + reportedEnd,
    knownAt: NOON,
  });
  const spans = [span(0, 10, 10), span(20, 2_000, null), span(1_500, null, null)];
  const pasts = pastsAfter(new Map(), only([onNode(1)]), boundary, {
    ofStream: new Map([[key, spans]]),
  });
  expect(pasts.get(key)?.spans).toEqual([span(20, null, null)]);
});

it('keeps a later push that only a dropped break told as its recovery, until it ends', () => {
  const told = breakRecord('told', {
    event: { stream: 'shop', endedAt: NOON + 1, recoveredAt: NOON + 1_500 },
  });
  const key = streamText(told.event);
  const later = { start: NOON + 1_500, end: null, reportedEnd: null, knownAt: NOON + 1_500 };
  const unrelated = { ...later, start: NOON + 9_000 };
  const after = (pasts: StreamPasts, dropped: BreakRecord[], spans: readonly LiveSpan[]) =>
    pastsAfter(pasts, only(dropped), boundary, { ofStream: new Map([[key, [...spans]]]) });
  const first = after(new Map(), [told], [later, unrelated]);
  expect(first.get(key)?.spans).toEqual([later]);
  const second = after(first, [], [later, unrelated]);
  expect(second.get(key)?.spans).toEqual([later]);
  const third = after(second, [], [{ ...later, end: NOON + 900 }]);
  expect(third.get(key)?.spans).toEqual([]);
});

it('keeps when the last outage that was dropped ended', () => {
  const record = onNode(1);
  const { account, domain, app, stream, id } = record.event;
  const chain = (endedAt: number | null): Chain => ({
    ...{ account, domain, app, stream, id, startedAt: NOON + 1, endedAt, end: null },
    ...{ breaks: [record], firstCause: null, blocker: null, decisive: record },
  });
  const over = [chain(NOON + 700), chain(NOON + 300), chain(null)];
  const [past] = [
    ...pastsAfter(new Map(), { dropped: [record], over }, boundary, nothing).values(),
  ];
  expect(past?.lastDownAt).toBe(NOON + 700);
});

it('changes no map that it was given, and puts the stream that changed last at the end', () => {
  const first = pastsAfter(new Map(), only([onNode(1)]), boundary, nothing);
  const other = breakRecord('c', { event: { stream: 'other', endedAt: NOON } });
  const both = pastsAfter(first, only([other]), boundary, nothing);
  const again = pastsAfter(both, only([onNode(2)]), boundary, nothing);
  expect(first.size).toBe(1);
  expect([...both.values()].map(({ stream }) => stream.stream)).toEqual(['shop', 'other']);
  expect([...again.values()].map(({ stream }) => stream.stream)).toEqual(['other', 'shop']);
  expect([...without(again, streamText(other.event)).keys()]).toEqual([
    streamText(onNode(1).event),
  ]);
});

it('keeps only earlier places, and no stream without one', () => {
  const pasts = pastsAfter(new Map(), only([onNode(1), onNode(5)]), boundary, nothing);
  const [past] = [...placesBefore(pasts, NOON + 5).values()];
  expect(past?.places.map(({ node }) => node)).toEqual(['node-1']);
  expect(past?.lastBreakAt).toBe(Number.NEGATIVE_INFINITY);
  expect(placesBefore(pasts, NOON).size).toBe(0);
});

it('forgets the streams that changed longest ago, but none with a live push', () => {
  const [past] = [...pastsAfter(new Map(), only([onNode(1)]), boundary, nothing).values()];
  const live = { start: NOON, end: null, reportedEnd: null, knownAt: NOON };
  const pasts: StreamPasts = new Map(
    Array.from({ length: 50_002 }, (_one, index) => [
      `${index}`,
      { ...(past as NonNullable<typeof past>), spans: index === 0 ? [live] : [] },
    ]),
  );
  limitPasts(pasts);
  expect(pasts.size).toBe(50_000);
  expect([pasts.has('0'), pasts.has('1'), pasts.has('2'), pasts.has('3')]).toEqual([
    true,
    false,
    false,
    true,
  ]);
});
