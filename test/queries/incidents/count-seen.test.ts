import { expect, onTestFinished, test } from 'vitest';
import {
  countSeen,
  countSeenOfAll,
  type SeenRequest,
} from '../../../src/queries/incidents/count-seen.ts';
import type { StoredDocument } from '../../../src/store/store.ts';
import { openTemporaryStore } from '../../helpers/temporary-store.ts';
import { DAY, makeRecord } from '../../store/make-record.ts';

const HOUR = 3_600_000;

function request(index: number, account: string): SeenRequest {
  const startedAt = DAY + index * HOUR;
  const cause = makeRecord({ id: `cause-${account}-${index}`, endedAt: startedAt, account });
  const scope = { kind: 'account', account, value: account } as const;
  return { id: `inc-${account}-${index}`, startedAt, scope, cause };
}

function fixed({ id, startedAt, scope, cause }: SeenRequest, note: number): StoredDocument {
  const at = startedAt + 1_000;
  const body = {
    incident: id,
    reason: cause.verdict.reason,
    scope,
    notes: [{ at, by: 'li', text: `note ${note}`, fixed: true }],
    duty: [],
  };
  return {
    kind: 'remarks',
    id: `${id}-${note}`,
    account: scope.account,
    at: startedAt,
    open: false,
    body,
  };
}

for (const notes of [1, 200]) {
  test(`counts for many incidents as for each, with ${notes} notes on each`, async () => {
    const requests = ['shop', 'mall'].flatMap((account) =>
      [0, 1, 2, 3].map((index) => request(index, account)),
    );
    const { store, insert, remove } = await openTemporaryStore();
    onTestFinished(remove);
    await insert(...requests.map(({ cause }) => cause));
    await store.putDocuments(
      requests.flatMap((one) => Array.from({ length: notes }, (_, note) => fixed(one, note))),
    );
    const single = await Promise.all(requests.map((one) => countSeen(one, store, DAY + 9 * HOUR)));
    expect(await countSeenOfAll(requests, store, DAY + 9 * HOUR)).toEqual(single);
    // The first of an account has nothing before it, the others have what happened to those before them alone.
    expect(single.map(({ breaks }) => breaks)).toEqual([0, 1, 2, 3, 0, 1, 2, 3]);
    expect(single.map(({ lastFixed }) => lastFixed?.at ?? null)).toEqual(
      ['shop', 'mall'].flatMap(() =>
        [null, DAY, DAY + HOUR, DAY + 2 * HOUR].map((at) => at && at + 1_000),
      ),
    );
  });
}
