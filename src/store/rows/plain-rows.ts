import type { StoredJournalEntry } from '../../model/break.ts';
import type { RuleTexts } from '../../model/diagnosis.ts';
import type { Push } from '../../model/push.ts';
import type { DerivedBatch, DocumentText, EntryKey, StoredDocument } from '../store.ts';
import { type BreakRow, breakRowOf } from './break-row.ts';

/** A journal entry with unparsed JSON: seq, account, source, key, receivedAt, body, derived. */
export type JournalRow = [number, string, string, string, number, string, string];

/** A document, its body as JSON. */
export type DocumentRow = [
  kind: string,
  id: string,
  account: string,
  at: number,
  open: number,
  body: string,
  endedAt: number | null,
];

/** A push: account, domain, app, stream, startedAt, endedAt, sequence, txTime. */
export type PushRow = [
  account: string,
  domain: string,
  app: string,
  stream: string,
  startedAt: number,
  endedAt: number | null,
  sequence: string | null,
  txTime: number | null,
];

/** A derived batch as rows. */
export interface BatchRows extends Pick<DerivedBatch, 'removed' | 'cursor' | 'supersedes'> {
  breaks: BreakRow[];
  pushes: PushRow[];
  documents: DocumentRow[];
}

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
export function batchRowsOf(batch: DerivedBatch): BatchRows {
  return {
    removed: batch.removed,
    breaks: batch.breaks.map(breakRowOf),
    pushes: batch.pushes.map(rowOfPush),
    cursor: batch.cursor,
    documents: (batch.documents ?? []).map(documentRowOf),
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

/** The row of a rule's texts. */
export function ruleTextRowOf({
  ruleHash,
  cause,
  fix,
}: RuleTexts): [hash: string, cause: string, fix: string] {
  return [ruleHash, JSON.stringify(cause), JSON.stringify(fix)];
}

/** Builds the texts of a rule from their row. */
export function ruleTextsOf([ruleHash, cause, fix]: [string, string, string]): RuleTexts {
  return { ruleHash, cause: JSON.parse(cause), fix: JSON.parse(fix) };
}
