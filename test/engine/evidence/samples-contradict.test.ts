import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadRules } from '../../../src/diagnosis/rule-files/load-rules.ts';
import { shippedRulesFolder } from '../../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { createEngine, type StartableEngine } from '../../../src/engine/create-engine.ts';
import type { BreakRecord } from '../../../src/model/break.ts';
import { VirtualClock } from '../../../src/simulator/clock.ts';
import { type Simulator, startSimulator } from '../../../src/simulator/start-simulator.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import { finishedPush } from '../../helpers/finished-push.ts';
import { CALLBACK_KEY, signedCallback } from '../../helpers/signed-callback.ts';

const KEYS = { secretId: 'AKIDtest', secretKey: 'the-right-key-of-the-test' };
const DAY = 86_400_000;

let folder: string;
let simulator: Simulator;
let engine: StartableEngine;
let endedAt: number;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'breakwatch-samples-'));
  endedAt = Math.floor(Date.now() / 1_000) * 1_000 - 20_000;
  simulator = await startSimulator({ ...KEYS, clock: new VirtualClock(endedAt + 20_000) });
  engine = await createEngine({
    store: await openSqliteStore({ folder }),
    rules: (await loadRules([shippedRulesFolder()])).ruleSet,
    accounts: [
      {
        name: 'default',
        site: 'cn',
        endpoint: simulator.url,
        credentials: KEYS,
        callbackKeys: [CALLBACK_KEY],
        pushKeys: [],
        backfillMs: 0,
        pollSeconds: 10,
      },
    ],
    answersWaitMs: 60_000,
    version: '1.2.3',
  });
});
afterEach(async () => {
  await engine.close();
  await simulator.stop();
  await rm(folder, { recursive: true, force: true });
});

/** CSS reports a network error; its samples are those of a push that ended for another reason. */
async function breakWith(errcode: number): Promise<BreakRecord> {
  const push = finishedPush(endedAt, {
    stream: 'shop-17',
    startedAt: endedAt - 600_000,
    sequence: '4711',
    code: { errcode, subErrcode: 0 },
  });
  simulator.world.finished.push(push);
  await engine.acceptCallback(
    'default',
    signedCallback({
      change: {
        app: push.domain,
        appname: push.app,
        stream_id: push.stream,
        sequence: push.sequence,
        event_time: endedAt / 1_000,
        push_duration: '600000',
        errcode: 12,
        errmsg: 'network',
      },
    }),
  );
  return read();
}

async function read(): Promise<BreakRecord> {
  await engine.settled();
  const range = { from: endedAt - DAY, to: endedAt + DAY };
  const { records } = await engine.breaks({ range, filters: {}, limit: 10 });
  return records[0] as BreakRecord;
}

/** The card of the incident, as page, API and CLI show it. */
async function card(lang: 'en' | 'ko' = 'en'): Promise<string> {
  const { results } = await engine.query({
    from: endedAt - DAY,
    to: endedAt + DAY,
    queries: [{ refId: 'A', queryType: 'incidents', language: lang, filters: {} } as never],
  });
  return JSON.stringify(results);
}

it('says in break and card that samples speak against the cause, and is less sure of it', async () => {
  const before = await breakWith(1);
  expect(before.verdict).toMatchObject({ rule: { id: 'network/link-error' } });
  const { id } = before.event;
  expect((await engine.evidence(id, 'en')).finding.kind).toBe('steady');
  const after = await read();
  expect(after.event.facts).toMatchObject({
    samplesBeforeBreak: 'steady',
    fpsBeforeBreak: 25,
    videoRateBeforeBreak: 2_500,
  });
  expect(after.verdict).toMatchObject({
    rule: { id: 'network/link-error' },
    confidence: 'possible',
    ground: 'samples-contradict',
  });
  expect(await card()).toContain(
    'CSS’s samples speak against this cause: the stream was steady until the break (25 fps, 2500 kbit/s)',
  );
  expect(await card('ko')).toContain('중단 직전까지 안정적이었습니다 (25 fps, 2500 kbit/s)');
});

it('keeps what was read when the same break is reported again', async () => {
  const { event } = await breakWith(1);
  await engine.evidence(event.id, 'en');
  await read();
  // An earlier break of the stream is told late, so this one is diagnosed again.
  await engine.acceptCallback(
    'default',
    signedCallback({
      change: {
        app: event.domain,
        appname: event.app,
        stream_id: event.stream,
        sequence: '4710',
        event_time: endedAt / 1_000 - 700,
        push_duration: '1000',
        errcode: 12,
        errmsg: 'network',
      },
    }),
  );
  const { verdict, event: again } = await read();
  expect(again.facts).toMatchObject({ previousReason: 'network', samplesBeforeBreak: 'steady' });
  expect(verdict.ground).toBe('samples-contradict');
});

it('says nothing where samples agree with the cause', async () => {
  const { event, verdict } = await breakWith(12);
  expect((await engine.evidence(event.id, 'en')).finding.kind).toBe('uplink');
  const after = await read();
  expect(after.event.facts.samplesBeforeBreak).toBe('uplink');
  expect(after.verdict).toMatchObject({ confidence: verdict.confidence, ground: verdict.ground });
  expect(await card()).not.toContain('speak against');
});
