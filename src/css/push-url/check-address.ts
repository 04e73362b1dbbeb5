import { isIP } from 'node:net';
import { type PushUrl, RTMP_OVER_SRT_PORT, RTMP_PORT, SRT_PORT } from './parse-push-url.ts';

/** One reason for CSS to refuse the push. */
export interface PushRefusal {
  /** Break code, for example `18/501`. */
  code: string;
  /** What is wrong with the URL. Never contains a secret. */
  problem: string;
}

/** A problem that CSS accepts, but that may break a push later. */
export interface PushWarning {
  id:
    | 'expires-soon'
    | 'shorter-than-session'
    | 'long-validity'
    | 'maybe-in-grace-period'
    | 'unusual-character'
    | 'wrong-port'
    | 'secret-upper-case'
    | 'duplicate-parameter'
    | 'key-unknown';
  text: string;
}

/** The document of the console allows letters, digits and symbols, but does not list the symbols. */
const SAFE_NAME = /^[\w-]+$/;
/**
 * CSS cannot accept these: not printable ASCII, spaces, escapes, and characters that end a name in a
 * URL or a streamid. Not `#`: a document of CSS shows a live StreamName `3891_@v_tls#3p…`.
 */
const ILLEGAL_CHARACTER = /[^\x21-\x7e]|[%&=?,;"'`<>\\^{}|]/u;

/** Domains that Tencent Cloud gives every account for playback. */
const TENCENT_PLAYBACK = /\.(?:liveplay\.myqcloud\.com|tliveplay\.com)$/i;

/** Checks what comes before the parameters of a push URL: domain, port, AppName and StreamName. */
export function checkAddress(url: PushUrl, refusals: PushRefusal[], warnings: PushWarning[]): void {
  checkDomain(url.domain, refusals);
  checkPort(url, warnings);
  checkName('18/308', 'StreamName', url.stream, refusals, warnings);
  checkName('18/309', 'AppName', url.app, refusals, warnings);
}

function checkDomain(domain: string, refusals: PushRefusal[]): void {
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
  } else if (TENCENT_PLAYBACK.test(domain)) {
    refusals.push({
      code: '18/301',
      problem: `${domain} is a playback domain of Tencent Cloud. A domain is either for push or for playback; use the push domain. CSS may report 18/302 instead.`,
    });
  }
}

/** The ports that the documents name, for each protocol that has one. */
const PORTS = {
  rtmp: RTMP_PORT,
  'rtmp-over-srt': RTMP_OVER_SRT_PORT,
  srt: SRT_PORT,
} as const;

function checkPort({ protocol, port }: PushUrl, warnings: PushWarning[]): void {
  if (protocol === 'srt' && port !== SRT_PORT) {
    warnings.push({
      id: 'wrong-port',
      text: `SRT pushes need port ${SRT_PORT}; the URL has ${port === null ? 'no port' : port}.`,
    });
  } else if (protocol === 'rtmp' && port !== null && port !== RTMP_PORT) {
    warnings.push({
      id: 'wrong-port',
      text: `The documents name only port ${RTMP_PORT} for RTMP and ${RTMP_OVER_SRT_PORT} for RTMP over SRT; the URL has ${port}.${port === SRT_PORT ? ` Port ${SRT_PORT} is for srt:// URLs.` : ''}`,
    });
  } else if (protocol === 'rtmps' || protocol === 'webrtc') {
    const other = Object.entries(PORTS).find(([, known]) => known === port);
    if (other) {
      warnings.push({
        id: 'wrong-port',
        text: `Port ${port} is for ${other[0]}, not for ${protocol}.`,
      });
    }
  }
}

function checkName(
  code: string,
  what: string,
  name: string,
  refusals: PushRefusal[],
  warnings: PushWarning[],
): void {
  const illegal = ILLEGAL_CHARACTER.exec(name)?.[0];
  if (illegal !== undefined) {
    refusals.push({ code, problem: `${what} contains ${JSON.stringify(illegal)}.` });
  } else if (!SAFE_NAME.test(name)) {
    const unusual = [...new Set(name.match(/[^\w-]/g))].map((one) => JSON.stringify(one));
    warnings.push({
      id: 'unusual-character',
      text: `${what} contains ${unusual.join(', ')}. The documents allow letters, digits and symbols, but do not say which symbols. "_" and "-" are safe.`,
    });
  }
}
