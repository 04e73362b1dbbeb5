import type { Static } from 'typebox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeliveryState } from '../../src/alerts/outbox/notice-book.ts';
import { findProblem } from '../../src/contract/find-problem.ts';
import type { Equal } from '../../src/contract/schema.ts';
import {
  BreakRecordSchema,
  DOCUMENT_SCHEMAS,
  JournalEntrySchema,
  type StoredNoticeSchema,
} from '../../src/contract/stored.ts';
import { breakRecord, HOUR, NOON } from '../helpers/break-record.ts';
import { startTestServer, type TestServer } from '../helpers/running-server.ts';

true satisfies Equal<Static<typeof StoredNoticeSchema>['channels'], Record<string, DeliveryState>>;

const quote = (text: string) => text;

describe('stored documents', () => {
  let running: TestServer;
  beforeAll(async () => {
    running = await startTestServer();
    await running.temporary.insert(breakRecord('a'));
  });
  afterAll(() => running.stop());

  it('of breaks and of the journal match the contract', async () => {
    const { store } = running.temporary;
    const range = { from: NOON - HOUR, to: NOON + HOUR };
    const [record] = await store.findBreaks({ range, filters: {}, limit: 1 });
    expect(record?.event.id).toBe('a');
    expect(findProblem(BreakRecordSchema, record, quote)).toBeNull();
    await running.engine.acceptCallback('default', { sign: 'right', sequence: '7' });
    const [stored] = await store.journal(0, 1);
    const { seq: _seq, ...entry } = stored as NonNullable<typeof stored>;
    expect(findProblem(JournalEntrySchema, entry, quote)).toBeNull();
  });

  it('of feedback match the contract', async () => {
    const response = await fetch(`${running.url}/api/v1/breaks/a/feedback`, {
      method: 'POST',
      body: JSON.stringify({ verdict: 'right', by: 'ann' }),
    });
    expect(response.status).toBe(200);
    const [feedback] = await running.temporary.store.findDocuments({ kind: 'feedback', limit: 1 });
    expect(findProblem(DOCUMENT_SCHEMAS.feedback, feedback?.body, quote)).toBeNull();
  });

  it('are rejected when a field is not in the contract', () => {
    const { event, verdict } = breakRecord('a');
    const record = { event: { ...event, colour: 'red' }, verdict };
    expect(findProblem(BreakRecordSchema, record, quote)).toEqual({
      field: 'event.colour',
      problem: expect.stringContaining('is unknown'),
    });
  });
});
