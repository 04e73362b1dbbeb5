import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FreshFailures } from '../../../src/engine/derive/fresh-failures.ts';
import type { PendingEvent } from '../../../src/engine/derive/load-stream.ts';
import { OtherStreams } from '../../../src/engine/derive/other-streams.ts';
import { type BreakEvent, streamText } from '../../../src/model/break.ts';
import { WIDE_WINDOW_MS } from '../../../src/model/fact-catalogue.ts';
import type { NearbyBreak } from '../../../src/store/store.ts';

/** A break as this test makes it; a refused try has no live time. */
interface Made {
  id: string;
  account: string;
  domain: string;
  app: string;
  stream: string;
  reason: string;
  node: string | null;
  clientIp: string;
  endedAt: number;
  isCut: boolean;
}

const anyBreak = fc.record({
  account: fc.constant('default'),
  domain: fc.constantFrom('a.example.com', 'b.example.com'),
  app: fc.constantFrom('live', 'test'),
  stream: fc.constantFrom('one', 'two', 'three', 'four'),
  reason: fc.constantFrom('network', 'arrears', 'rtmp_amf'),
  node: fc.constantFrom('192.0.2.1', '192.0.2.2', null),
  clientIp: fc.constantFrom('203.0.113.1', '203.0.113.2'),
  // Also exactly a window apart.
  endedAt: fc.integer({ min: 0, max: 20 }).map((steps) => (steps * WIDE_WINDOW_MS) / 4),
  isCut: fc.boolean(),
});

const pendingOf = ({ isCut, ...made }: Made) =>
  ({ ...made, startedAt: isCut ? made.endedAt - 1 : made.endedAt }) as unknown as PendingEvent;

const storedOf = ({ isCut, ...made }: Made): NearbyBreak => ({
  ...made,
  key: streamText(made),
  cut: isCut,
});

/** Counts by comparing with each break. */
function countOthers(event: Made, breaks: readonly Made[], counts: (one: Made) => boolean) {
  const near = breaks.filter(
    (one) =>
      streamText(one) !== streamText(event) &&
      one.endedAt <= event.endedAt &&
      one.endedAt >= event.endedAt - WIDE_WINDOW_MS &&
      counts(one),
  );
  return new Set(near.map(streamText)).size;
}

describe('streams around an event', () => {
  it('are those that a comparison with each break finds', () => {
    const many = fc.array(anyBreak, { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(many, many, fc.array(fc.nat(39)), (stored, fresh, goneAt) => {
        const named = (prefix: string) => (one: Omit<Made, 'id'>, index: number) => ({
          ...one,
          id: `${prefix}${index}`,
        });
        const known = stored.map(named('stored-'));
        const added = fresh.map(named('fresh-'));
        const gone = known.filter((_one, index) => goneAt.includes(index));
        const all = [...known.filter((one) => !gone.includes(one)), ...added];
        const pending = added.map(pendingOf);
        const others = new OtherStreams(
          new FreshFailures(pending),
          gone as unknown as BreakEvent[],
        );
        // Events of one place share a list, as those that the store reads do.
        const lists = new Map<string, NearbyBreak[]>();
        const listOf = (name: string, has: (one: Made) => boolean) => {
          const list = lists.get(name) ?? known.filter(has).map(storedOf);
          lists.set(name, list);
          return list;
        };
        for (const [index, event] of added.entries()) {
          const { reason, node, clientIp, domain, app } = event;
          const found = others.around(pending[index] as PendingEvent, {
            sameReason: listOf(reason, (one) => one.reason === reason),
            ofNode: node === null ? [] : listOf(node, (one) => one.node === node),
            ofClientIp: listOf(clientIp, (one) => one.clientIp === clientIp),
          });
          const isSame = (one: Made) => one.reason === reason;
          const isLinkCut = (one: Made) => one.isCut && one.reason === 'network';
          const onNode = (one: Made) => node !== null && one.node === node;
          const fromAddress = (one: Made) => one.clientIp === clientIp;
          const ofDomain = (one: Made) => isSame(one) && one.domain === domain;
          const count = (counts: (one: Made) => boolean) => countOthers(event, all, counts);
          expect(found).toEqual({
            isLinkCut: isLinkCut(event),
            isCutOff: { account: false, domain: false, app: false, node: false },
            sameReasonOfAccount: count(isSame),
            sameReasonOfDomain: count(ofDomain),
            sameReasonOfApp: count((one) => ofDomain(one) && one.app === app),
            sameReasonOfNode: count((one) => onNode(one) && isSame(one)),
            sameReasonOfClientIp: count((one) => fromAddress(one) && isSame(one)),
            linkCutsOfNode: count((one) => onNode(one) && isLinkCut(one)),
            linkCutsOfClientIp: count((one) => fromAddress(one) && isLinkCut(one)),
          });
        }
      }),
    );
  });
});
