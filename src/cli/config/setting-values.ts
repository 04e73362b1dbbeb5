import { type BreakwatchError, nearestName } from '../../model/errors.ts';
import { maskedError } from '../../secrets/masked-error.ts';
import { parseSenders } from '../../server/callback-senders.ts';

/** Rejects a setting. @throws `BAD_CONFIG` */
export function bad(problem: string): never {
  throw maskedError('BAD_CONFIG', { problem });
}

/** Settings by the names that one may expect from other tools or from earlier versions. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  alertmanager: 'channels',
  contactPoints: 'channels',
  copy: 'allowDuplicates',
  format: 'type',
  giveUpHours: 'retryHours',
  grafana: 'grafanaAlerting',
  inhibited: 'sendInhibited',
  mention: 'mentions',
  quiet: 'muteIntervals',
  receivers: 'channels',
  updates: 'sendUpdates',
  webhooks: 'channels',
};

/** The current name of a setting that one may know by another name; undefined for all other names. */
export function otherNameOf(key: string): string | undefined {
  return Object.hasOwn(OTHER_NAMES, key) ? OTHER_NAMES[key] : undefined;
}

/**
 * Rejects settings that do not exist, with the name that was probably meant.
 *
 * @param where - names the section in the error
 * @throws `BAD_CONFIG`
 */
export function rejectUnknown(given: object, known: readonly string[], where: string): void {
  for (const key of Object.keys(given)) {
    if (!known.includes(key)) {
      const other = otherNameOf(key);
      const meant = other !== undefined && known.includes(other) ? other : nearestName(key, known);
      bad(
        `${where}: "${key}" is not a setting${meant ? `. Did you mean ${meant}?` : ` (known: ${known.join(', ')}).`}`,
      );
    }
  }
}

/** Splits a text at its commas. Returns undefined when the text is empty. */
export function commaList(text: string | undefined): string[] | undefined {
  const parts = (text ?? '').split(',').map((part) => part.trim());
  return text ? parts.filter((part) => part !== '') : undefined;
}

/**
 * Reads a list of IP addresses and ranges. An empty list would allow no address at all, so it is
 * treated as a mistake.
 *
 * @throws `BAD_CONFIG`
 */
export function addresses(value: unknown, where: string): string[] | undefined {
  if (value === undefined || value === null) {
    return undefined;
  }
  const given = list(value, where).map(String);
  if (given.length === 0) {
    bad(`${where} is empty. Remove it, or list addresses such as 203.0.113.0/24.`);
  }
  try {
    parseSenders(given);
  } catch (thrown) {
    bad(`${where}: ${String((thrown as BreakwatchError).details.problem)}`);
  }
  return given;
}

/** Reads a list; empty when the value is absent. @throws `BAD_CONFIG` */
export function list(value: unknown, where: string): unknown[] {
  if (value === undefined || value === null) {
    return [];
  }
  if (!Array.isArray(value)) {
    bad(`${where} must be a list.`);
  }
  return value;
}

/**
 * Replaces `${NAME}` by the environment variable of that name, so that secrets stay out of the file.
 *
 * @throws `BAD_CONFIG` naming a variable that is not set
 */
export function expand(text: string, where: string, environment: NodeJS.ProcessEnv): string {
  return text.replace(/\$\{(\w+)\}/g, (_whole, name: string) => {
    const value = environment[name];
    if (!value) {
      bad(`${where} uses \${${name}}, but that environment variable is not set.`);
    }
    return value;
  });
}
