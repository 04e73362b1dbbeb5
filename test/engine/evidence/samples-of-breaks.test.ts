import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SamplesOfBreaks } from '../../../src/engine/evidence/samples-of-breaks.ts';
import type { BreakEvent } from '../../../src/model/break.ts';
import type { BreakEvidence } from '../../../src/model/push.ts';
import { breakRecord } from '../../helpers/break-record.ts';

const NOW = Date.UTC(2026, 2, 1, 12);

beforeEach(() => vi.useFakeTimers({ now: NOW }));
afterEach(() => vi.useRealTimers());

const broke = (id: string, event: Partial<BreakEvent> = {}) =>
  breakRecord(id, {
    verdict: { outcome: 'broken' },
    event: {
      endedAt: Date.now(),
      startedAt: Date.now() - 600_000,
      durationMs: 600_000,
      recoveredAt: null,
      outcome: 'broken',
      facts: {},
      sources: [],
      ...event,
    },
  });

function watch({ problems = [] as BreakEvidence['problems'], canContradict = true } = {}) {
  const asked: string[] = [];
  const samples = new SamplesOfBreaks({
    evidence: {
      async of(id) {
        asked.push(`${id} ${(Date.now() - NOW) / 1_000}`);
        return { problems } as BreakEvidence;
      },
    },
    canContradict: () => canContradict,
    canAsk: (account) => account === 'default',
    now: () => Date.now(),
  });
  return { samples, asked };
}

describe('SamplesOfBreaks', () => {
  it('asks for the samples of a break once, before the page of its stream goes out', async () => {
    const { samples, asked } = watch();
    samples.take([broke('a'), broke('a')]);
    await vi.advanceTimersByTimeAsync(39_000);
    expect(asked).toEqual([]);
    samples.take([broke('a')]);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(asked).toEqual(['a 40']);
  });

  it.each<[string, Partial<BreakEvent>]>([
    ['an account without a key', { account: 'other' }],
    ['a push that was live briefly', { durationMs: 20_000 }],
    ['a break whose samples are known', { facts: { samplesBeforeBreak: 'steady' } }],
    ['an old break', { endedAt: NOW - 180_000 }],
    [
      'a break that was imported quietly',
      { sources: [{ source: 'file', key: 'k', receivedAt: NOW, quiet: true }] },
    ],
  ])('does not ask for %s', async (_name, event) => {
    const { samples, asked } = watch();
    samples.take([broke('a', event)]);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(asked).toEqual([]);
  });

  it('does not ask where no sample can speak against the cause', async () => {
    const { samples, asked } = watch({ canContradict: false });
    samples.take([broke('a')]);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(asked).toEqual([]);
  });

  it('does not ask when the stream is back, or the break no longer exists', async () => {
    const { samples, asked } = watch();
    samples.take([broke('a'), broke('b'), broke('c')]);
    samples.take([broke('a', { recoveredAt: NOW + 5_000 })]);
    samples.remove('b');
    await vi.advanceTimersByTimeAsync(600_000);
    expect(asked).toEqual(['c 40']);
  });

  it('asks for few breaks of a storm', async () => {
    const { samples, asked } = watch();
    samples.take(Array.from({ length: 200 }, (_unused, index) => broke(`s${index}`)));
    await vi.advanceTimersByTimeAsync(600_000);
    expect(asked).toHaveLength(5);
  });

  it('leaves an account alone for ten minutes after a failure', async () => {
    const { samples, asked } = watch({
      problems: [{ code: 'CSS_AUTH', message: '', remedy: '' } as never],
    });
    samples.take([broke('a')]);
    await vi.advanceTimersByTimeAsync(60_000);
    samples.take([broke('b')]);
    await vi.advanceTimersByTimeAsync(600_000);
    samples.take([broke('c')]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toEqual(['a 40', 'c 700']);
  });

  it('asks nothing once it is closed', async () => {
    const { samples, asked } = watch();
    samples.take([broke('a')]);
    samples.close();
    await vi.advanceTimersByTimeAsync(600_000);
    expect(asked).toEqual([]);
  });
});
