import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { constants, getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { callbackEntry, parseCallback } from '../../../src/css/callbacks/callback.ts';
import type { RuleSet } from '../../../src/diagnosis/rule.ts';
import { loadRules } from '../../../src/diagnosis/rule-files/load-rules.ts';
import { shippedRulesFolder } from '../../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import {
  type DerivedNote,
  type DeriverThread,
  startDeriver,
} from '../../../src/engine/derive/deriver.ts';
import { readDirectory } from '../../../src/engine/directory.ts';
import { LATE_BREAKS } from '../../../src/engine/late-breaks.ts';
import type { BreakwatchError } from '../../../src/model/errors.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import type { Store } from '../../../src/store/store.ts';
import { signedCallback } from '../../helpers/signed-callback.ts';

describe('startDeriver', () => {
  let folder: string;
  let store: Store;
  let rules: RuleSet;
  let deriver: DeriverThread;
  let notes: DerivedNote[];
  let errors: BreakwatchError[];
  /** The engine's clock is ahead of that of this machine by this, ms. */
  let ahead: number;

  beforeAll(async () => {
    rules = (await loadRules([shippedRulesFolder()])).ruleSet;
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'breakwatch-deriver-'));
    store = await openSqliteStore({ folder });
    notes = [];
    errors = [];
    ahead = 0;
  });
  afterEach(async () => {
    await deriver.close();
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });

  function start(workerUrl?: URL): void {
    deriver = startDeriver({
      store: store.share,
      rules,
      names: new Map(),
      bizids: new Map([['default', '8888']]),
      workerUrl,
      onDerived: (note) => notes.push(note),
      onError: (error) => errors.push(error),
      now: () => Date.now() + ahead,
    });
  }

  async function arrive(change: Record<string, unknown>): Promise<void> {
    const message = parseCallback(signedCallback({ change }));
    await store.append([callbackEntry('default', message, Date.now(), [])]);
    deriver.wake();
  }

  const facts = () => notes.flatMap(({ records }) => records.map(({ event }) => event.facts));

  it('reports breaks and pushes before it is idle', async () => {
    start();
    await arrive({ errcode: 13, sequence: '7', push_duration: '60000' });
    await deriver.idle();
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatchObject({ entries: 1, cursor: 1, removed: [] });
    expect(notes[0]?.records.map(({ event }) => event.sequence)).toEqual(['7']);
    expect(notes[0]?.pushes.map(({ sequence }) => sequence)).toEqual(['7']);
    expect(await store.cursor()).toBe(1);
  });

  it('derives every entry when many arrive at once', async () => {
    start();
    for (let sequence = 1; sequence <= 60; sequence += 1) {
      await arrive({ errcode: 13, sequence: String(sequence), stream_id: `shop-${sequence}` });
    }
    await expect
      .poll(() => notes.reduce((sum, { entries }) => sum + entries, 0), { timeout: 20_000 })
      .toBe(60);
    expect(notes.at(-1)?.cursor).toBe(60);
  });

  it('uses the latest names, API state and rules', async () => {
    start();
    const stream_id = '8888_81265058829fd2e50c8ec2ac78d55127';
    await arrive({ errcode: 13, sequence: '1', stream_id });
    await deriver.idle();
    const { directory } = await readDirectory(['room,user,team', '293710,14y2l2c,Night shift']);
    deriver.setNames(directory.names);
    deriver.setApiState('default', 'stopped');
    await arrive({ errcode: 13, sequence: '2', stream_id });
    await deriver.idle();
    expect(facts()[0]?.team).toBeUndefined();
    expect(facts()[1]).toMatchObject({ team: 'Night shift', apiState: 'stopped' });

    deriver.setRules({ ...rules, hash: 'another-set', rules: [] });
    await arrive({ errcode: 13, sequence: '3', stream_id });
    await deriver.idle();
    const [verdict] = notes.at(-1)?.records.map(({ verdict }) => verdict) ?? [];
    expect(verdict).toMatchObject({ ruleSet: 'another-set', category: 'unknown' });
  });

  it('stores which breaks came too late to be grouped, together with these breaks', async () => {
    start();
    await arrive({ errcode: 13, sequence: '1' });
    await deriver.idle();
    ahead = 3_600_000;
    await arrive({ errcode: 13, sequence: '2', stream_id: 'late' });
    await deriver.idle();
    expect(notes[0]?.late).toBeUndefined();
    const endedAt = notes[1]?.records[0]?.event.endedAt;
    const gaps = [{ account: 'default', from: endedAt, to: endedAt }];
    expect(notes[1]?.late).toMatchObject({ gaps });
    const stored = await store.findDocuments({ kind: LATE_BREAKS, open: true, limit: 10 });
    expect(stored).toMatchObject([{ id: notes[1]?.late?.id, body: gaps }]);
  });

  it('is replaced when it stops, and the new one derives the rest', async () => {
    // Calls in flight are rejected, not left open.
    start(new URL('./crash-once-deriver.ts', import.meta.url));
    const asked = deriver.idle();
    await deriver.started;
    await expect(asked).rejects.toMatchObject({
      code: 'STORE_FAILED',
      details: { problem: expect.stringContaining('out of luck') },
    });
    expect(errors).toHaveLength(1);
    await arrive({ errcode: 13, sequence: '7' });
    await expect.poll(() => notes.length, { timeout: 20_000 }).toBe(1);
    expect(errors).toHaveLength(1);
  });

  it('rejects calls after its end, and reports no error', async () => {
    start();
    await deriver.close();
    await expect(deriver.idle()).rejects.toMatchObject({ code: 'STORE_FAILED' });
    deriver.wake();
    deriver.setApiState('default', 'ok');
    expect(errors).toEqual([]);
  });

  it.runIf(process.platform === 'linux')('gives way to the thread of callbacks', async () => {
    const before = getPriority();
    start();
    await deriver.idle();
    expect(getPriority()).toBe(before);
    const nices = readdirSync('/proc/self/task').flatMap((thread) => {
      const stat = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return stat.includes('(breakwatch-deri') ? [Number(fields[16])] : [];
    });
    expect(nices).toEqual([Math.max(before, constants.priority.PRIORITY_BELOW_NORMAL)]);
  });
});
