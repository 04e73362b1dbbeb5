import { formatSpan } from '../../model/time.ts';
import type { Language } from '../../model/vocabulary.ts';
import { maskSecrets } from '../../secrets/mask-secrets.ts';
import { checkAddress, type PushRefusal, type PushWarning } from './check-address.ts';
import { findSecretMistake } from './find-secret-mistake.ts';
import { FULL_WIDTH, isMeantFor, type PushParam } from './misread-parts.ts';
import { type PushProtocol, type PushUrl, parsePushUrl } from './parse-push-url.ts';
import {
  keysOfDomain,
  matchesTxSecret,
  type PushKey,
  parsePushParams,
  parseTxTime,
} from './push-url.ts';
import type { UrlStrings } from './words/url-strings.ts';
import { URL_WORDS } from './words/url-words.ts';

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
  /** Language of problems and warnings. Default: English. */
  language?: Language;
}

/** What each check reads and adds to. */
interface Checking {
  url: PushUrl;
  options: PushUrlCheckOptions;
  language: Language;
  words: UrlStrings;
  refusals: PushRefusal[];
  warnings: PushWarning[];
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
  const { language = 'en' } = options;
  const words = URL_WORDS[language];
  const url = parsePushUrl(text, words.none);
  const checking: Checking = { url, options, language, words, refusals: [], warnings: [] };
  const { refusals, warnings } = checking;
  checkAddress(checking);
  const expiry = checkExpiry(checking);
  const secretMatches = checkSecret(checking);
  return {
    verdict:
      refusals.length > 0 ? 'refused' : secretMatches === 'keyUnknown' ? 'unchecked' : 'accepted',
    refusals: refusals.sort((a, b) => (a.code < b.code ? -1 : 1)),
    warnings,
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
function readParam({ url, words, warnings }: Checking, name: string): string | null {
  const values = url.params.filter((param) => param.name === name).map(({ value }) => value);
  if (new Set(values).size > 1) {
    warnings.push({
      id: 'duplicate-parameter',
      text: words.duplicate(name, values.length),
    });
  }
  return values[0] || null;
}

/** How HTML and JSON write "&". */
const AMPERSANDS = ['&amp;', '\\u0026'];

/** Describes a missing parameter, and the misspelled, escaped or misplaced one that was probably meant. */
function describeMissingParam({ url, words }: Checking, name: PushParam): string {
  if (url.params.some((param) => `?${param.name}=${param.value}`.includes(`?${name}=`, 1))) {
    return words.secondQuestionMark(name);
  }
  const ampersand = AMPERSANDS.find((written) =>
    url.params.some((param) => `&${param.name}=${param.value}`.includes(`${written}${name}=`)),
  );
  if (ampersand) {
    return words.escapedAmpersand(name, ampersand);
  }
  const wide = FULL_WIDTH.exec(
    [url.stream, ...url.params.map((param) => `${param.name}=${param.value}`)].join('&'),
  );
  if (wide) {
    return words.fullWidth(name, wide[0]);
  }
  const names = url.params.map((param) => param.name).filter((one) => /^[\w.-]{1,20}$/.test(one));
  const otherCase = names.find((one) => one.toLowerCase() === name.toLowerCase());
  if (otherCase) {
    return words.otherCase(name, maskSecrets(otherCase));
  }
  const misspelled = names.find((one) => isMeantFor(one, name));
  if (misspelled) {
    return words.misspelled(name, maskSecrets(misspelled));
  }
  const hidden = url.params.some(
    (param) => param.name !== name && parsePushParams(`${param.name}=${param.value}`)[name],
  );
  return hidden ? words.insideAnother(name) : words.missing(name);
}

function checkExpiry(checking: Checking): number | null {
  const { options, language, words, refusals, warnings } = checking;
  const { at, sessionMs } = options;
  const txTime = readParam(checking, 'txTime');
  if (txTime === null) {
    refusals.push({ code: '18/500', problem: describeMissingParam(checking, 'txTime') });
    return null;
  }
  const expiresAt = parseTxTime(txTime);
  if (expiresAt === null) {
    refusals.push({
      code: '18/501',
      problem: /^\d{13}$/.test(txTime) ? words.txTimeMilliseconds : words.txTimeUnreadable,
    });
    return null;
  }
  if (/^0x/i.test(txTime)) {
    warnings.push({ id: 'txtime-prefix', text: words.txTime0x });
  }
  const leftMs = expiresAt - at;
  if (leftMs <= 0) {
    refusals.push({
      code: '18/501',
      problem: words.expired(formatSpan(Math.ceil(-leftMs / 1_000) * 1_000, language)),
    });
    if (-leftMs < GRACE_PERIOD_MS) {
      warnings.push({
        id: 'maybe-in-grace-period',
        text: words.gracePeriod,
      });
    }
    return expiresAt;
  }
  if (sessionMs !== undefined && sessionMs !== null && leftMs < sessionMs) {
    warnings.push({
      id: 'shorter-than-session',
      text: words.shorterThanSession,
    });
  } else if (leftMs < SHORT_VALIDITY_MS) {
    warnings.push({
      id: 'expires-soon',
      text: words.expiresSoon,
    });
  } else if (leftMs > LONG_VALIDITY_MS) {
    warnings.push({
      id: 'long-validity',
      text: words.longValidity,
    });
  }
  return expiresAt;
}

function checkSecret(checking: Checking): PushUrlCheck['secretMatches'] {
  const { url, options, words, refusals, warnings } = checking;
  const { keys } = options;
  // What follows an escaped "&" is named with the parameter that is missing.
  const txSecret = readParam(checking, 'txSecret')?.split('\\u0026')[0];
  if (!txSecret) {
    refusals.push({ code: '18/502', problem: describeMissingParam(checking, 'txSecret') });
    return 'absent';
  }
  const txTime = url.params.find(({ name }) => name === 'txTime')?.value ?? '';
  const mistake = () => findSecretMistake(url, { txSecret, txTime, keys, words: words.secret });
  if (!/^(?:[0-9a-f]{32}|[0-9a-f]{64})$/i.test(txSecret)) {
    refusals.push({
      code: '18/503',
      problem: `${words.secretLength(txSecret.length)}${mistake()}`,
    });
    return 'no';
  }
  if (txSecret !== txSecret.toLowerCase()) {
    warnings.push({
      id: 'secret-upper-case',
      text: words.secretUpperCase,
    });
  }
  const domainKeys = keysOfDomain(url.domain, keys);
  if (domainKeys.length === 0) {
    warnings.push({
      id: 'key-unknown',
      text: words.keyUnknown(maskSecrets(url.domain)),
    });
    return 'keyUnknown';
  }
  if (matchesTxSecret(txSecret, url.stream, txTime, domainKeys)) {
    return 'yes';
  }
  const made = mistake();
  // Without txTime nobody can tell whether the secret is right; 18/500 already says what to mend.
  if (txTime !== '' || made !== '') {
    refusals.push({ code: '18/503', problem: `${words.secretWrong(domainKeys.length)}${made}` });
  }
  return 'no';
}
