import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import type { StoredDocument } from '../../../src/store/store.ts';
import { DAY, makeEntry, makeRecord } from '../../store/make-record.ts';

const MINUTE = 60_000;

function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Number of breaks before the purge. */
const BREAKS = 900;

/**
 * Fills a data folder with something of everything: breaks of many streams, with odd names, that recover or not,
 * diagnosed again, merged and purged; pushes, documents of several kinds that are open or not, state and texts.
 */
export async function makeFolder(folder: string): Promise<void> {
  const random = randomFrom(5);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const store = await openSqliteStore({ folder });
  const records = Array.from({ length: BREAKS }, (_one, n) => {
    const endedAt = DAY + Math.floor(random() * 30 * 60) * MINUTE;
    const [reason, category, outcome] = pick([
      ['network', 'network', 'broken'],
      ['expiry_passed', 'auth', 'refused'],
      ['client_closed', 'client', 'ended'],
    ] as const);
    return makeRecord({
      id: `${endedAt}/${n}`,
      endedAt,
      ...{ reason, category, outcome },
      account: pick(['default', 'other']),
      domain: `push${Math.floor(random() * 4)}.example.com`,
      stream: pick([`shop-${Math.floor(random() * 30)}`, 'stream % _ \\ \u{1f600}', 'nul\0name']),
      node: pick(['node-a', 'node-b', null]),
      clientIp: pick(['203.0.113.1', '203.0.113.2', null]),
      recoveredAt: random() < 0.2 ? null : endedAt + Math.floor(random() * 30) * MINUTE,
      reasonText: pick(['The push timed out.', 'says "\\u0000"', null]),
    });
  });
  await store.append(
    records.map(({ event }) =>
      makeEntry(`${event.id}:0`, {
        account: event.account,
        receivedAt: event.endedAt,
        body: { stream_id: event.stream, errcode: 18 },
      }),
    ),
  );
  for (let at = 0; at < BREAKS; at += 100) {
    const part = records.slice(at, at + 100);
    await store.commit({
      breaks: part,
      removed: at === 0 ? [] : [records[at - 1]?.event.id as string],
      pushes: part.map(({ event }, n) => ({
        account: event.account,
        domain: event.domain,
        app: event.app,
        stream: event.stream,
        startedAt: event.endedAt - 60_000 - n,
        endedAt: n % 9 === 0 ? null : event.endedAt,
        sequence: n % 5 === 0 ? null : `${at + n}`,
        ...(n % 7 === 0 && { txTime: event.endedAt + MINUTE }),
      })),
      cursor: Math.min(at + 100, BREAKS - 50),
    });
  }
  const again = records.slice(300, 340);
  await store.commit({
    breaks: again.map((record) => ({
      ...record,
      verdict: { ...record.verdict, confidence: 'certain' },
    })),
    removed: [],
    pushes: [],
    cursor: 0,
    supersedes: { ids: again.map(({ event }) => event.id), at: DAY + 1 },
  });
  await store.purge({
    before: DAY + 60 * MINUTE,
    arrivedBefore: DAY + 30 * MINUTE,
    openBefore: DAY,
    minutesBefore: 0,
    needed: [],
  });
  await store.putDocuments(
    ['red', 'green', 'blue', 'white', 'black'].flatMap((kind) =>
      Array.from(
        { length: 20 },
        (_one, n): StoredDocument => ({
          kind,
          id: `${kind}-${n}`,
          account: n % 2 === 0 ? 'default' : 'other',
          at: DAY + n * 40 * MINUTE,
          open: n % 4 === 0,
          endedAt: n % 4 === 0 ? null : DAY + n * 80 * MINUTE,
          body: { text: `“${n}” 断流`, nested: [n, null, { n }] },
        }),
      ),
    ),
  );
  await store.putRuleTexts([
    { ruleHash: 'aa', cause: { en: 'Why.' }, fix: [{ en: 'Do it.' }] },
    { ruleHash: 'bb', cause: { en: 'Why not.' }, fix: [] },
  ]);
  for (const name of ['poll:default', 'coverage:default', 'rules']) {
    await store.setState(name, { name, at: DAY });
  }
  await store.close();
}
