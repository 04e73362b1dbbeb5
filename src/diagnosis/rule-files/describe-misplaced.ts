import { isObject } from '../../model/is-object.ts';
import { CATEGORIES } from '../../model/vocabulary.ts';
import { JsonSyntaxError, type Place, parseJson } from './parse-json.ts';

type Json = Record<string, unknown>;

const GROUPS = ['all', 'any', 'not'];

/** What each kind of file is known by, and the folder where it is read. */
const KINDS: { thing: string; folder: string; has: (value: Json) => boolean }[] = [
  {
    thing: 'patch',
    folder: 'patches',
    has: (value) => isObject(value.patch) && ('rule' in value || 'against' in value),
  },
  {
    thing: 'catalogue',
    folder: 'catalogues',
    has: ({ reasons, texts }) => [reasons, texts].some((list) => Array.isArray(list)),
  },
  {
    thing: 'file of shared conditions',
    folder: 'conditions',
    has: (value) =>
      Object.values(value).some((one) => isObject(one) && GROUPS.some((group) => group in one)),
  },
];

/** A problem of a file that nothing reads where it is. */
export interface Misplaced extends Place {
  check: 'folder' | 'syntax';
  message: string;
}

/**
 * Says what is wrong with a JSON file outside the folders that are read: what its content belongs to, or that it cannot
 * be read, so nobody knows what it was meant to be.
 *
 * @param source - a byte order mark is ignored
 * @param isNamed - whether somebody asked for this very file, so that other content is a mistake too
 * @returns undefined for a rule, which `checkRuleText` reports, and for a file of another purpose
 */
export function describeMisplaced(source: string, isNamed: boolean): Misplaced | undefined {
  let value: unknown;
  try {
    value = parseJson(source.replace(/^\ufeff/, '')).value;
  } catch (thrown) {
    if (thrown instanceof JsonSyntaxError) {
      return { ...thrown.place, check: 'syntax', message: thrown.message };
    }
    throw thrown;
  }
  const start = { line: 1, column: 1, check: 'folder' } as const;
  if (isObject(value)) {
    if ('conditions' in value) {
      return undefined;
    }
    const found = value;
    const kind = KINDS.find(({ has }) => has(found));
    if (kind) {
      return { ...start, message: `put this ${kind.thing} into the folder ${kind.folder}` };
    }
  }
  const folders = [...CATEGORIES, ...KINDS.map(({ folder }) => folder)].join(', ');
  return isNamed
    ? { ...start, message: `this file is not read; those in these folders are: ${folders}` }
    : undefined;
}
