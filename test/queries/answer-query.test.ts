import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerQueries } from '../../src/queries/answer-query.ts';
import { parseQueryRequest } from '../../src/queries/parse-request.ts';
import { breakRecord, HOUR, NOON } from '../helpers/break-record.ts';
import { queryContext } from '../helpers/query-context.ts';
import { openTemporaryStore, type TemporaryStore } from '../helpers/temporary-store.ts';

describe('answerQueries', () => {
  let temporary: TemporaryStore;
  beforeAll(async () => {
    temporary = await openTemporaryStore();
    await temporary.insert(breakRecord('a'));
  });
  afterAll(() => temporary.remove());

  const request = parseQueryRequest({
    from: NOON - HOUR,
    to: NOON + HOUR,
    queries: [
      { refId: 'A', queryType: 'breaks' },
      { refId: 'B', queryType: 'series' },
      { refId: 'C', queryType: 'annotations' },
      { refId: 'D', queryType: 'lookup', text: '6012' },
      { refId: '__proto__', queryType: 'lookup', text: '18/501' },
    ],
  });

  it('answers each query under its refId, even an unusual one', async () => {
    const { results } = await answerQueries(request, queryContext(temporary.store));
    expect(Object.keys(results)).toEqual(['A', 'B', 'C', 'D', '__proto__']);
    for (const answer of Object.values(results)) {
      expect(answer).toHaveProperty('frames');
    }
  });

  it('says in each answer which fields were left out', async () => {
    const given = { ...request, unknownFields: ['smooth', 'colour'] };
    const { results } = await answerQueries(given, queryContext(temporary.store));
    for (const answer of Object.values(results)) {
      const notices = 'frames' in answer ? answer.frames[0]?.meta?.notices : [];
      expect(notices?.[0]?.text).toContain('ignored: smooth, colour');
    }
  });

  it('rejects once the caller has aborted', async () => {
    const gone = AbortSignal.abort(new Error('gone'));
    await expect(answerQueries(request, queryContext(temporary.store), gone)).rejects.toThrow(
      'gone',
    );
  });

  it('reads the texts of a rule once', async () => {
    const asked: string[][] = [];
    const { store } = temporary;
    const context = queryContext({
      ...store,
      kind: store.kind,
      findBreaks: (search) => store.findBreaks(search),
      ruleTexts: (hashes) => {
        asked.push(hashes);
        return store.ruleTexts(hashes);
      },
    });
    const breaks = { ...request, queries: request.queries.slice(0, 1) };
    await answerQueries(breaks, context);
    await answerQueries(breaks, context);
    expect(asked).toHaveLength(1);
  });

  // The last: it closes the store that all of these share.
  it('answers other queries when the store fails for one', async () => {
    const context = queryContext(temporary.store);
    await temporary.store.close();
    const { results } = await answerQueries(request, context);
    for (const refId of ['A', 'B', 'C']) {
      expect(results[refId]).toEqual({
        error: { code: 'STORE_FAILED', message: expect.any(String), remedy: expect.any(String) },
      });
    }
    expect(results.D).toHaveProperty('frames');
  });
});
