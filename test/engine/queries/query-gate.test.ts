import { describe, expect, it } from 'vitest';
import { createQueryGate } from '../../../src/engine/queries/query-gate.ts';

/** Work that ends when it is told to. */
function held() {
  const { promise, resolve } = Promise.withResolvers<string>();
  let begun = false;
  return {
    work: () => {
      begun = true;
      return promise;
    },
    begun: () => begun,
    end: () => resolve('done'),
  };
}

describe('createQueryGate', () => {
  it('runs a limited number, and the others in order of arrival', async () => {
    const gate = createQueryGate({ atOnce: 2 });
    const pendingEvents = [held(), held(), held(), held()];
    const answers = pendingEvents.map(({ work }) => gate.run(work));
    await Promise.resolve();
    const begun = () => pendingEvents.map((one) => one.begun());
    expect(begun()).toEqual([true, true, false, false]);
    pendingEvents[1]?.end();
    await answers[1];
    expect(begun()).toEqual([true, true, true, false]);
    for (const { end } of pendingEvents) {
      end();
    }
    expect(await Promise.all(answers)).toEqual(['done', 'done', 'done', 'done']);
  });

  it('rejects a request when too many wait, or when it waits too long', async () => {
    const gate = createQueryGate({ atOnce: 1, maxWaiting: 1, maxWaitMs: 20 });
    const first = held();
    const answer = gate.run(first.work);
    const second = gate.run(held().work);
    await expect(gate.run(held().work)).rejects.toMatchObject({ code: 'SERVER_BUSY' });
    await expect(second).rejects.toMatchObject({ code: 'SERVER_BUSY' });
    first.end();
    expect(await answer).toBe('done');
    expect(await gate.run(async () => 'free again')).toBe('free again');
  });

  it('runs the next one when a request is cancelled or fails', async () => {
    const gate = createQueryGate({ atOnce: 1 });
    const { promise, reject } = Promise.withResolvers<never>();
    const failing = gate.run(() => promise);
    const leaver = new AbortController();
    const gone = held();
    const left = gate.run(gone.work, leaver.signal);
    const patient = gate.run(async () => 'in time');
    leaver.abort(new Error('gone'));
    await expect(left).rejects.toThrow('gone');
    reject(new Error('broken'));
    await expect(failing).rejects.toThrow('broken');
    expect(await patient).toBe('in time');
    expect(gone.begun()).toBe(false);
  });

  it('rejects all waiting requests when it closes', async () => {
    const gate = createQueryGate({ atOnce: 1 });
    const first = held();
    const answer = gate.run(first.work);
    const second = gate.run(held().work);
    gate.close();
    await expect(second).rejects.toMatchObject({ code: 'SERVER_BUSY' });
    await expect(gate.run(held().work)).rejects.toMatchObject({ code: 'SERVER_BUSY' });
    first.end();
    expect(await answer).toBe('done');
  });
});
