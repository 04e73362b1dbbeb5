import { expect, it } from 'vitest';
import { callbackEntry, parseCallback } from '../../../src/css/callbacks/callback.ts';
import { createDiagnoser } from '../../../src/diagnosis/run/create-diagnoser.ts';
import { createDeriver } from '../../../src/engine/derive/deriver.ts';
import { openThreadStore } from '../../../src/store/open-thread-store.ts';
import { signedCallback } from '../../helpers/signed-callback.ts';
import { openTemporaryStore } from '../../helpers/temporary-store.ts';

it('lets the event loop turn between two batches, so that a long backlog can be ended', async () => {
  const { store, remove } = await openTemporaryStore();
  const entries = Array.from({ length: 600 }, (_none, place) => {
    const change = { errcode: 13, sequence: String(place), stream_id: `shop-${place}` };
    return callbackEntry('default', parseCallback(signedCallback({ change })), Date.now(), []);
  });
  await store.append(entries);
  const own = openThreadStore(store.share);
  const closed = Promise.withResolvers<void>();
  const batches: number[] = [];
  const deriver = createDeriver(
    {
      store: own,
      diagnoser: createDiagnoser({ hash: 'none', rules: [] }),
      apiState: () => undefined,
      now: Date.now,
    },
    (note) => {
      batches.push(note.entries);
      // As a message from another thread comes.
      setImmediate(() => deriver.close().then(closed.resolve));
    },
    (error) => expect(error).toBeUndefined(),
  );
  deriver.wake();
  await closed.promise;
  expect(batches).toEqual([250]);
  expect(await store.cursor()).toBe(250);
  await own.close();
  await remove();
});
