import { describe, expect, it } from 'vitest';
import { DeriveProgress } from '../../../src/engine/derive/derive-progress.ts';
import { BreakwatchError } from '../../../src/model/errors.ts';

/** Whether a promise resolves before the next turn of the event loop. */
async function isAtOnce(waiting: Promise<void>): Promise<boolean> {
  const turn = new Promise<boolean>((resolve) => setImmediate(() => resolve(false)));
  return Promise.race([waiting.then(() => true), turn]);
}

describe('DeriveProgress', () => {
  it('waits for entries journalled before, and not for later ones', async () => {
    const progress = new DeriveProgress();
    expect(await isAtOnce(progress.untilDerived())).toBe(true);
    progress.journalled(7);
    const waiting = progress.untilDerived();
    progress.journalled(9);
    progress.derived(6);
    expect(await isAtOnce(waiting)).toBe(false);
    progress.derived(8);
    expect(await isAtOnce(waiting)).toBe(true);
    expect(await isAtOnce(progress.untilDerived())).toBe(false);
  });

  it('does not wait during a storm or while deriving fails', async () => {
    const progress = new DeriveProgress();
    progress.journalled(10_000);
    expect(await isAtOnce(progress.untilDerived())).toBe(true);
    progress.derived(9_990);
    const waiting = progress.untilDerived();
    expect(await isAtOnce(waiting)).toBe(false);
    progress.failed(new BreakwatchError('STORE_FAILED', { problem: 'out of luck' }));
    expect(progress.health).toMatchObject({ behind: 10, error: { code: 'STORE_FAILED' } });
    expect(await isAtOnce(waiting)).toBe(true);
    expect(await isAtOnce(progress.untilDerived())).toBe(true);
    progress.derived(9_995);
    expect(progress.health).toEqual({ behind: 5, error: null });
    expect(await isAtOnce(progress.untilDerived())).toBe(false);
    progress.derived(10_000);
  });
});
