import type { BreakwatchError } from '../../model/errors.ts';
import { maskedError } from '../../secrets/masked-error.ts';
import { parseSenders } from '../../server/callback-senders.ts';

/** Refuses a setting. @throws `BAD_CONFIG` */
export function bad(problem: string): never {
  throw maskedError('BAD_CONFIG', { problem });
}

/** Parts of a text between commas; undefined when it is empty. */
export function commaList(text: string | undefined): string[] | undefined {
  const parts = (text ?? '').split(',').map((part) => part.trim());
  return text ? parts.filter((part) => part !== '') : undefined;
}

/** Addresses and ranges; an empty list would let nobody in and is a mistake. @throws `BAD_CONFIG` */
export function addresses(value: unknown, where: string): string[] | undefined {
  if (value === undefined || value === null) {
    return undefined;
  }
  const given = list(value, where).map(String);
  if (given.length === 0) {
    bad(`${where} is empty; leave it away, or name addresses such as 203.0.113.0/24.`);
  }
  try {
    parseSenders(given);
  } catch (thrown) {
    bad(`${where}: ${String((thrown as BreakwatchError).details.problem)}`);
  }
  return given;
}

/** A list, empty when nothing is given. @throws `BAD_CONFIG` */
export function list(value: unknown, where: string): unknown[] {
  if (value === undefined || value === null) {
    return [];
  }
  if (!Array.isArray(value)) {
    bad(`${where} is no list.`);
  }
  return value;
}

/**
 * `${NAME}` in the file stands for an environment variable, so that secrets stay out of it.
 *
 * @throws `BAD_CONFIG` naming a variable that is not set
 */
export function expand(text: string, where: string, environment: NodeJS.ProcessEnv): string {
  return text.replace(/\$\{(\w+)\}/g, (_whole, name: string) => {
    const value = environment[name];
    if (!value) {
      bad(`${where} uses \${${name}}, which is not set in the environment.`);
    }
    return value;
  });
}
