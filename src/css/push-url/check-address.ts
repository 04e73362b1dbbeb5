import { isIP } from 'node:net';
import { maskSecrets } from '../../secrets/mask-secrets.ts';
import { type PushUrl, RTMP_OVER_SRT_PORT, RTMP_PORT, SRT_PORT } from './parse-push-url.ts';
import type { UrlStrings } from './words/url-strings.ts';

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
    | 'txtime-prefix'
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

/** The URL, the reader's words, and what was found. */
interface Checking {
  url: PushUrl;
  words: UrlStrings;
  refusals: PushRefusal[];
  warnings: PushWarning[];
}

/** Checks what comes before the parameters of a push URL: domain, port, AppName and StreamName. */
export function checkAddress(checking: Checking): void {
  const { url } = checking;
  checkDomain(checking);
  checkPort(checking);
  checkName('18/308', 'StreamName', url.stream, checking);
  checkName('18/309', 'AppName', url.app, checking);
}

function checkDomain({ url: { domain }, words, refusals }: Checking): void {
  if (isIP(domain.replace(/^\[|\]$/g, ''))) {
    refusals.push({ code: '18/300', problem: words.ipInsteadOfDomain(domain) });
  } else if (!/^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]{2,}$/i.test(domain)) {
    refusals.push({
      code: '18/301',
      problem: domain
        ? words.noFullDomain(JSON.stringify(maskSecrets(domain)))
        : words.domainMissing,
    });
  } else if (TENCENT_PLAYBACK.test(domain)) {
    refusals.push({ code: '18/301', problem: words.playbackDomain(domain) });
  }
}

/** The ports that the documents name, for each protocol that has one. */
const PORTS = {
  rtmp: RTMP_PORT,
  'rtmp-over-srt': RTMP_OVER_SRT_PORT,
  srt: SRT_PORT,
} as const;

function checkPort({ url: { protocol, port }, words, warnings }: Checking): void {
  if (protocol === 'srt' && port !== SRT_PORT) {
    warnings.push({ id: 'wrong-port', text: words.srtPort(SRT_PORT, port) });
  } else if (protocol === 'rtmp' && port !== null && port !== RTMP_PORT) {
    const named = words.rtmpPort({ rtmp: RTMP_PORT, overSrt: RTMP_OVER_SRT_PORT, port });
    warnings.push({
      id: 'wrong-port',
      text: port === SRT_PORT ? `${named}${words.isSrtPort(SRT_PORT)}` : named,
    });
  } else if (protocol === 'rtmps' || protocol === 'webrtc') {
    const other = Object.entries(PORTS).find(([, known]) => known === port);
    if (other) {
      const [name, known] = other;
      warnings.push({ id: 'wrong-port', text: words.otherPort(known, name, protocol) });
    }
  }
}

function checkName(
  code: string,
  what: 'StreamName' | 'AppName',
  name: string,
  { words, refusals, warnings }: Checking,
): void {
  const illegal = ILLEGAL_CHARACTER.exec(name)?.[0];
  if (illegal !== undefined) {
    refusals.push({ code, problem: words.illegal(what, JSON.stringify(illegal)) });
  } else if (!SAFE_NAME.test(name)) {
    const unusual = [...new Set(name.match(/[^\w-]/g))].map((one) => JSON.stringify(one));
    warnings.push({ id: 'unusual-character', text: words.unusual(what, unusual) });
  }
}
