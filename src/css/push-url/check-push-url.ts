import { isIP } from 'node:net';
import { maskSecrets } from '../../secrets/mask-secrets.ts';
import { type PushProtocol, type PushUrl, parsePushUrl } from './parse-push-url.ts';
import {
  fitsTxSecret,
  keysOfDomain,
  type PushKey,
  parsePushParams,
  parseTxTime,
} from './push-url.ts';

/** One thing that CSS refuses a push for. */
export interface PushRefusal {
  /** As CSS tells it, e.g. `18/501`. */
  code: string;
  /** What in this URL brings it about; never a secret. */
  problem: string;
}

/** Something that CSS takes, yet that breaks pushes sooner or later. */
export interface PushWarning {
  id:
    | 'expires-soon'
    | 'shorter-than-session'
    | 'lives-long'
    | 'grace-unsure'
    | 'unusual-character'
    | 'secret-upper-case'
    | 'given-twice'
    | 'key-unknown';
  text: string;
}

/** What would become of a push with this URL. Times are epoch ms UTC. */
export interface PushUrlCheck {
  /** `accepted`, `refused`, or `unchecked`: nothing found, but no key is known to check txSecret. */
  verdict: 'accepted' | 'refused' | 'unchecked';
  /** All that is found. CSS tells one of them; which comes first is not documented. */
  refusals: PushRefusal[];
  warnings: PushWarning[];
  protocol: PushProtocol;
  domain: string;
  app: string;
  stream: string;
  /** The moment that it was checked for. */
  checkedAt: number;
  /** Null when the URL tells no readable expiry. */
  expiresAt: number | null;
  /** Negative once it is past; null as expiresAt. */
  validSeconds: number | null;
  /** Whether txSecret fits a known key. */
  secretMatches: 'yes' | 'no' | 'keyUnknown' | 'absent';
}

/** How a URL is to be checked. */
export interface PushUrlCheckOptions {
  /** Keys of the account's domains. */
  keys: readonly PushKey[];
  /** When the push would start, epoch ms UTC. */
  at: number;
  /** How long the session is to last, ms; null when not told. */
  sessionMs?: number | null;
}

const HOUR_MS = 3_600_000;
/** Documents advise 12 to 24 hours: a reconnect needs a URL that is still valid. */
const SHORT_MS = 12 * HOUR_MS;
const LONG_MS = 31 * 24 * HOUR_MS;
/** Documents disagree whether the domain's validity period (300 s in a sample) extends txTime. */
const GRACE_MS = 300_000;

/** Surely taken; documents say "letters, digits and symbols" without naming the symbols. */
const PLAIN_NAME = /^[\w-]+$/;
/** Surely not: beyond printable ASCII, blanks, escapes, and what ends a part of a URL. */
const ILLEGAL = /[^\x21-\x7e]|[%&=?#,;"'`<>\\^{}|]/u;

/**
 * Tells what CSS would say to a push with this URL: which refusals (18/300, 301, 308, 309, 500 to
 * 503) it runs into, and how long it stays good. CSS checks a URL when a push starts; one that runs
 * goes on after the expiry, and its first reconnect is refused.
 *
 * What only CSS knows is not checked: bans, quotas, address lists, the state of domain and account,
 * and whether authentication is on (it is by default).
 *
 * @throws `BAD_PUSH_URL` for a text that is no push URL at all
 */
export function checkPushUrl(text: string, options: PushUrlCheckOptions): PushUrlCheck {
  const url = parsePushUrl(text);
  const refusals = checkNames(url);
  const warnings: PushWarning[] = [];
  for (const [what, name] of [
    ['StreamName', url.stream],
    ['AppName', url.app],
  ] as const) {
    if (!PLAIN_NAME.test(name) && !ILLEGAL.test(name)) {
      warnings.push({
        id: 'unusual-character',
        text: `${what} has a character other than letters, digits, "_" and "-"; the documents do not say which symbols CSS accepts.`,
      });
    }
  }
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
    // A forgotten "?" makes the parameters part of the name.
    domain: maskSecrets(url.domain),
    app: maskSecrets(url.app),
    stream: maskSecrets(url.stream),
    checkedAt: options.at,
    expiresAt: expiry,
    validSeconds: expiry === null ? null : Math.floor((expiry - options.at) / 1000),
    secretMatches,
  };
}

function checkNames({ domain, app, stream }: PushUrl): PushRefusal[] {
  const refusals: PushRefusal[] = [];
  if (isIP(domain.replace(/^\[|\]$/g, ''))) {
    refusals.push({
      code: '18/300',
      problem: `the URL has the IP address ${domain} instead of a push domain.`,
    });
  } else if (!/^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]{2,}$/i.test(domain)) {
    refusals.push({
      code: '18/301',
      problem: domain
        ? `${JSON.stringify(domain)} is not a full domain name.`
        : 'h= with the push domain is missing in streamid.',
    });
  }
  const illegal = (code: string, what: string, name: string) => {
    const found = ILLEGAL.exec(name)?.[0];
    if (found !== undefined) {
      refusals.push({ code, problem: `${what} contains ${JSON.stringify(found)}.` });
    }
  };
  illegal('18/308', 'StreamName', stream);
  illegal('18/309', 'AppName', app);
  return refusals;
}

/** The value under exactly this name, as CSS reads it; null when there is none. */
function readParam(url: PushUrl, name: string, warnings: PushWarning[]): string | null {
  const values = url.params.filter((param) => param.name === name).map(({ value }) => value);
  if (new Set(values).size > 1) {
    warnings.push({
      id: 'given-twice',
      text: `${name} is given ${values.length} times with different values; the first was checked.`,
    });
  }
  return values[0] || null;
}

/** Why a parameter is not read, when a near spelling of it is there. */
function misspelt(url: PushUrl, name: 'txTime' | 'txSecret'): string {
  const near = url.params.find(
    (param) =>
      /^[\w.-]{1,20}$/.test(param.name) &&
      param.name.toLowerCase().replace(/[^a-z]/g, '') === name.toLowerCase(),
  );
  if (near) {
    return `${name} is missing; CSS does not read "${near.name}", because upper and lower case matter.`;
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
    refusals.push({ code: '18/500', problem: misspelt(url, 'txTime') });
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
  const left = expiresAt - at;
  if (left <= 0) {
    refusals.push({
      code: '18/501',
      problem: `txTime expired ${Math.ceil(-left / 1000)} s before the push.`,
    });
    if (-left < GRACE_MS) {
      warnings.push({
        id: 'grace-unsure',
        text: 'The URL expired only recently, so a validity period of the domain may still let it pass; the documents disagree on that.',
      });
    }
    return expiresAt;
  }
  if (sessionMs !== undefined && sessionMs !== null && left < sessionMs) {
    warnings.push({
      id: 'shorter-than-session',
      text: 'It expires before the session ends: the push goes on, but the first reconnect after that is refused with 18/501.',
    });
  } else if (left < SHORT_MS) {
    warnings.push({
      id: 'expires-soon',
      text: 'It is valid for less than 12 hours; a reconnect after that is refused with 18/501. Use 12 to 24 hours.',
    });
  } else if (left > LONG_MS) {
    warnings.push({
      id: 'lives-long',
      text: 'It is valid for more than a month: anyone who gets the URL can push until then.',
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
    refusals.push({ code: '18/502', problem: misspelt(url, 'txSecret') });
    return 'absent';
  }
  if (!/^(?:[0-9a-f]{32}|[0-9a-f]{64})$/i.test(txSecret)) {
    refusals.push({
      code: '18/503',
      problem: `txSecret must be 32 (MD5) or 64 (SHA256) hexadecimal characters; it has ${txSecret.length} characters.`,
    });
    return 'no';
  }
  if (txSecret !== txSecret.toLowerCase()) {
    warnings.push({
      id: 'secret-upper-case',
      text: 'txSecret has upper-case letters; the documents show lower case only.',
    });
  }
  const own = keysOfDomain(url.domain, keys);
  if (own.length === 0) {
    warnings.push({
      id: 'key-unknown',
      text: `No push key is configured for ${url.domain || 'this domain'}, so txSecret was not checked.`,
    });
    return 'keyUnknown';
  }
  const txTime = url.params.find(({ name }) => name === 'txTime')?.value ?? '';
  if (fitsTxSecret(txSecret, url.stream, txTime, own)) {
    return 'yes';
  }
  refusals.push({
    code: '18/503',
    problem: `txSecret does not match ${own.length === 1 ? 'the configured key' : `any of the ${own.length} configured keys`} for exactly this StreamName and txTime.`,
  });
  return 'no';
}
