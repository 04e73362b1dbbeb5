import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadRules } from '../../../src/diagnosis/rule-files/load-rules.ts';
import { shippedRulesFolder } from '../../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { createEngine, type StartableEngine } from '../../../src/engine/create-engine.ts';
import type { BreakPosition } from '../../../src/model/break.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import type { Store } from '../../../src/store/store.ts';
import { createRulesFolder, makeRule, type RulesFolder } from '../../helpers/rules-folder.ts';

const HOUR = 3_600_000;
const NOW = Math.floor(Date.now() / 1_000) * 1_000;
const RANGE = { from: NOW - 48 * HOUR, to: NOW + HOUR };

/** A push of one hour that a network fault ended. */
function brokenPush(index: number, endedAt: number): Record<string, unknown> {
  const iso = (at: number) => new Date(at).toISOString().replace('.000Z', 'Z');
  return {
    AppName: 'live',
    DomainName: 'push.example.com',
    StreamName: `shop-${index}`,
    StreamStartTime: iso(endedAt - HOUR),
    StreamEndTime: iso(endedAt),
    StopReason: '推流链路网络异常',
    Duration: 3_600,
    ClientIp: '203.0.113.9',
  };
}

describe('diagnosing stored breaks again', () => {
  let folder: string;
  let team: RulesFolder;
  let store: Store;
  let engine: StartableEngine;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'breakwatch-rediagnose-'));
    team = createRulesFolder();
    store = await openSqliteStore({ folder });
    engine = await createEngine({
      store,
      rules: (await loadRules([shippedRulesFolder()])).ruleSet,
      accounts: [
        {
          name: 'default',
          site: 'cn',
          callbackKeys: [],
          pushKeys: [],
          backfillMs: HOUR,
          pollSeconds: 10,
        },
      ],
      version: '1.2.3',
    });
  });
  afterEach(async () => {
    await engine.close();
    team.remove();
    await rm(folder, { recursive: true, force: true });
  });

  async function teamRules() {
    team.put('network/ours.json', makeRule('network/ours', { priority: 99 }));
    const { ruleSet, problems } = await loadRules([shippedRulesFolder(), team.path]);
    expect(problems).toEqual([]);
    return ruleSet;
  }

  const verdicts = async () =>
    (await store.findBreaks({ range: RANGE, filters: {}, limit: 10_000 })).map(
      ({ event, verdict }) => [event.stream, verdict.rule.id] as const,
    );

  async function applyAll(limit: number) {
    const sum = { read: 0, changed: 0, total: -1, pieces: 0 };
    for (let after: BreakPosition | null | undefined; after !== null; ) {
      const piece = await engine.applyRules({ range: RANGE, limit, ...(after && { after }) });
      sum.read += piece.read;
      sum.changed += piece.changed;
      sum.total = piece.total ?? sum.total;
      sum.pieces += 1;
      after = piece.next;
    }
    return sum;
  }

  async function countByRule() {
    const groups = await store.series({
      range: RANGE,
      filters: {},
      groupBy: ['rule'],
      stepMs: 24 * HOUR,
      measure: 'count',
      limit: 10,
      now: NOW,
    });
    return Object.fromEntries(
      groups.map(({ labels, points }) => [
        labels.rule,
        [...points].reduce((sum, count) => sum + count, 0),
      ]),
    );
  }

  it('new rules apply to streams that are down at once, and to the rest when they are applied', async () => {
    const old = Array.from({ length: 7 }, (_none, index) =>
      brokenPush(index, NOW - (20 + index) * HOUR),
    );
    await engine.importRecords('default', [...old, brokenPush(100, NOW - HOUR)]);
    const before = await verdicts();
    expect(before).toHaveLength(8);
    const [, former] = before[0] as readonly [string, string];
    expect(new Set(before.map(([, rule]) => rule))).toEqual(new Set([former]));
    expect(former).not.toBe('network/ours');

    await engine.replaceRules(await teamRules());
    expect(await verdicts()).toEqual([
      ['shop-100', 'network/ours'],
      ...old.map((_push, index) => [`shop-${index}`, former]),
    ]);
    expect(await countByRule()).toEqual({ 'network/ours': 1, [former]: 7 });

    expect(await applyAll(3)).toEqual({ read: 8, changed: 7, total: 8, pieces: 3 });
    expect(new Set((await verdicts()).map(([, rule]) => rule))).toEqual(new Set(['network/ours']));
    expect(await countByRule()).toEqual({ 'network/ours': 8 });
  });

  it('keeps earlier verdicts, and changes nothing when repeated', async () => {
    await engine.importRecords('default', [brokenPush(1, NOW - 20 * HOUR)]);
    const [first] = await store.findBreaks({ range: RANGE, filters: {}, limit: 1 });
    const id = first?.event.id as string;
    await engine.replaceRules(await teamRules());
    expect(await engine.earlierVerdicts(id)).toEqual([]);
    await applyAll(1_000);
    const earlier = await engine.earlierVerdicts(id);
    expect(earlier.map(({ verdict }) => verdict)).toEqual([first?.verdict]);
    const [now] = await store.findBreaks({ range: RANGE, filters: {}, limit: 1 });
    expect(now?.event).toEqual(first?.event);
    expect(await applyAll(1_000)).toMatchObject({ read: 1, changed: 0 });
    expect(await engine.earlierVerdicts(id)).toEqual(earlier);
  });

  it('loses no event or recovery that arrives meanwhile', async () => {
    const many = Array.from({ length: 300 }, (_none, index) =>
      brokenPush(index, NOW - 20 * HOUR - index * 1_000),
    );
    await engine.importRecords('default', many);
    await engine.replaceRules(await teamRules());
    const notified = new Map<string, string>();
    engine.subscribe(({ event, verdict }) => notified.set(event.stream, verdict.rule.id));
    // A later push of the same stream is its recovery; it arrives while all breaks are diagnosed again.
    const back = many.map((push, index) => ({
      ...brokenPush(index, NOW - 10 * HOUR - index * 1_000),
      StreamStartTime: push.StreamEndTime,
    }));
    const [applied] = await Promise.all([applyAll(20), engine.importRecords('default', back)]);
    expect(applied.read).toBeGreaterThanOrEqual(300);
    await applyAll(1_000);
    const records = await store.findBreaks({ range: RANGE, filters: {}, limit: 10_000 });
    expect(records).toHaveLength(600);
    expect(new Set(records.map(({ verdict }) => verdict.rule.id))).toEqual(
      new Set(['network/ours']),
    );
    expect(records.filter(({ event }) => event.recoveredAt !== null)).toHaveLength(300);
    expect(notified.size).toBe(300);
    expect(await countByRule()).toEqual({ 'network/ours': 600 });
  });
});
