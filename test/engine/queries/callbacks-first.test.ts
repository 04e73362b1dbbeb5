import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { loadRules } from '../../../src/diagnosis/rule-files/load-rules.ts';
import { shippedRulesFolder } from '../../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { createEngine } from '../../../src/engine/create-engine.ts';
import {
  type HeldBack,
  holdBackForCallbacks,
} from '../../../src/engine/queries/callbacks-first.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import { makeAccount } from '../../helpers/make-account.ts';
import { CALLBACK_KEY, signedCallback } from '../../helpers/signed-callback.ts';

const SOON = { timeout: 30_000 };

describe('holdBackForCallbacks', () => {
  const closers: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) {
      await close();
    }
  });

  function start() {
    const held: HeldBack[] = [];
    const first = holdBackForCallbacks((one) => held.push(one));
    closers.push(first.close);
    /** Callbacks that wait until they are told to end. */
    const stall = (count: number) => {
      const writer = Promise.withResolvers<void>();
      const all = Promise.all(
        Array.from({ length: count }, () => first.measure(() => writer.promise)),
      );
      return { end: writer.resolve, all };
    };
    return { first, held, stall };
  }

  it('holds queries back while the writer is stalled, and lets them go afterwards', async () => {
    const { first, held, stall } = start();
    const { end, all } = stall(5);
    await vi.waitFor(() => expect(held.at(-1)?.share).toBe(0.9), SOON);
    expect(first.isHolding()).toBe(true);
    end();
    await all;
    await vi.waitFor(() => expect(first.isHolding()).toBe(false), SOON);
    expect(held.at(-1)?.share).toBe(0);
    expect(first.signal[0]).toBe(0);
  });

  it('does not hold back for a few slow callbacks, nor for many quick ones', async () => {
    const { first, held, stall } = start();
    const { end, all } = stall(3);
    await new Promise((resolve) => setTimeout(resolve, 200));
    end();
    await all;
    for (let count = 0; count < 500; count += 1) {
      await first.measure(async () => undefined);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(held).toEqual([]);
  });

  it('returns what a callback returns and throws what it throws', async () => {
    const { first } = start();
    expect(await first.measure(async () => 7)).toBe(7);
    await expect(first.measure(() => Promise.reject(new Error('disk full')))).rejects.toThrow(
      'disk full',
    );
  });

  it('is part of the engine: queries of many clients rest and are all answered', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'breakwatch-first-'));
    closers.push(() => rm(folder, { recursive: true, force: true }));
    const { ruleSet } = await loadRules([shippedRulesFolder()]);
    const store = await openSqliteStore({ folder });
    let gate = Promise.resolve();
    const held: HeldBack[] = [];
    const engine = await createEngine({
      store: {
        ...store,
        async append(entries) {
          await gate;
          return store.append(entries);
        },
      },
      rules: ruleSet,
      accounts: [makeAccount({ callbackKeys: [CALLBACK_KEY] })],
      version: '9.9.9',
      hooks: { heldBack: (one) => held.push(one) },
    });
    closers.push(() => engine.close());
    const accept = (sequence: number) =>
      engine.acceptCallback(
        'default',
        signedCallback({ change: { sequence: String(sequence), stream_id: `shop-${sequence}` } }),
      );
    await Promise.all(Array.from({ length: 200 }, (_one, index) => accept(index)));
    await engine.idle();
    const ask = () =>
      engine.query({
        from: Date.now() - 3_600_000,
        to: Date.now() + 60_000,
        queries: [
          { refId: 'A', queryType: 'incidents' },
          { refId: 'B', queryType: 'breaks' },
        ],
      });
    // Starts the thread.
    await ask();
    const writer = Promise.withResolvers<void>();
    gate = writer.promise;
    const stalled = Array.from({ length: 8 }, (_one, index) => accept(1_000 + index));
    await vi.waitFor(() => expect(held.at(-1)?.share).toBeGreaterThan(0), SOON);
    const answers = await Promise.all(Array.from({ length: 4 }, ask));
    for (const { results } of answers) {
      expect(results).toMatchObject({ A: { frames: [{}] }, B: { frames: [{}] } });
    }
    await vi.waitFor(
      () => expect(held.reduce((sum, { restedMs }) => sum + restedMs, 0)).toBeGreaterThan(0),
      SOON,
    );
    writer.resolve();
    await Promise.all(stalled);
    await vi.waitFor(() => expect(held.at(-1)?.share).toBe(0), SOON);
  });
});
