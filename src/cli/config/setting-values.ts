import { type BreakwatchError, nearestName } from '../../model/errors.ts';
import { maskedError } from '../../secrets/masked-error.ts';
import { parseSenders } from '../../server/callback-senders.ts';

/** Rejects a setting. @throws `BAD_CONFIG` */
export function bad(problem: string): never {
  throw maskedError('BAD_CONFIG', { problem });
}

/** Current names of settings, by their names in other tools and in earlier versions. */
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

/** The current name of a setting that has another name elsewhere; undefined for all other names. */
export function otherNameOf(key: string): string | undefined {
  return Object.hasOwn(OTHER_NAMES, key) ? OTHER_NAMES[key] : undefined;
}

/**
 * Rejects settings that do not exist here, with the name that was probably meant.
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
 * Checks a list of IP addresses and ranges. An empty list would allow no address at all, so it is treated as a
 * mistake.
 *
 * @throws `BAD_CONFIG`
 */
export function addresses(given: string[] | undefined, where: string): string[] | undefined {
  if (given === undefined) {
    return undefined;
  }
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

/** Replaces environment variables in a text. @throws `BAD_CONFIG` naming a variable that is not set */
export type Expand = (text: string, where: string) => string;

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

/**
 * Checks an http or https URL and removes a slash at its end. The error does not repeat the URL, because it may
 * be a secret.
 *
 * @param keepAsWritten - returns the URL unchanged
 * @throws `BAD_CONFIG`
 */
export function httpUrl(text: string, where: string, keepAsWritten = false): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol)) {
    bad(`${where} must be an http or https URL.`);
  }
  if (url.username || url.password) {
    bad(`${where} must not contain a user name or password.`);
  }
  return keepAsWritten ? text : `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}
