import { LANGUAGES } from '../../model/vocabulary.ts';

/** The order of the keys, by kind of object. Other keys come last, in their original order. */
const RULE_KEYS = [
  '$schema',
  'id',
  'name',
  'description',
  'priority',
  'conditions',
  'event',
  'tests',
  'lint',
];
const CONDITION_KEYS = [
  'all',
  'any',
  'not',
  'condition',
  'fact',
  'operator',
  'value',
  'priority',
  'name',
];
const EVENT_KEYS = ['type', 'params'];
const PARAMS_KEYS = [
  'severity',
  'side',
  'cause',
  'fix',
  'retry',
  'runbook',
  'evidence',
  'outcome',
  'confidence',
  'decisive',
  'contradictedBy',
  'alert',
];
const ALERT_KEYS = ['window', 'threshold', 'groupBy', 'for', 'keepFiring', 'severity', 'inhibits'];
const TEST_KEYS = ['name', 'given', 'expect'];
const LINT_KEYS = ['disable', 'until'];
const PATCH_KEYS = ['$schema', 'description', 'rule', 'against', 'patch'];

const WIDTH = 100;

type Json = Record<string, unknown>;

/** The order of the keys of an object at a path in a kind of file. */
type OrderOf = (path: readonly string[]) => readonly string[];

function orderOfRule(path: readonly string[]): readonly string[] {
  const [top, second, third] = path;
  if (top === undefined) {
    return RULE_KEYS;
  }
  if (top === 'conditions') {
    return CONDITION_KEYS;
  }
  if (top === 'tests') {
    return path.length === 1 ? TEST_KEYS : [];
  }
  if (top === 'lint') {
    return LINT_KEYS;
  }
  if (top !== 'event') {
    return [];
  }
  if (second === undefined) {
    return EVENT_KEYS;
  }
  if (third === undefined) {
    return PARAMS_KEYS;
  }
  return third === 'alert' ? ALERT_KEYS : LANGUAGES;
}

const orderOfPatch: OrderOf = ([top, ...below]) =>
  top === undefined ? PATCH_KEYS : top === 'patch' ? orderOfRule(below) : [];

const orderOfConditions: OrderOf = ({ length }) => (length === 0 ? ['$schema'] : CONDITION_KEYS);

function sortedEntries(object: Json, order: readonly string[]): [string, unknown][] {
  const rank = (key: string) => (order.includes(key) ? order.indexOf(key) : order.length);
  return Object.entries(object).sort(([a], [b]) => rank(a) - rank(b));
}

function isPlain(value: unknown): boolean {
  return value === null || typeof value !== 'object';
}

/**
 * Formats one value.
 *
 * @param used - columns already used on its first line, including a comma after it
 */
function print(
  value: unknown,
  orderOf: OrderOf,
  path: readonly string[],
  indent: string,
  used: number,
): string {
  if (isPlain(value)) {
    return JSON.stringify(value);
  }
  const deeper = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.length === 0) {
      return '[]';
    }
    const inline = `[${value.map((part) => JSON.stringify(part)).join(', ')}]`;
    if (value.every(isPlain) && used + inline.length <= WIDTH) {
      return inline;
    }
    const parts = value.map(
      (part) => deeper + print(part, orderOf, path, deeper, deeper.length + 1),
    );
    return `[\n${parts.join(',\n')}\n${indent}]`;
  }
  const entries = sortedEntries(value as Json, orderOf(path));
  if (entries.length === 0) {
    return '{}';
  }
  const parts = entries.map(([key, part], index) => {
    const head = `${deeper}${JSON.stringify(key)}: `;
    const comma = index < entries.length - 1 ? 1 : 0;
    return head + print(part, orderOf, [...path, key], deeper, head.length + comma);
  });
  return `{\n${parts.join(',\n')}\n${indent}}`;
}

/**
 * Formats a rule file: keys in a fixed order, indented by two spaces, short lists on one line, objects never
 * on one line. Conditions, tests and given facts keep their order.
 *
 * @param document - a rule as parsed JSON; it may have mistakes
 */
export function formatRule(document: unknown): string {
  return `${print(document, orderOfRule, [], '', 0)}\n`;
}

/** Formats a patch file as {@link formatRule} does, with the keys of `patch` in the order of a rule. */
export function formatPatch(document: unknown): string {
  return `${print(document, orderOfPatch, [], '', 0)}\n`;
}

/** Formats a file of shared conditions as {@link formatRule} does. The conditions keep their order. */
export function formatConditions(document: unknown): string {
  return `${print(document, orderOfConditions, [], '', 0)}\n`;
}
