import type { BreakwatchError } from '../../model/errors.ts';
import { maskSecrets } from '../../secrets/mask-secrets.ts';
import { maskedError } from '../../secrets/masked-error.ts';
import { nearestName } from './nearest-name.ts';

/** An object of a caller whose fields are read by name. */
export type JsonObject = Record<string, unknown>;

/** A `BAD_QUERY` that names the field. */
export function badField(field: string, problem: string): BreakwatchError {
  return maskedError('BAD_QUERY', { problem: `${field} ${problem}.` });
}

/**
 * Demands a plain object.
 *
 * @throws `BAD_QUERY`
 */
export function parseObject(value: unknown, field: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badField(field, `must be an object, not ${kindOf(value)}`);
  }
  return value as JsonObject;
}

/** A value as an error shows it. Half a secret is not known for one, so it is masked before. */
export function cut(text: string, length: number): string {
  return maskSecrets(text).slice(0, length);
}

/**
 * Demands that an object has no fields but the known ones.
 *
 * @param path - put before the field's name in the error, e.g. `queries[0].`
 * @throws `BAD_QUERY` naming the field and the nearest known name
 */
export function refuseUnknown(object: JsonObject, known: readonly string[], path: string): void {
  for (const name of Object.keys(object)) {
    if (!known.includes(name)) {
      const nearest = nearestName(name, known);
      throw badField(
        `${path}${cut(name, 64)}`,
        nearest ? `is unknown; did you mean ${nearest}?` : `is unknown; known: ${known.join(', ')}`,
      );
    }
  }
}

/**
 * Reads one value of a closed list.
 *
 * @returns undefined when absent (undefined, null or an empty text)
 * @throws `BAD_QUERY` naming the field and the nearest value
 */
export function parseChoice<T extends string>(
  value: unknown,
  field: string,
  list: readonly T[],
): T | undefined {
  if (value === undefined || value === null || value === '') {
    return undefined;
  }
  if (typeof value === 'string' && (list as readonly string[]).includes(value)) {
    return value as T;
  }
  const shown = typeof value === 'string' ? `"${cut(value, 64)}"` : kindOf(value);
  const nearest = typeof value === 'string' ? nearestName(value, list) : undefined;
  throw badField(
    field,
    `is ${shown}; ${nearest ? `did you mean ${nearest}?` : `it takes ${list.join(', ')}`}`,
  );
}

/**
 * Reads a whole number of at least 1; one above the maximum is cut to it. Digits in a text count as
 * a number, as variables of dashboards come as texts.
 *
 * @returns undefined when absent (undefined, null or an empty text)
 * @throws `BAD_QUERY`
 */
export function parseCount(value: unknown, field: string, maximum: number): number | undefined {
  if (value === undefined || value === null || value === '') {
    return undefined;
  }
  const count = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 1) {
    const shown = typeof value === 'number' ? value : `"${cut(String(value), 40)}"`;
    throw badField(field, `is ${shown}; it must be a whole number of at least 1`);
  }
  return Math.min(count, maximum);
}

/**
 * Reads one text or a list of texts as a list.
 *
 * @returns an empty list when absent
 * @throws `BAD_QUERY`
 */
export function parseTexts(value: unknown, field: string): string[] {
  if (value === undefined || value === null) {
    return [];
  }
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (list.length > MAX_VALUES) {
    throw badField(field, `has ${list.length} values; ${MAX_VALUES} are the most`);
  }
  return list.map((item) => {
    if (typeof item !== 'string') {
      throw badField(field, `must be a text or a list of texts, not ${kindOf(item)}`);
    }
    if (item.length > MAX_TEXT_LENGTH) {
      throw badField(field, `has a value of more than ${MAX_TEXT_LENGTH} characters`);
    }
    return item;
  });
}

const MAX_VALUES = 1_000;
/** CSS's own reason texts stay below 200 characters, names below 128. */
const MAX_TEXT_LENGTH = 1_024;

function kindOf(value: unknown): string {
  if (value === null) {
    return 'null';
  }
  if (value === undefined) {
    return 'missing';
  }
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}
