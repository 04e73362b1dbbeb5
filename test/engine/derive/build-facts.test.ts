import { describe, expect, it } from 'vitest';
import { buildFacts } from '../../../src/engine/derive/derive-entries.ts';
import {
  mergeObservations,
  reasonOf,
} from '../../../src/engine/derive/matching/merge-observations.ts';
import { FACT_NAMES } from '../../../src/model/fact-catalogue.ts';
import { apiEnd, callbackEnd, NOON } from '../../helpers/arrived-end.ts';

describe('buildFacts', () => {
  it('includes known facts and leaves out unknown ones', () => {
    const event = mergeObservations([
      { ...callbackEnd({ clientIp: null, durationMs: 1_999 }), seq: 1 },
    ]);
    const facts = buildFacts({
      event,
      match: reasonOf(event),
      derived: { txTime: '2026-03-01T11:46:00Z', secondsPastExpiry: 240 },
      nearbyCounts: {
        previousBreak: { endedAt: NOON - 41_000, reason: 'idle_no_data', category: 'client' },
        breaksOfStream: 3,
        endsOfStream: 5,
        breaksOfClientIp: 0,
        breaksOfNode: 12,
        breaksOfDomain: 14,
        sameReasonOfAccount: 9,
        sameReasonOfDomain: 8,
        sameReasonOfApp: 7,
        sameReasonOfNode: 6,
        sameReasonOfClientIp: 0,
        linkCutsOfNode: 5,
        linkCutsOfClientIp: 0,
        isLinkCut: true,
        isCutOff: { account: true, domain: false, app: false, node: false },
        scopes: {
          account: { live: 400, started: 20 },
          domain: { live: 90, started: 20 },
          app: { live: 3, started: 0 },
          node: null,
        },
      },
      apiState: 'stopped',
    });
    expect(facts).toMatchObject({
      reason: 'network',
      code: '12',
      secondsLive: 1,
      secondsPastExpiry: 240,
      previousReason: 'idle_no_data',
      secondsSincePreviousBreak: 41,
      breaksOfNode5m: 12,
      sameReasonOfAccount5m: 9,
      sameReasonOfDomain5m: 8,
      sameReasonOfApp5m: 7,
      sameReasonOfNode5m: 6,
      linkCutsOfNode5m: 5,
      liveOfAccount5m: 400,
      liveOfDomain5m: 90,
      shareOfDomain5m: 10,
      // More streams broke than are known to be live.
      shareOfApp5m: 100,
      breaksOfStream10m: 3,
      endsOfStream10m: 5,
      apiState: 'stopped',
    });
    // A count for an unknown address would mean "no other break from there".
    expect(facts).not.toHaveProperty('clientIp');
    expect(facts).not.toHaveProperty('breaksOfClientIp5m');
    expect(facts).not.toHaveProperty('sameReasonOfAddress5m');
    expect(facts).not.toHaveProperty('linkCutsOfAddress5m');
    // Some of the breaks were not counted, and the nodes of most live pushes are not known.
    expect(facts).not.toHaveProperty('shareOfAccount5m');
    expect(facts).not.toHaveProperty('shareOfNode5m');
    expect(facts).not.toHaveProperty('linkCutShareOfNode5m');
    expect(Object.values(facts)).not.toContain(null);
  });

  it('finds the code of a text even if no source gave a number', () => {
    const event = mergeObservations([
      { ...apiEnd({ reasonText: '推流时间戳参数值已过期' }), seq: 1 },
    ]);
    const facts = buildFacts({
      event,
      match: reasonOf(event),
      derived: {},
      nearbyCounts: null,
      apiState: undefined,
    });
    expect(event.code).toBeNull();
    expect(facts).toMatchObject({ code: '18/501', errcode: 18, subErrcode: 501 });
  });

  it('uses no name outside the fact catalogue', () => {
    const event = mergeObservations([{ ...callbackEnd(), seq: 1 }]);
    const facts = buildFacts({
      event,
      match: reasonOf(event),
      derived: {},
      nearbyCounts: null,
      apiState: 'ok',
    });
    for (const name of Object.keys(facts)) {
      expect(FACT_NAMES).toContain(name);
    }
  });
});
