import type { ErrorObject } from 'ajv';
import { nearestName } from '../../model/errors.ts';
import { type LocatedJson, type Place, pointerStep, stepsOfPointer } from './parse-json.ts';

/** Longer values are cut, characters. */
const MAX_SHOWN = 60;

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN - 1)}…` : text;
}

/** The types of JSON in words. */
const KINDS: Record<string, string> = {
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  null: 'null',
};

function kindOf(value: unknown): string {
  const type = Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value;
  return KINDS[type] as string;
}

/** What to write for a value of the wrong type. */
function wanted({ params }: ErrorObject, value: unknown): string {
  const types = [params.type as string | string[]].flat();
  const words = types.map((type) => KINDS[type] ?? type).join(' or ');
  if (types.includes('array')) {
    return `${words}, between [ and ]`;
  }
  const isQuoted =
    typeof value === 'string' &&
    ((types.some((type) => type === 'integer' || type === 'number') && /^-?\d/.test(value)) ||
      (types.includes('boolean') && /^(?:true|false)$/.test(value)));
  return isQuoted ? `${words}, without quotes` : words;
}

/** Says which form a text must have, with the description of the schema. */
function notOfForm(value: unknown, error: ErrorObject): string {
  const { description } = (error.parentSchema ?? {}) as { description?: string };
  return description
    ? `${shown(value)} is not possible here: ${description.replace(/\.$/, '')}`
    : `${shown(value)} does not have the form ${String(error.params.pattern)}`;
}

function notOneOf(value: unknown, allowed: readonly unknown[]): string {
  const words = allowed.map(String);
  const meant = typeof value === 'string' ? nearestName(value, words) : undefined;
  if (meant) {
    return `did you mean "${meant}"? ${shown(value)} is not allowed here`;
  }
  const list = words.length > 12 ? `${words.slice(0, 12).join(', ')}, …` : words.join(', ');
  return `${shown(value)} is not allowed here; use one of: ${list}`;
}

function partAt(root: unknown, pointer: string): unknown {
  return stepsOfPointer(pointer).reduce<unknown>(
    (part, step) =>
      part !== null && typeof part === 'object'
        ? (part as Record<string, unknown>)[step]
        : undefined,
    root,
  );
}

/** The keys that the violated part of the schema allows. */
function knownKeys(error: ErrorObject): string[] {
  const schema = error.parentSchema as { properties?: Record<string, unknown> } | undefined;
  return Object.keys(schema?.properties ?? {});
}

/**
 * Explains a schema error in plain words, with its position in the file.
 *
 * @param error - the first error of a validator that was compiled with `verbose`
 */
export function explainSchemaError(
  error: ErrorObject,
  document: LocatedJson,
): Place & { message: string } {
  const pointer = error.instancePath;
  const value = partAt(document.value, pointer);
  const at = (message: string) => ({ ...document.placeOf(pointer), message });
  switch (error.keyword) {
    case 'required': {
      const key = String(error.params.missingProperty);
      const keys = Object.keys(value as object);
      const misspelt = nearestName(
        key,
        keys.filter((name) => !knownKeys(error).includes(name)),
      );
      if (pointer === '/conditions' && key === 'all' && !misspelt) {
        return at('conditions must start with "all", "any" or "not"');
      }
      // A misspelt key looks like a missing key. Name the key that has to be corrected.
      return misspelt
        ? {
            ...document.placeOfKey(pointer + pointerStep(misspelt)),
            message: `did you mean "${key}"? there is no key "${misspelt}"`,
          }
        : at(`"${key}" is missing here`);
    }
    case 'additionalProperties': {
      const key = String(error.params.additionalProperty);
      const meant = nearestName(key, knownKeys(error));
      const place = document.placeOfKey(pointer + pointerStep(key));
      const message = meant
        ? `did you mean "${meant}"? there is no key "${key}"`
        : `there is no key "${key}"; known keys: ${knownKeys(error).join(', ')}`;
      return { ...place, message };
    }
    case 'enum':
      return at(notOneOf(value, error.params.allowedValues as unknown[]));
    case 'type':
      return at(`${shown(value)} is ${kindOf(value)}; write ${wanted(error, value)}`);
    case 'minItems':
    case 'minProperties':
    case 'minLength':
      return at('this must not be empty');
    case 'minimum':
      return at(`${String(value)} is below ${String(error.params.limit)}`);
    case 'pattern':
      return at(notOfForm(value, error));
    default:
      return at(error.message ?? `this violates "${error.keyword}"`);
  }
}
