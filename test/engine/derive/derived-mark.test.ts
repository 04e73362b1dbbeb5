import { describe, expect, it } from 'vitest';
import { DerivedMark } from '../../../src/engine/derive/derived-mark.ts';
import { BreakwatchError } from '../../../src/model/errors.ts';

/** Whether it resolves without anything else happening. */
async function isAtOnce(waiting: Promise<void>): Promise<boolean> {
  const turn = new Promise<boolean>((resolve) => setImmediate(() => resolve(false)));
  return Promise.race([waiting.then(() => true), turn]);
}

describe('DerivedMark', () => {
  it('waits for what was journalled before, and for nothing that comes later', async () => {
    const mark = new DerivedMark();
    expect(await isAtOnce(mark.caughtUp())).toBe(true);
    mark.journalled(7);
    const waiting = mark.caughtUp();
    mark.journalled(9);
    mark.derived(6);
    expect(await isAtOnce(waiting)).toBe(false);
    mark.derived(8);
    expect(await isAtOnce(waiting)).toBe(true);
    expect(await isAtOnce(mark.caughtUp())).toBe(false);
  });

  it('waits neither for a storm nor for deriving that fails', async () => {
    const mark = new DerivedMark();
    mark.journalled(10_000);
    expect(await isAtOnce(mark.caughtUp())).toBe(true);
    mark.derived(9_990);
    const waiting = mark.caughtUp();
    expect(await isAtOnce(waiting)).toBe(false);
    mark.failed(new BreakwatchError('STORE_FAILED', { problem: 'out of luck' }));
    expect(mark.health).toMatchObject({ behind: 10, error: { code: 'STORE_FAILED' } });
    expect(await isAtOnce(waiting)).toBe(true);
    expect(await isAtOnce(mark.caughtUp())).toBe(true);
    mark.derived(9_995);
    expect(mark.health).toEqual({ behind: 5, error: null });
    expect(await isAtOnce(mark.caughtUp())).toBe(false);
    mark.derived(10_000);
  });
});
