import { maskedError } from '../../secrets/masked-error.ts';

/** @throws `CALLBACK_BAD_FIELD`, always */
export function badField(field: string, problem: string): never {
  throw maskedError('CALLBACK_BAD_FIELD', { field, problem });
}

/** Reads the fields of one body. Its errors name the field. */
export class FieldReader {
  readonly #body: Record<string, unknown>;

  constructor(body: Record<string, unknown>) {
    this.#body = body;
  }

  /** The first of these names that has a value. */
  #find(names: readonly string[]): [string, unknown] | undefined {
    for (const name of names) {
      const value = Object.hasOwn(this.#body, name) ? this.#body[name] : undefined;
      if (value !== undefined && value !== null) {
        return [name, value];
      }
    }
    return undefined;
  }

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

  /** A string that must be present and not empty. */
  needed(...names: string[]): string {
    return this.text(...names) || badField(names[0] as string, 'is missing or empty');
  }

  /** A whole number of 0 or more, as a number or a string; an empty string counts as absent. */
  whole(...names: string[]): number | null {
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

  /** An id: a string, or a number that JSON represents exactly. */
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
