import type { BreakEvent, JournalEntry, SourceKey } from '../../model/break.ts';
import type { AnswerError } from '../../model/errors.ts';
import type { Facts, FactValue } from '../../model/facts.ts';
import { SOURCES } from '../../model/vocabulary.ts';
import { maskSecrets } from '../../secrets/mask-secrets.ts';
import { maskedError } from '../../secrets/masked-error.ts';
import { factsOf } from '../read-arrival.ts';
import type { JsonRecord } from './read-json-records.ts';

/**
 * Version of the lines of an export. Each line has it, so lines can be sorted out, split and joined. Increase it
 * when an older Breakwatch would misread a line.
 */
const EXPORT_VERSION = 1;

/** Keys of callbacks and API records are hashes or sequences; longer ones are mistakes. */
const MAX_KEY_LENGTH = 512;
/** A message cannot arrive later than this after now, ms. Clocks may differ. */
const MAX_AHEAD_MS = 86_400_000;

/** What identifies a break of an export, and the facts with which it was diagnosed. */
export type ExportedFacts = Pick<BreakEvent, 'id' | 'account' | 'sources' | 'facts'>;

/** The first line of an export, which tells when and by which version it was written. */
export function printExportStart(version: string, at: number): string {
  return printLine('export', { version, at });
}

/** A line with a journal entry. */
export function printExportedEntry(entry: JournalEntry): string {
  const { account, source, key, receivedAt, body } = entry;
  return printLine('entry', { account, source, key, receivedAt, body, derived: factsOf(entry) });
}

/**
 * A line with the facts of a break. Facts about other breaks count those that were known at that time, so they
 * cannot be computed again from the journal.
 */
export function printExportedFacts({ id, account, sources, facts }: ExportedFacts): string {
  const keys = sources.map(({ source, key, receivedAt }) => ({ source, key, receivedAt }));
  return printLine('facts', { id, account, sources: keys, facts });
}

/** The last line. Without it, or with other numbers of lines before it, the file was cut. */
export function printExportEnd(counts: { entries: number; facts: number }): string {
  return printLine('end', counts);
}

function printLine(kind: string, fields: object): string {
  return `${JSON.stringify({ breakwatch: EXPORT_VERSION, kind, ...fields })}\n`;
}

/** Whether a record is a line of an export. */
export function isExportLine(record: unknown): record is Record<string, unknown> {
  return typeof record === 'object' && record !== null && 'breakwatch' in record;
}

/** Whether a record has the facts of a break, not an event of its own. */
export function isFactsLine(record: unknown): boolean {
  return isExportLine(record) && record.kind === 'facts';
}

/**
 * Checks the lines of exports in a file: their version, and whether each export is complete. Passes on entries,
 * facts and all other records; first and last lines are left out.
 */
export async function* checkExports(
  records: AsyncIterable<JsonRecord>,
): AsyncGenerator<JsonRecord> {
  let open: { entries: number; facts: number } | undefined;
  let last = 0;
  const cut = (): AnswerError => maskedError('EXPORT_INCOMPLETE', {}).toAnswer();
  for await (const one of records) {
    last = one.line;
    if (!('record' in one) || !isExportLine(one.record)) {
      yield one;
      continue;
    }
    const { record, line } = one;
    if (record.breakwatch !== EXPORT_VERSION) {
      yield { line, error: otherVersion(record.breakwatch).toAnswer() };
      continue;
    }
    if (record.kind === 'export') {
      if (open) {
        yield { line, error: cut() };
      }
      open = { entries: 0, facts: 0 };
    } else if (record.kind === 'end') {
      if (open && (record.entries !== open.entries || record.facts !== open.facts)) {
        yield { line, error: cut() };
      }
      open = undefined;
    } else {
      if (open && record.kind === 'entry') {
        open.entries += 1;
      } else if (open && record.kind === 'facts') {
        open.facts += 1;
      }
      yield one;
    }
  }
  if (open) {
    yield { line: last, error: cut() };
  }
}

function otherVersion(found: unknown) {
  return maskedError('EXPORT_VERSION', {
    found: typeof found === 'number' ? String(found) : 'unknown',
    known: EXPORT_VERSION,
  });
}

/** What a line of an export has for the journal. */
export type ExportedRecord = { entry: JournalEntry } | { facts: ExportedFacts } | null;

/**
 * Reads a line of an export. Secrets are masked once more, because anybody can write such a file.
 *
 * @param account - replaces the account of the line; null keeps it
 * @param now - epoch ms UTC
 * @param secrets - callback and push keys, masked wherever they occur
 * @returns null for the first and the last line
 * @throws `EXPORT_VERSION`, `BAD_EVENT` naming the field
 */
export function readExportLine(
  line: Record<string, unknown>,
  account: string | null,
  now: number,
  secrets: readonly string[] = [],
): ExportedRecord {
  if (line.breakwatch !== EXPORT_VERSION) {
    throw otherVersion(line.breakwatch);
  }
  switch (line.kind) {
    case 'export':
    case 'end':
      return null;
    case 'entry':
      return { entry: readEntry(line, account, now, secrets) };
    case 'facts':
      return {
        facts: {
          id: textOf(line, 'id'),
          account: account ?? textOf(line, 'account'),
          sources: readSources(line.sources, now),
          facts: maskSecrets(readFacts(line, 'facts'), secrets),
        },
      };
    default:
      return bad('kind must be export, entry, facts or end');
  }
}

/** The account that a line of an export names; null for none. */
export function accountOfLine(line: Record<string, unknown>): string | null {
  return typeof line.account === 'string' ? line.account : null;
}

function readEntry(
  line: Record<string, unknown>,
  account: string | null,
  now: number,
  secrets: readonly string[],
): JournalEntry {
  const { body } = line;
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    bad('body must be an object');
  }
  const masked = maskSecrets({ body, derived: readFacts(line, 'derived') }, secrets);
  return {
    account: account ?? textOf(line, 'account'),
    ...readSource(line, now, secrets),
    body: masked.body as Record<string, unknown>,
    derived: masked.derived,
  };
}

function readSource(value: unknown, now: number, secrets: readonly string[] = []): SourceKey {
  const fields = (value ?? {}) as Record<string, unknown>;
  const source = SOURCES.find((known) => known === fields.source);
  const key = textOf(fields, 'key');
  const { receivedAt } = fields;
  if (source === undefined) {
    bad(`source must be one of ${SOURCES.join(', ')}`);
  }
  if (key.length > MAX_KEY_LENGTH || maskSecrets(key, secrets) !== key) {
    bad('key is too long or has a secret');
  }
  if (typeof receivedAt !== 'number' || !Number.isSafeInteger(receivedAt) || receivedAt < 0) {
    bad('receivedAt must be a time in ms');
  }
  if (receivedAt > now + MAX_AHEAD_MS) {
    bad('receivedAt is in the future');
  }
  return { source, key, receivedAt };
}

function readSources(value: unknown, now: number): SourceKey[] {
  return Array.isArray(value) && value.length > 0
    ? value.map((one) => readSource(one, now))
    : bad('sources must be a list');
}

function readFacts(line: Record<string, unknown>, name: string): Facts {
  const value = line[name];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    bad(`${name} must be an object`);
  }
  for (const fact of Object.values(value)) {
    if (!['string', 'number', 'boolean'].includes(typeof fact)) {
      bad(`${name} must have only strings, numbers, true and false`);
    }
  }
  return value as Record<string, FactValue>;
}

function textOf(fields: Record<string, unknown>, name: string): string {
  const value = fields[name];
  return typeof value === 'string' && value !== '' ? value : bad(`${name} must be a string`);
}

function bad(problem: string): never {
  throw maskedError('BAD_EVENT', { problem: `it is a damaged line of an export: ${problem}` });
}
