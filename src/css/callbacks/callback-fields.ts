import { maskedError } from '../../secrets/masked-error.ts';

/** @throws `CALLBACK_BAD_FIELD`, always */
export function badField(field: string, problem: string): never {
  throw maskedError('CALLBACK_BAD_FIELD', { field, problem });
}

/** Reads the fields of one callback body. Its errors name the field. */
export class FieldReader {
  readonly #body: Record<string, unknown>;

  constructor(body: Record<string, unknown>) {
    this.#body = body;
  }

  /** Finds the first of these names that has a value. */
  #find(names: readonly string[]): [string, unknown] | undefined {
    for (const name of names) {
      const value = Object.hasOwn(this.#body, name) ? this.#body[name] : undefined;
      if (value !== undefined && value !== null) {
        return [name, value];
      }
    }
    return undefined;
  }

  /** Reads a string; null when it is absent. */
  text(...names: string[]): string | null {
    const found = this.#find(names);
    if (!found) {
      return null;
    }
    const [name, value] = found;
    if (typeof value !== 'string') {
      badField(name, 'must be a string');
    }
    return value;
  }

  /** Reads a string that must be present and not empty. */
  required(...names: string[]): string {
    return this.text(...names) || badField(names[0] as string, 'is missing or empty');
  }

  /** Reads a whole number >= 0, given as a number or a string. An empty string counts as absent. */
  wholeNumber(...names: string[]): number | null {
    const found = this.#find(names);
    if (!found || found[1] === '') {
      return null;
    }
    const [name, value] = found;
    const number =
      typeof value === 'string' && /^\s*\d{1,15}\s*$/.test(value) ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < 0) {
      badField(name, 'must be a whole number of at least 0');
    }
    return number;
  }

  /** Reads an id: a string, or a number that JSON represents exactly. */
  identifier(name: string): string | null {
    const value = this.#find([name])?.[1];
    if (value === undefined || (typeof value === 'number' && !Number.isSafeInteger(value))) {
      return null;
    }
    if (typeof value !== 'string' && typeof value !== 'number') {
      badField(name, 'must be a string');
    }
    // CSS sends 0 or an empty string where there is no id.
    return /^0*$/.test(String(value)) ? null : String(value);
  }
}
