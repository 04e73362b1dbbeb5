import { maskedError } from '../../secrets/masked-error.ts';

/** @throws `CALLBACK_BAD_FIELD`, always */
export function badField(field: string, problem: string): never {
  throw maskedError('CALLBACK_BAD_FIELD', { field, problem });
}

/**
 * Reads the fields of one callback body. A field that must be present throws an error that names it. An
 * optional field with an unusable value counts as absent and is listed in {@link unreadable}.
 */
export class FieldReader {
  readonly #body: Record<string, unknown>;
  readonly #unreadable = new Set<string>();

  constructor(body: Record<string, unknown>) {
    this.#body = body;
  }

  /** Names of optional fields whose values were left out, each once. */
  get unreadable(): string[] {
    return [...this.#unreadable];
  }

  #valueOf(name: string): unknown {
    return Object.hasOwn(this.#body, name) ? this.#body[name] : undefined;
  }

  /**
   * Reads the first of these fields that has a usable value.
   *
   * @param read - returns undefined for an unusable value
   */
  #optional<T>(names: readonly string[], read: (value: unknown) => T | undefined): T | null {
    for (const name of names) {
      const value = this.#valueOf(name);
      if (value === undefined || value === null || value === '') {
        continue;
      }
      const usable = read(value);
      if (usable !== undefined) {
        return usable;
      }
      this.#unreadable.add(name);
    }
    return null;
  }

  /** Reads a string; null when it is absent, empty or unreadable. */
  text(...names: string[]): string | null {
    return this.#optional(names, (value) => (typeof value === 'string' ? value : undefined));
  }

  /** Reads a whole number >= 0, given as a number or a string; null when it is absent or unreadable. */
  wholeNumber(...names: string[]): number | null {
    return this.#optional(names, wholeOf);
  }

  /** Reads an id: a string, or a number that JSON represents exactly. */
  identifier(name: string): string | null {
    const id = this.#optional([name], (value) =>
      typeof value === 'string' || Number.isSafeInteger(value) ? String(value) : undefined,
    );
    // CSS sends 0 or an empty string where there is no id.
    return id === null || /^0*$/.test(id) ? null : id;
  }

  /** Reads the first of these strings that has a value. It must be a string and not empty. */
  requiredText(...names: string[]): string {
    const name = names.find((one) => (this.#valueOf(one) ?? null) !== null);
    const value = name === undefined ? '' : this.#valueOf(name);
    if (typeof value !== 'string') {
      badField(name as string, 'must be a string');
    }
    return value || badField(names[0] as string, 'is missing or empty');
  }

  /** Reads a string that may be absent, but must not be anything else. */
  strictText(name: string): string | null {
    const value = this.#valueOf(name) ?? null;
    return value === null || typeof value === 'string' ? value : badField(name, 'must be a string');
  }

  /** Reads a whole number >= 0 that may be absent or empty, but must not be anything else. */
  strictWholeNumber(name: string): number | null {
    const value = this.#valueOf(name) ?? '';
    return value === ''
      ? null
      : (wholeOf(value) ?? badField(name, 'must be a whole number of at least 0'));
  }
}

function wholeOf(value: unknown): number | undefined {
  const number =
    typeof value === 'string' && /^\s*\d{1,15}\s*$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0
    ? number
    : undefined;
}
