import { beforeEach, describe, expect, test } from 'vitest';
import { Instances } from '../../../src/grafana/backend/Instances.ts';
import type { OpenService } from '../../../src/grafana/backend/open-embedded.ts';
import type { Settings } from '../../../src/grafana/backend/read-settings.ts';
import { contextOf, MemoryService } from './memory-service.ts';

const EMBEDDED = { mode: 'embedded', secretId: 'AKID1' };
const SECURE = { secretKey: 'the-secret-key' };

describe('instances', () => {
  let now: number;
  let events: string[];
  let failNext: Error | undefined;
  let instances: Instances;

  /** Names a service by what tells it from the others. */
  const nameOf = (settings: Settings) =>
    settings.mode === 'remote' ? settings.url : settings.accountName;

  async function open(settings: Settings): Promise<OpenService> {
    const name = nameOf(settings);
    events.push(`open ${name}`);
    if (failNext) {
      const error = failNext;
      failNext = undefined;
      throw error;
    }
    return {
      service: new MemoryService(),
      close: async () => {
        events.push(`close ${name}`);
      },
    };
  }

  beforeEach(() => {
    now = 1_000;
    events = [];
    failNext = undefined;
    instances = new Instances({
      open,
      environment: { GF_PLUGIN_DATA_PATH: '/data' },
      idleMs: 900_000,
      now: () => now,
    });
  });

  const serviceFor = (...context: Parameters<typeof contextOf>) =>
    instances.use(contextOf(...context), async ({ service }) => service);

  test('one service serves a data source, also for calls at the same time', async () => {
    const [first, second] = await Promise.all([serviceFor(), serviceFor()]);
    expect(second).toBe(first);
    expect(await serviceFor()).toBe(first);
    expect(events).toEqual(['open http://127.0.0.1:7070']);
    expect(instances.count('remote')).toBe(1);
  });

  test('organisations and uids have their own', async () => {
    const services = await Promise.all([
      serviceFor(undefined, { uid: 'a' }),
      serviceFor(undefined, { uid: 'b' }),
      serviceFor(undefined, { uid: 'a', orgId: 2n }),
    ]);
    expect(new Set(services).size).toBe(3);
  });

  test('changed settings replace it, and the old one is closed before the new one opens', async () => {
    const first = await serviceFor(EMBEDDED, { secure: SECURE });
    const second = await serviceFor(
      { ...EMBEDDED, accountName: 'two' },
      { secure: SECURE, updated: 2n },
    );
    expect(second).not.toBe(first);
    expect(events).toEqual(['open default', 'close default', 'open two']);
  });

  test('a changed secret replaces it too, even with the same time of change', async () => {
    const first = await serviceFor(EMBEDDED, { secure: SECURE });
    const second = await serviceFor(EMBEDDED, { secure: { secretKey: 'another-key' } });
    expect(second).not.toBe(first);
  });

  test('a replaced one finishes its call first', async () => {
    let finish: () => void = () => undefined;
    const running = instances.use(
      contextOf(EMBEDDED, { secure: SECURE }),
      () =>
        new Promise<void>((resolve) => {
          finish = resolve;
        }),
    );
    await new Promise(setImmediate);
    const next = serviceFor({ ...EMBEDDED, accountName: 'two' }, { secure: SECURE, updated: 2n });
    await new Promise(setImmediate);
    expect(events).toEqual(['open default']);
    finish();
    await Promise.all([running, next]);
    expect(events).toEqual(['open default', 'close default', 'open two']);
  });

  test('settings that became wrong end the old service', async () => {
    await serviceFor(EMBEDDED, { secure: SECURE });
    await expect(serviceFor({ mode: 'embedded' }, { updated: 2n })).rejects.toThrow('SecretId');
    await instances.closeAll();
    expect(events).toEqual(['open default', 'close default']);
  });

  test('a failed opening is told to all who wait and tried again by the next call', async () => {
    failNext = new Error('folder is taken');
    const calls = await Promise.allSettled([serviceFor(), serviceFor()]);
    expect(calls.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await serviceFor()).toBeInstanceOf(MemoryService);
    expect(events).toHaveLength(2);
  });

  test('what nobody calls is closed; the next call opens it and learns how long it slept', async () => {
    const context = contextOf(EMBEDDED, { secure: SECURE });
    const sleep = () => instances.use(context, async ({ slept }) => slept);
    expect(await sleep()).toBeNull();
    now += 899_999;
    await instances.closeIdle();
    expect(events).toEqual(['open default']);
    now += 1;
    await instances.closeIdle();
    expect(events).toEqual(['open default', 'close default']);
    expect(instances.count('embedded')).toBe(0);
    const from = now;
    now += 5_000;
    expect(await sleep()).toEqual({ from, to: now });
    // A call keeps it awake.
    now += 899_999;
    await sleep();
    now += 899_999;
    await instances.closeIdle();
    expect(instances.count('embedded')).toBe(1);
  });

  test('a call in hand keeps it open however long it takes', async () => {
    await instances.use(contextOf(EMBEDDED, { secure: SECURE }), async () => {
      now += 2_000_000;
      await instances.closeIdle();
    });
    expect(events).toEqual(['open default']);
  });
});
