import { nearestName } from '../../model/errors.ts';
import { maskSecrets } from '../../secrets/mask-secrets.ts';
import { checkAddress, type PushRefusal, type PushWarning } from './check-address.ts';
import { findSecretMistake } from './find-secret-mistake.ts';
import { type PushProtocol, type PushUrl, parsePushUrl } from './parse-push-url.ts';
import {
  keysOfDomain,
  matchesTxSecret,
  type PushKey,
  parsePushParams,
  parseTxTime,
} from './push-url.ts';

/** What CSS would do with a push that uses this URL. Times are epoch ms UTC. */
export interface PushUrlCheck {
  /** `unchecked`: no problem was found, but there is no key for checking txSecret. */
  verdict: 'accepted' | 'refused' | 'unchecked';
  /** All reasons. CSS reports only one of them; which one is not documented. */
  refusals: PushRefusal[];
  warnings: PushWarning[];
  protocol: PushProtocol;
  domain: string;
  app: string;
  stream: string;
  /** Start time of the push that was checked. */
  checkedAt: number;
  /** Null when the URL has no valid txTime. */
  expiresAt: number | null;
  /** Time until expiry, s. Negative after it; null when expiresAt is null. */
  validSeconds: number | null;
  /** Whether txSecret matches a configured key. */
  secretMatches: 'yes' | 'no' | 'keyUnknown' | 'absent';
}

/** Options for checking a push URL. */
export interface PushUrlCheckOptions {
  /** Keys of the account's domains. */
  keys: readonly PushKey[];
  /** When the push would start, epoch ms UTC. */
  at: number;
  /** Planned length of the session, ms; null when unknown. */
  sessionMs?: number | null;
}

const HOUR_MS = 3_600_000;
/** The documents recommend 12 to 24 hours, because a reconnect needs a valid URL. */
const SHORT_VALIDITY_MS = 12 * HOUR_MS;
const LONG_VALIDITY_MS = 31 * 24 * HOUR_MS;
/** The documents disagree on whether the domain's validity period (300 s in a sample) extends txTime. */
const GRACE_PERIOD_MS = 300_000;

/**
 * Checks whether CSS would accept a push with this URL: which refusals (18/300, 301, 308, 309, 500
 * to 503) it would cause, and how long it is valid. CSS checks the URL only when a push starts. A
 * live push continues after the expiry, but its next reconnect is refused.
 *
 * Does not check what only CSS knows: bans, quotas, address lists, the state of the domain and the
 * account, and whether authentication is on (it is by default).
 *
 * @throws `BAD_PUSH_URL` when the text is not a push URL
 */
export function checkPushUrl(text: string, options: PushUrlCheckOptions): PushUrlCheck {
  const url = parsePushUrl(text);
  const refusals: PushRefusal[] = [];
  const warnings: PushWarning[] = [];
  checkAddress(url, refusals, warnings);
  const expiry = checkExpiry(url, options, refusals, warnings);
  const secretMatches = checkSecret(url, options.keys, refusals, warnings);
  return {
    verdict:
      refusals.length > 0 ? 'refused' : secretMatches === 'keyUnknown' ? 'unchecked' : 'accepted',
    refusals: refusals
      .sort((a, b) => (a.code < b.code ? -1 : 1))
      .map(({ code, problem }) => ({ code, problem: maskSecrets(problem) })),
    warnings: warnings.map(({ id, text }) => ({ id, text: maskSecrets(text) })),
    protocol: url.protocol,
    // Masked, because a missing "?" makes the parameters part of the name.
    domain: maskSecrets(url.domain),
    app: maskSecrets(url.app),
    stream: maskSecrets(url.stream),
    checkedAt: options.at,
    expiresAt: expiry,
    validSeconds: expiry === null ? null : Math.floor((expiry - options.at) / 1000),
    secretMatches,
  };
}

/** The value of the parameter with exactly this name, as CSS reads it; null when it is missing. */
function readParam(url: PushUrl, name: string, warnings: PushWarning[]): string | null {
  const values = url.params.filter((param) => param.name === name).map(({ value }) => value);
  if (new Set(values).size > 1) {
    warnings.push({
      id: 'duplicate-parameter',
      text: `${name} appears ${values.length} times with different values. The first one was checked.`,
    });
  }
  return values[0] || null;
}

/** Describes a missing parameter, and the misspelled, escaped or misplaced one that was probably meant. */
function describeMissingParam(url: PushUrl, name: 'txTime' | 'txSecret'): string {
  if (url.params.some((param) => `?${param.name}=${param.value}`.includes(`?${name}=`, 1))) {
    return `${name} is missing, because "?" appears twice: the text from the second "?" on belongs to another parameter.`;
  }
  const names = url.params.map((param) => param.name).filter((one) => /^[\w.-]{1,20}$/.test(one));
  const plain = (one: string) => one.toLowerCase().replace(/[^a-z]/g, '');
  const otherCase = names.find((one) => plain(one) === name.toLowerCase());
  if (otherCase) {
    return `${name} is missing; CSS does not read "${otherCase}", because upper and lower case matter.`;
  }
  const misspelled = names.find(
    (one) => nearestName(plain(one), ['txSecret', 'txTime', 'bizid']) === name,
  );
  if (misspelled) {
    return `${name} is missing; "${misspelled}" is misspelled.`;
  }
  const hidden = url.params.some(
    (param) => param.name !== name && parsePushParams(`${param.name}=${param.value}`)[name],
  );
  return hidden
    ? `${name} is missing; it is inside another parameter, because "&" or "=" was percent-encoded.`
    : `${name} is missing.`;
}

function checkExpiry(
  url: PushUrl,
  { at, sessionMs }: PushUrlCheckOptions,
  refusals: PushRefusal[],
  warnings: PushWarning[],
): number | null {
  const txTime = readParam(url, 'txTime', warnings);
  if (txTime === null) {
    refusals.push({ code: '18/500', problem: describeMissingParam(url, 'txTime') });
    return null;
  }
  const expiresAt = parseTxTime(txTime);
  if (expiresAt === null) {
    refusals.push({
      code: '18/501',
      problem: /^\d{13}$/.test(txTime)
        ? 'txTime is in milliseconds; CSS expects seconds in hexadecimal.'
        : 'txTime must be Unix seconds in hexadecimal or decimal.',
    });
    return null;
  }
  const leftMs = expiresAt - at;
  if (leftMs <= 0) {
    refusals.push({
      code: '18/501',
      problem: `txTime expired ${Math.ceil(-leftMs / 1000)} s before the push.`,
    });
    if (-leftMs < GRACE_PERIOD_MS) {
      warnings.push({
        id: 'maybe-in-grace-period',
        text: 'The URL expired only recently. CSS may still accept it within the validity period of the domain; the documents disagree on this.',
      });
    }
    return expiresAt;
  }
  if (sessionMs !== undefined && sessionMs !== null && leftMs < sessionMs) {
    warnings.push({
      id: 'shorter-than-session',
      text: 'The URL expires before the session ends. The push continues, but the first reconnect after the expiry is refused with 18/501.',
    });
  } else if (leftMs < SHORT_VALIDITY_MS) {
    warnings.push({
      id: 'expires-soon',
      text: 'The URL is valid for less than 12 hours. A reconnect after the expiry is refused with 18/501. Use 12 to 24 hours.',
    });
  } else if (leftMs > LONG_VALIDITY_MS) {
    warnings.push({
      id: 'long-validity',
      text: 'The URL is valid for more than a month. Anyone who gets it can push until it expires.',
    });
  }
  return expiresAt;
}

function checkSecret(
  url: PushUrl,
  keys: readonly PushKey[],
  refusals: PushRefusal[],
  warnings: PushWarning[],
): PushUrlCheck['secretMatches'] {
  const txSecret = readParam(url, 'txSecret', warnings);
  if (txSecret === null) {
    refusals.push({ code: '18/502', problem: describeMissingParam(url, 'txSecret') });
    return 'absent';
  }
  const txTime = url.params.find(({ name }) => name === 'txTime')?.value ?? '';
  const mistake = () => {
    const found = findSecretMistake(url, txSecret, txTime, keys);
    return found === null ? '' : ` ${found}`;
  };
  if (!/^(?:[0-9a-f]{32}|[0-9a-f]{64})$/i.test(txSecret)) {
    refusals.push({
      code: '18/503',
      problem: `txSecret must be 32 (MD5) or 64 (SHA256) hexadecimal characters; it has ${txSecret.length} characters.${mistake()}`,
    });
    return 'no';
  }
  if (txSecret !== txSecret.toLowerCase()) {
    warnings.push({
      id: 'secret-upper-case',
      text: 'txSecret has upper-case letters. The documents only show lower case.',
    });
  }
  const domainKeys = keysOfDomain(url.domain, keys);
  if (domainKeys.length === 0) {
    warnings.push({
      id: 'key-unknown',
      text: `No push key is configured for ${url.domain || 'this domain'}, so txSecret was not checked.`,
    });
    return 'keyUnknown';
  }
  if (matchesTxSecret(txSecret, url.stream, txTime, domainKeys)) {
    return 'yes';
  }
  refusals.push({
    code: '18/503',
    problem: `txSecret does not match ${domainKeys.length === 1 ? 'the configured key' : `any of the ${domainKeys.length} configured keys`} for exactly this StreamName and txTime.${mistake()}`,
  });
  return 'no';
}
