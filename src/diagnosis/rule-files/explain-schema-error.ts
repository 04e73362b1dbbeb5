import type { ErrorObject } from 'ajv';
import { type LocatedJson, type Place, pointerStep, stepsOfPointer } from './parse-json.ts';

/** Edits needed to turn one word into another. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_unused, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}

/** The known word that was probably meant, or undefined when none is near. */
export function nearestWord(word: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((other) => ({ other, edits: distance(word.toLowerCase(), other.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  const best = ranked[0];
  return best && best.edits <= Math.max(1, Math.floor(word.length / 3)) ? best.other : undefined;
}

function notOneOf(value: unknown, allowed: readonly unknown[]): string {
  const words = allowed.map(String);
  const meant = typeof value === 'string' ? nearestWord(value, words) : undefined;
  const shown = JSON.stringify(value);
  if (meant) {
    return `${shown} is not known here; did you mean "${meant}"?`;
  }
  const list = words.length > 12 ? `${words.slice(0, 12).join(', ')}, …` : words.join(', ');
  return `${shown} is not known here; choose one of: ${list}`;
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

/** The keys that the violated part of the schema knows. */
function knownKeys(error: ErrorObject): string[] {
  const schema = error.parentSchema as { properties?: Record<string, unknown> } | undefined;
  return Object.keys(schema?.properties ?? {});
}

/**
 * Says in plain words what a schema check found, and where in the file.
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
      if (pointer === '/conditions' && key === 'all') {
        return at('conditions must have "all", "any" or "not" on top');
      }
      const misspelt = nearestWord(
        key,
        keys.filter((name) => !knownKeys(error).includes(name)),
      );
      // A misspelt key is missing under its right name; the key is what has to be corrected.
      return misspelt
        ? {
            ...document.placeOfKey(pointer + pointerStep(misspelt)),
            message: `"${misspelt}" is not known here; did you mean "${key}"?`,
          }
        : at(`"${key}" is missing here`);
    }
    case 'additionalProperties': {
      const key = String(error.params.additionalProperty);
      const meant = nearestWord(key, knownKeys(error));
      const place = document.placeOfKey(pointer + pointerStep(key));
      const hint = meant
        ? `; did you mean "${meant}"?`
        : `; known are ${knownKeys(error).join(', ')}`;
      return { ...place, message: `"${key}" is not known here${hint}` };
    }
    case 'enum':
      return at(notOneOf(value, error.params.allowedValues as unknown[]));
    case 'type':
      return at(`${JSON.stringify(value)} must be of type ${String(error.params.type)}`);
    case 'minItems':
    case 'minLength':
      return at('this must not be empty');
    case 'minimum':
      return at(`${String(value)} is below ${String(error.params.limit)}`);
    case 'pattern':
      return at(`${JSON.stringify(value)} does not have the form ${String(error.params.pattern)}`);
    default:
      return at(error.message ?? `this violates "${error.keyword}"`);
  }
}
