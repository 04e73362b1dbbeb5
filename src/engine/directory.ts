import { readCsvRows } from '../css/import/index.ts';
import { hashOfStreamCode, STREAM_TYPES, streamHash } from '../css/push-url/index.ts';
import { findFact } from '../model/fact-catalogue.ts';
import type { FactValue } from '../model/facts.ts';

/** Columns of a directory file. */
const DIRECTORY_COLUMNS = [
  'room',
  'user',
  'type',
  'team',
  'vip',
  'contact',
  'stream',
  'account',
] as const;
type Column = (typeof DIRECTORY_COLUMNS)[number];
type Row = Partial<Record<Column, string>> & { more: Record<string, string> };
/** Maximum number of other columns; their values are stored with each break. */
const MAX_MORE = 32;
/** Maximum length of a value of another column, in characters; the rest is cut off. */
const MAX_LENGTH = 200;

function isFixed(name: string): name is Column {
  return DIRECTORY_COLUMNS.some((column) => column === name);
}

/** A line that was left out. */
export interface DirectoryProblem {
  /** From 1. */
  line: number;
  problem: string;
}

/** The stream to look up. */
export interface NamedStream {
  account: string;
  stream: string;
  /** Prefix of the account's stream codes; any when absent. */
  bizid?: string;
}

/** The facts of a directory by lookup key. Plain data, so that it can be posted to a thread. */
export type DirectoryNames = ReadonlyMap<string, Record<string, FactValue>>;

/** A directory of streams: to whom each belongs and who is responsible. */
export interface Directory {
  /** Number of streams; a line without type counts as two. */
  readonly size: number;
  readonly names: DirectoryNames;
  /**
   * Returns the facts of a stream: room, user, streamType, team, vip, contact, and `directory.<column>` for each
   * other column. It is found by StreamName or stream code, otherwise by the room and user of the push URL.
   *
   * @param pushFacts - facts from the push URL
   */
  factsOf(
    stream: NamedStream,
    pushFacts: Readonly<Record<string, FactValue>>,
  ): Record<string, FactValue>;
  /** Calls the listener when the names change; absent if they never do. */
  onChange?(listener: () => void): void;
}

/** Creates a directory from its names. */
function createDirectory(names: DirectoryNames, size: number): Directory {
  return { size, names, factsOf: (stream, pushFacts) => factsIn(names, stream, pushFacts) };
}

/** An empty directory. */
export const NO_DIRECTORY: Directory = createDirectory(new Map(), 0);

const YES = /^(?:1|yes|y|true|vip|x|是)$/i;
const NO = /^(?:|0|no|n|false|否)$/i;

/** StreamNames contain no tab, so it can separate the parts of a key. */
const keyOf = (...parts: string[]) => parts.join('\t');

/**
 * Reads a directory: CSV whose first line names the columns `room`, `user`, `type` (main or aux;
 * both when empty), `team`, `vip` (yes or no), `contact`, `stream` (a StreamName that is not a stream
 * code) and `account` (all when empty). Room and user, or stream, are required. Any other column whose name is a
 * letter with letters, digits and _ becomes the fact `directory.<name>`. Of two lines for one
 * stream, the later one is skipped. Bad lines are reported and skipped.
 *
 * @param lines - without their line ends
 */
export async function readDirectory(
  lines: AsyncIterable<string> | Iterable<string>,
): Promise<{ directory: Directory; problems: DirectoryProblem[] }> {
  const problems: DirectoryProblem[] = [];
  const names = new Map<string, Record<string, FactValue>>();
  const lineOf = new Map<string, number>();
  let columns: (string | undefined)[] | undefined;
  let size = 0;
  for await (const { line, fields, problem } of readCsvRows(lines)) {
    if (columns === undefined) {
      columns = readHeader(fields, line, problems);
      if (columns.length === 0) {
        break;
      }
      continue;
    }
    const row: Row = { more: {} };
    for (const [index, column] of columns.entries()) {
      if (column !== undefined) {
        const value = fields[index]?.trim() ?? '';
        if (isFixed(column)) {
          row[column] = value;
        } else if (value !== '') {
          row.more[`directory.${column}`] = value.slice(0, MAX_LENGTH);
        }
      }
    }
    const invalid =
      problem ??
      (fields.length > columns.length
        ? `the line has ${fields.length} fields, but the first line has ${columns.length}`
        : findProblem(row));
    if (invalid !== undefined) {
      problems.push({ line, problem: invalid });
      continue;
    }
    for (const { keys, facts } of entriesOf(row)) {
      const earlier = lineOf.get(keys[0] as string);
      if (earlier !== undefined) {
        problems.push({ line, problem: `the same stream is on line ${earlier}` });
        break;
      }
      for (const key of keys) {
        names.set(key, facts);
        lineOf.set(key, line);
      }
      size += 1;
    }
  }
  return { directory: createDirectory(names, size), problems };
}

/** Returns the facts of a stream, found by its name or code, otherwise by room and user. */
export function factsIn(
  names: DirectoryNames,
  { account, stream, bizid }: NamedStream,
  pushFacts: Readonly<Record<string, FactValue>>,
): Record<string, FactValue> {
  const isOwn = bizid === undefined || stream.startsWith(`${bizid}_`);
  const hash = isOwn ? hashOfStreamCode(stream) : null;
  const room = pushFacts.room === undefined ? undefined : String(pushFacts.room);
  const user = pushFacts.user === undefined ? undefined : String(pushFacts.user);
  const keys = [
    keyOf('stream', stream),
    ...(hash === null ? [] : [keyOf('hash', hash)]),
    ...(room === undefined || user === undefined
      ? []
      : [keyOf('user', room, user, String(pushFacts.streamType ?? 'main'))]),
  ];
  for (const key of keys) {
    const found = names.get(keyOf(account, key)) ?? names.get(keyOf('', key));
    if (found) {
      return found;
    }
  }
  return {};
}

function readHeader(
  fields: readonly string[],
  line: number,
  problems: DirectoryProblem[],
): (string | undefined)[] {
  const names = fields.map((field) => field.trim().toLowerCase());
  let others = 0;
  const columns = names.map((name, index) => {
    if (isFixed(name)) {
      return name;
    }
    const isNew = names.indexOf(name) === index && findFact(`directory.${name}`) !== undefined;
    others += isNew ? 1 : 0;
    return isNew && others <= MAX_MORE ? name : undefined;
  });
  const has = (column: Column) => columns.includes(column);
  if (!has('stream') && !(has('room') && has('user'))) {
    problems.push({
      line,
      problem: `the first line must name the columns: room,user,type and optionally ${DIRECTORY_COLUMNS.slice(3).join(',')}`,
    });
    return [];
  }
  for (const [index, column] of columns.entries()) {
    if (column === undefined) {
      const why =
        others > MAX_MORE
          ? `there are more than ${MAX_MORE} columns besides the known ones`
          : 'its name must be a letter with letters, digits and _, and different from the others';
      problems.push({ line, problem: `the column "${names[index]}" was ignored: ${why}` });
    }
  }
  return columns;
}

function findProblem({ room, user, type, vip, stream }: Row): string | undefined {
  if (!stream && !(room && user)) {
    return 'room or user is missing';
  }
  if (type && !STREAM_TYPES.some((known) => known === type)) {
    return `type must be main or aux, not "${type}"`;
  }
  if (vip !== undefined && !YES.test(vip) && !NO.test(vip)) {
    return `vip must be yes or no, not "${vip}"`;
  }
  return undefined;
}

function entriesOf(row: Row): { keys: string[]; facts: Record<string, FactValue> }[] {
  const { room = '', user = '', type, team, vip, contact, stream, account = '', more } = row;
  const common: Record<string, FactValue> = {
    ...(room ? { room } : {}),
    ...(user ? { user } : {}),
    ...(team ? { team } : {}),
    ...(vip && YES.test(vip) ? { vip: true } : {}),
    ...(contact ? { contact } : {}),
    ...more,
  };
  if (stream) {
    const facts = type ? { ...common, streamType: type } : common;
    return [{ keys: [keyOf(account, keyOf('stream', stream))], facts }];
  }
  return STREAM_TYPES.filter((one) => !type || one === type).map((one) => ({
    keys: [
      keyOf(account, keyOf('hash', streamHash(room, user, one))),
      keyOf(account, keyOf('user', room, user, one)),
    ],
    facts: { ...common, streamType: one },
  }));
}
