import type { StoredJournalEntry } from '../../model/break.ts';
import type { RuleTexts } from '../../model/diagnosis.ts';
import type { Push } from '../../model/push.ts';
import type { DerivedBatch, DocumentText, EntryKey, StoredDocument } from '../store.ts';
import { breakRowOf } from './break-row.ts';
import type { DocumentRow, JournalRow } from './read-operations.ts';
import type { PushRow } from './stream-operations.ts';
import type { WriteOperations } from './write-operations.ts';

/** Builds a journal entry from its row. */
export function entryOf([seq, account, source, key, receivedAt, body, derived]: JournalRow) {
  return {
    seq,
    account,
    source,
    key,
    receivedAt,
    body: JSON.parse(body),
    derived: JSON.parse(derived),
  } as StoredJournalEntry;
}

/** The distinct source and key pairs of a request for journal entries. */
export function entryKeysOf(keys: readonly EntryKey[]): [source: string, key: string][] {
  return [
    ...new Map(keys.map(({ source, key }) => [`${source} ${key}`, [source, key]])).values(),
  ] as [string, string][];
}

/** Builds a push from its row. */
export function pushOf([
  account,
  domain,
  app,
  stream,
  startedAt,
  endedAt,
  sequence,
  txTime,
]: PushRow): Push {
  const push = { account, domain, app, stream, startedAt, endedAt, sequence };
  return txTime === null ? push : { ...push, txTime };
}

function rowOfPush(push: Push): PushRow {
  const { account, domain, app, stream, startedAt, endedAt, sequence } = push;
  return [account, domain, app, stream, startedAt, endedAt, sequence, push.txTime ?? null];
}

/** Converts a derived batch to the rows that the writer expects. */
export function batchRowsOf(batch: DerivedBatch): Parameters<WriteOperations['commit']>[0] {
  return {
    removed: batch.removed,
    breaks: batch.breaks.map(breakRowOf),
    pushes: batch.pushes.map(rowOfPush),
    cursor: batch.cursor,
    ...(batch.supersedes ? { supersedes: batch.supersedes } : {}),
  };
}

/** Builds a document from its row. */
export function documentOf([kind, id, account, at, open, body, endedAt]: DocumentRow) {
  const document: StoredDocument = {
    kind,
    id,
    account,
    at,
    open: open === 1,
    body: JSON.parse(body),
  };
  return endedAt === null ? document : { ...document, endedAt };
}

/** Builds the row of a document. */
export function documentRowOf(document: StoredDocument | DocumentText): DocumentRow {
  const { kind, id, account, at, open } = document;
  const json = 'json' in document ? document.json : JSON.stringify(document.body ?? null);
  return [kind, id, account, at, open ? 1 : 0, json, document.endedAt ?? null];
}

/** Builds the texts of a rule from their row. */
export function ruleTextsOf([ruleHash, cause, fix]: [string, string, string]): RuleTexts {
  return { ruleHash, cause: JSON.parse(cause), fix: JSON.parse(fix) };
}
