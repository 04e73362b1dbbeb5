import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { callbackEntry, parseCallback } from '../../../src/css/callbacks/callback.ts';
import type { Account } from '../../../src/engine/engine.ts';
import {
  createEvidenceSource,
  type EvidenceSource,
} from '../../../src/engine/evidence/evidence-source.ts';
import type { BreakEvent } from '../../../src/model/break.ts';
import { VirtualClock } from '../../../src/simulator/clock.ts';
import type { Push } from '../../../src/simulator/push.ts';
import { type Simulator, startSimulator } from '../../../src/simulator/start-simulator.ts';
import { breakRecord } from '../../helpers/break-record.ts';
import { finishedPush } from '../../helpers/finished-push.ts';
import { pushExceptionCallback } from '../../helpers/push-exception-callback.ts';
import { openTemporaryStore, type TemporaryStore } from '../../helpers/temporary-store.ts';

const KEYS = { secretId: 'AKIDtest', secretKey: 'the-right-key-of-the-test' };
const MINUTE = 60_000;
const DAY = 86_400_000;
const SECRET = '00112233445566778899aabbccddeeff';

let temporary: TemporaryStore;
let clock: VirtualClock;
let simulator: Simulator;
const sources: EvidenceSource[] = [];
beforeEach(async () => {
  temporary = await openTemporaryStore();
  clock = new VirtualClock(Math.floor(Date.now() / 1000) * 1000);
  simulator = await startSimulator({ ...KEYS, clock });
});
afterEach(async () => {
  for (const source of sources.splice(0)) {
    source.close();
  }
  await simulator.stop();
  await temporary.remove();
});

function sourceOf(part: Partial<Account> = {}, maxPerMinute = 30): EvidenceSource {
  const source = createEvidenceSource({
    store: temporary.store,
    accounts: [
      {
        name: 'default',
        site: 'cn',
        endpoint: simulator.url,
        credentials: KEYS,
        callbackKeys: [],
        pushKeys: [{ domain: '*', key: 'some-key' }],
        backfillMs: 0,
        pollSeconds: 10,
        ...part,
      },
    ],
    now: () => clock.now(),
    maxPerMinute,
  });
  sources.push(source);
  return source;
}

/** A push that broke after an hour, in CSS and in Breakwatch. */
async function broke(
  id: string,
  agoMs: number,
  push: Partial<Push> = {},
  event: Partial<BreakEvent> = {},
): Promise<void> {
  const endedAt = clock.now() - agoMs;
  const known = finishedPush(endedAt, {
    stream: 'shop-17',
    startedAt: endedAt - 3_600_000,
    streamParam: `txSecret=${SECRET}&txTime=6553f100&groupid=7`,
    ...push,
  });
  simulator.world.finished.push(known);
  const { domain, app, stream, startedAt, sequence } = known;
  await temporary.insert(
    breakRecord(id, {
      event: { domain, app, stream, startedAt, endedAt, sequence, outcome: 'broken', ...event },
    }),
  );
}

function silent(agoMs: number, errcode: number): Partial<Push> {
  return {
    silentFrom: clock.now() - agoMs - 70_000,
    code: { errcode, subErrcode: 0 },
  };
}

describe('createEvidenceSource', () => {
  it('recognises a network break by falling rates and lagging timestamps', async () => {
    await broke('net', 10 * MINUTE, silent(10 * MINUTE, 12));
    const evidence = await sourceOf().of('net', 'en');
    expect(evidence).toMatchObject({
      breakId: 'net',
      stream: 'shop-17',
      state: 'inactive',
      problems: [],
      exceptions: [],
      finding: { kind: 'uplink' },
    });
    expect(evidence.sentence).toMatch(
      /^Video fell from 25 to \d+(\.\d)? fps in the \d+ s before the break: timestamps fell \d+(\.\d)? s behind as well/,
    );
    expect(evidence.sentence).toMatch(/The last data came 7\d s before the break\.$/);
    const { samples } = evidence;
    expect(samples.length).toBeGreaterThan(40);
    expect(samples[0]?.at).toBeGreaterThanOrEqual(evidence.endedAt - 5 * MINUTE);
    expect(samples.at(-1)?.at).toBeLessThanOrEqual(evidence.endedAt - 70_000);
    expect(samples[0]).toMatchObject({ videoFps: 25, videoRate: 2_500_000, audioRate: 128_000 });
  });

  it('recognises an encoder that hung, and a push that was steady until it ended', async () => {
    await broke('idle', 10 * MINUTE, silent(10 * MINUTE, 20));
    const idle = await sourceOf().of('idle', 'en');
    expect(idle.finding.kind).toBe('video-fell');
    await broke(
      'cut',
      20 * MINUTE,
      { stream: 'shop-18', code: { errcode: 21, subErrcode: 100 } },
      {},
    );
    expect((await sourceOf().of('cut', 'ko')).finding.kind).toBe('steady');
  });

  it('derives facts from the push URL and exposes no secret', async () => {
    await broke('net', MINUTE, silent(MINUTE, 12));
    const { push, ...rest } = await sourceOf().of('net', 'en');
    expect(push).toEqual({
      params: 'txSecret=***&txTime=6553f100&groupid=7',
      facts: expect.objectContaining({ txSecretPresent: true, txSecretMatches: 'no' }),
    });
    expect(JSON.stringify(rest)).not.toContain(SECRET);
  });

  it('reads the push that broke, not an earlier or later one', async () => {
    await broke('first', 10 * MINUTE, { sequence: '111', code: { errcode: 1, subErrcode: 0 } });
    const endedAt = clock.now() - 10 * MINUTE + 4_000;
    simulator.world.finished.push(
      finishedPush(endedAt + MINUTE, { stream: 'shop-17', startedAt: endedAt, sequence: '222' }),
    );
    const { samples } = await sourceOf().of('first', 'en');
    expect(samples.every(({ at }) => at <= clock.now() - 10 * MINUTE)).toBe(true);
  });

  it('returns the exceptions of the minutes before, in the requested language', async () => {
    await broke('net', 10 * MINUTE, silent(10 * MINUTE, 12));
    const endedAt = clock.now() - 10 * MINUTE;
    const exceptionAt = (at: number, change = {}) =>
      callbackEntry('default', parseCallback(pushExceptionCallback(at, change)), at, []);
    await temporary.store.append([
      exceptionAt(endedAt - 2 * MINUTE),
      exceptionAt(endedAt - MINUTE, { abnormal_event: [{ type: 99, type_desc_cn: '新的异常' }] }),
      exceptionAt(endedAt - 6 * MINUTE),
      exceptionAt(endedAt + MINUTE),
      exceptionAt(endedAt - MINUTE, { stream_id: 'shop-18' }),
    ]);
    const { exceptions } = await sourceOf().of('net', 'ja');
    expect(exceptions).toEqual([
      {
        at: endedAt - 2 * MINUTE - 1_000,
        type: 6,
        text: '映像フレームの間隔が 3 秒を超えた',
        count: 2,
        detail: 'video frame arrive interval too long, interval=3046(msec)',
      },
      { at: endedAt - MINUTE, type: 99, text: '新的异常', count: 1, detail: null },
    ]);
  });

  it('lists failed requests, and answers the rest', async () => {
    await broke('net', 10 * MINUTE, silent(10 * MINUTE, 12));
    const endedAt = clock.now() - 10 * MINUTE;
    await temporary.store.append([
      callbackEntry('default', parseCallback(pushExceptionCallback(endedAt - MINUTE)), endedAt, []),
    ]);
    const keyless = await sourceOf({ credentials: undefined } as Partial<Account>).of('net', 'en');
    expect(keyless.problems.map(({ code }) => code)).toEqual(['EVIDENCE_NO_KEY']);
    expect(keyless.exceptions).toHaveLength(1);

    const wrong = sourceOf({ credentials: { ...KEYS, secretKey: 'wrong-key' } });
    const { problems, state, samples } = await wrong.of('net', 'en');
    expect(problems.map(({ code }) => code)).toEqual(['CSS_CREDENTIALS', 'CSS_CREDENTIALS']);
    expect([state, samples]).toEqual([null, []]);

    await broke('old', 8 * DAY, { stream: 'old' });
    const old = await sourceOf().of('old', 'en');
    expect(old.problems.map(({ code }) => code)).toEqual(['EVIDENCE_EXPIRED']);
    expect(old).toMatchObject({ state: 'inactive', finding: { kind: 'none' } });
    await expect(sourceOf().of('nobody', 'en')).rejects.toMatchObject({ code: 'UNKNOWN_BREAK' });
  });

  it('requests no samples of a refused push, which would be those of an earlier one', async () => {
    await broke('before', 2 * MINUTE);
    await broke('refused', MINUTE, {}, { outcome: 'refused', durationMs: 0 });
    simulator.world.bans.set('shop-17', clock.now() + DAY);
    const evidence = await sourceOf().of('refused', 'en');
    expect(evidence).toMatchObject({
      state: 'forbid',
      samples: [],
      push: null,
      finding: { kind: 'refused' },
    });
  });

  it('caches results, limits requests per minute, and requests again when results may have changed', async () => {
    await broke('a', MINUTE);
    await broke('b', MINUTE, { stream: 'shop-18' });
    const source = sourceOf({}, 1);
    const [first, twin] = await Promise.all([source.of('a', 'en'), source.of('a', 'zh')]);
    expect(twin?.askedAt).toBe(first?.askedAt);
    expect(twin?.sentence).not.toBe(first?.sentence);
    await expect(source.of('b', 'en')).rejects.toMatchObject({ code: 'EVIDENCE_LIMIT' });
    simulator.setFaults({ apiFailurePercent: 100 });
    expect((await source.of('a', 'en')).problems).toEqual([]);
    simulator.setFaults({ apiFailurePercent: 0 });
    clock.advance(MINUTE);
    expect((await source.of('a', 'en')).askedAt).toBe(clock.now());
  });

  it('does not cache a failure', async () => {
    await broke('a', MINUTE);
    const source = sourceOf();
    simulator.setFaults({ apiFailurePercent: 100, apiFailureMode: 'garbage' });
    expect((await source.of('a', 'en')).problems).toHaveLength(2);
    simulator.setFaults({ apiFailurePercent: 0 });
    expect((await source.of('a', 'en')).problems).toEqual([]);
  });
});
