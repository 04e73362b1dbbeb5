import { expect, onTestFinished, test } from 'vitest';
import type { AuditEntry } from '../../../src/engine/audit-log.ts';
import { storedAuditLog } from '../../../src/engine/servers/stored-audit-log.ts';
import { openActionLog } from '../../../src/store/postgres/open-action-log.ts';
import { DAY } from '../../store/make-record.ts';
import { withSchema } from '../with-schema.ts';

const made = withSchema();

const entry = (id: string, phase: AuditEntry['phase'], at: number): AuditEntry => ({
  ...{ at, id, phase, via: 'http', by: 'li', account: 'a', action: 'drop' },
  ...{ domain: 'd', app: 'live', stream: 's', resumeAt: null, reason: 'sign=0123456789abcdef0123' },
});

test('servers and commands write one log of actions, whichever leads, and no purge deletes it', async () => {
  const store = await made.open();
  const logs = [1, 2].map(() => {
    const opened = openActionLog(made.settings);
    onTestFinished(() => opened.close());
    return storedAuditLog(opened);
  });
  const ids = Array.from({ length: 20 }, (_one, n) => `action-${String(n).padStart(2, '0')}`);
  await Promise.all(
    ids.map(async (id, n) => {
      await logs[n % 2]?.append(entry(id, 'ordered', DAY + n));
      await logs[n % 2]?.append(entry(id, 'done', DAY + n));
    }),
  );
  const [one] = logs;
  expect((await one?.latest(3))?.map(({ id, phase }) => `${id} ${phase}`)).toEqual([
    'action-19 done',
    'action-19 ordered',
    'action-18 done',
  ]);
  const before = DAY + 86_400_000;
  await store.purge({ before, arrivedBefore: 0, openBefore: 0, minutesBefore: 0, needed: [] });
  const kept = await one?.latest(1_000);
  expect(kept).toHaveLength(40);
  expect(JSON.stringify(kept)).not.toContain('0123456789abcdef0123');
});

test('a database that is away is an error of the log, before anything is done', async () => {
  const opened = openActionLog({ url: 'postgres://nobody@/nothing?host=/nowhere' });
  onTestFinished(() => opened.close());
  await expect(storedAuditLog(opened).append(entry('a', 'ordered', DAY))).rejects.toMatchObject({
    code: 'AUDIT_FAILED',
  });
});
