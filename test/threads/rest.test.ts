import { describe, expect, it } from 'vitest';
import { createRestSignal, MAX_REST, Rest, takeRested, wantRest } from '../../src/threads/rest.ts';

const NOTHING = () => undefined;

/** Uses this much processor time, ms. */
function work(ms: number): void {
  const begun = process.threadCpuUsage();
  for (;;) {
    const { user, system } = process.threadCpuUsage(begun);
    if (user + system >= ms * 1_000) {
      return;
    }
  }
}

describe('Rest', () => {
  it('rests nine times as long as it has worked, and not when no rest is wanted', () => {
    const signal = createRestSignal();
    const rest = new Rest(signal);
    rest.begin(60_000);
    rest.take(NOTHING);
    work(5);
    rest.take(NOTHING);
    expect(takeRested(signal)).toBe(0);
    wantRest(signal, MAX_REST);
    // The time before it was wanted does not count.
    rest.take(NOTHING);
    expect(takeRested(signal)).toBe(0);
    work(5);
    rest.take(NOTHING);
    expect(takeRested(signal)).toBeGreaterThanOrEqual(44);
    wantRest(signal, 0);
    work(5);
    rest.take(NOTHING);
    expect(takeRested(signal)).toBe(0);
  });

  it('takes no more than a tenth from a thread, whatever is asked', () => {
    const signal = createRestSignal();
    wantRest(signal, 1_000_000);
    expect(signal[0]).toBe(MAX_REST);
    wantRest(signal, -1);
    expect(signal[0]).toBe(0);
  });

  it('ends when the rest of the task is used up, so that the task ends too', () => {
    const signal = createRestSignal();
    const rest = new Rest(signal);
    wantRest(signal, MAX_REST);
    rest.begin(30);
    rest.take(NOTHING);
    let times = 0;
    for (let step = 0; step < 20; step += 1) {
      work(2);
      rest.take(NOTHING);
      times += takeRested(signal) > 0 ? 1 : 0;
    }
    // 18 ms and 12 ms, or one long rest on a busy machine.
    expect(times).toBeGreaterThanOrEqual(1);
    expect(times).toBeLessThanOrEqual(2);
    rest.begin(30);
    work(2);
    rest.take(NOTHING);
    expect(takeRested(signal)).toBeGreaterThan(0);
  });

  it('ends a rest when the task must stop, or when no rest is wanted any more', () => {
    const signal = createRestSignal();
    const rest = new Rest(signal);
    wantRest(signal, MAX_REST);
    rest.begin(60_000);
    rest.take(NOTHING);
    work(100);
    let looks = 0;
    const stop = () => {
      looks += 1;
      if (looks === 2) {
        throw new Error('gone');
      }
    };
    expect(() => rest.take(stop)).toThrow('gone');
    expect(looks).toBe(2);
    work(100);
    looks = 0;
    rest.take(() => {
      looks += 1;
      wantRest(signal, 0);
    });
    expect(looks).toBe(1);
  });
});
