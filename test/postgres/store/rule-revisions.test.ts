import { expect, onTestFinished, test } from 'vitest';
import { connectionOf } from '../../../src/store/postgres/connection-settings.ts';
import { Database } from '../../../src/store/postgres/database.ts';
import { createRuleRevisions } from '../../../src/store/postgres/rule-revisions.ts';
import type { RuleRevisions } from '../../../src/store/rule-revisions.ts';
import { withSchema } from '../with-schema.ts';

const made = withSchema();

const revision = (hash: string) => ({ hash, by: 'Kim', needs: { facts: [hash] }, rules: [hash] });

/** Revisions of a server that leads, and of one that does not. */
async function openBoth(): Promise<{ leader: RuleRevisions; other: RuleRevisions }> {
  const leader = (await made.open()).revisions as RuleRevisions;
  const database = new Database({ connection: connectionOf(made.settings), size: 1 });
  onTestFinished(() => database.close());
  return { leader, other: createRuleRevisions(database, -1) };
}

test('a revision waits until the leader puts it in force, and any server may publish one', async () => {
  const { leader, other } = await openBoth();
  expect(await other.latest()).toEqual({ inForce: null, waiting: null });
  await leader.addFirst(revision('first'));
  await leader.addFirst(revision('again'));
  const added = await other.add(revision('断流 \u0000'));
  expect(added).toMatchObject({ hash: '断流 \ufffd', inForceAt: null });
  const before = await leader.latest();
  expect(before.inForce).toMatchObject({ hash: 'first', by: 'Kim', needs: { facts: ['first'] } });
  expect(before.waiting).toEqual(added);
  await leader.putInForce(added.revision);
  expect(await other.latest()).toMatchObject({ inForce: { hash: added.hash }, waiting: null });
  expect(await other.read(added.revision)).toEqual(['断流 \u0000']);
});

test('only the leader puts revisions in force', async () => {
  const { leader, other } = await openBoth();
  await expect(other.addFirst(revision('first'))).rejects.toMatchObject({
    code: 'DATABASE_OWNED',
  });
  const { revision: number } = await other.add(revision('a'));
  await expect(other.putInForce(number)).rejects.toMatchObject({ code: 'DATABASE_OWNED' });
  expect((await leader.latest()).inForce).toBeNull();
});

test('of several that wait the newest counts, and an older one never replaces a newer one', async () => {
  const { leader, other } = await openBoth();
  const a = await other.add(revision('a'));
  const b = await other.add(revision('b'));
  expect((await leader.latest()).waiting).toEqual(b);
  await leader.putInForce(b.revision);
  await leader.putInForce(a.revision);
  expect(await leader.latest()).toMatchObject({ inForce: { hash: 'b' }, waiting: null });
});

test('the latest 50 are kept', async () => {
  const { leader } = await openBoth();
  for (let n = 1; n <= 60; n++) {
    const { revision: number } = await leader.add(revision(`r${n}`));
    await leader.putInForce(number);
  }
  const rows = await made.query('SELECT count(*)::integer AS n FROM rule_revisions');
  expect(rows[0].n).toBe(51);
  expect(await leader.read(1)).toBeUndefined();
});
