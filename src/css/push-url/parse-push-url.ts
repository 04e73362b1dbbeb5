import { maskedError } from '../../secrets/masked-error.ts';
import type { NoUrlStrings } from './words/url-strings.ts';
import { URL_WORDS } from './words/url-words.ts';

/** Protocols of push URLs. */
const PUSH_PROTOCOLS = ['rtmp', 'rtmps', 'webrtc', 'srt', 'rtmp-over-srt'] as const;
export type PushProtocol = (typeof PUSH_PROTOCOLS)[number];

/** CSS ports for RTMP, RTMP over SRT and SRT (source: documents 267/35257 and 267/38393). */
export const RTMP_PORT = 1935;
export const RTMP_OVER_SRT_PORT = 3570;
export const SRT_PORT = 9000;

/** Parts of a push URL, not checked yet. */
export interface PushUrl {
  protocol: PushProtocol;
  /** Host that the encoder connects to. */
  host: string;
  port: number | null;
  /** Push domain: `h` of an SRT stream id, else the host. Empty when it is missing. */
  domain: string;
  /** AppName as written. */
  app: string;
  /** StreamName as written. */
  stream: string;
  /** Parameters as written, in order, including txSecret, a secret. */
  params: { name: string; value: string }[];
}

/** Files that players ask for. */
const PLAYBACK_FILE = /\.(?:flv|m3u8|mpd)$/i;

const SHAPE = /^([a-z][a-z0-9+.-]*):\/\/([^/?#\s]*)(\/[^?]*)?(?:\?(.*))?$/is;

function bad(problem: string): never {
  throw maskedError('BAD_PUSH_URL', { problem });
}

/** A server and a stream key on two lines, as OBS and others show them, with or without their labels. */
const SERVER_AND_KEY =
  /^(?:[^\n/]{0,40}[:：]\s{0,8})?(rtmps?:\/\/[^\s?"']{1,300}?)\/?[ \t]{0,8}\r?\n\s{0,8}(?:[^\n:：=?]{0,40}[:：]\s{0,8})?([^\s:：?]{1,300}\?\S{1,1000})$/i;
/** A URL that was copied with the quotation marks around it. */
const QUOTED = /^["'“‘「『<`](.*)["'”’」』>`]$/su;

/**
 * Removes what was copied with a push URL: quotation marks, and the line break between the server and the stream key
 * of an encoder's settings.
 */
export function tidyPushUrl(text: string): string {
  const plain = text.trim().replace(QUOTED, '$1').trim();
  const parts = SERVER_AND_KEY.exec(plain);
  return parts ? `${parts[1]}/${parts[2]}` : plain;
}

/**
 * Parses a push URL: `rtmp://domain/AppName/StreamName?…` (also rtmps, webrtc, and RTMP over SRT by
 * its port), or `srt://domain:9000?streamid=#!::h=domain,r=AppName/StreamName,…`. Keeps upper and
 * lower case, because CSS is case-sensitive. With WHIP, the push URL is the bearer token: a text that
 * contains a WHIP endpoint and a `webrtc://` URL is parsed as that URL.
 *
 * @param words - in which the error says what is wrong. Default: English
 * @throws `BAD_PUSH_URL`, without the URL in its message
 */
export function parsePushUrl(text: string, words: NoUrlStrings = URL_WORDS.en.none): PushUrl {
  const found = SHAPE.exec(urlInside(tidyPushUrl(text), words));
  if (!found) {
    bad(words.shape);
  }
  const [, scheme = '', authority = '', path = '', query = ''] = found;
  const { host, port } = parseAuthority(authority, words);
  const named = scheme.toLowerCase();
  if (named === 'srt') {
    return { protocol: 'srt', host, port, ...parseStreamId(query, words) };
  }
  if (/^https?$/.test(named) && PLAYBACK_FILE.test(path)) {
    bad(words.playback);
  }
  if (named !== 'rtmp' && named !== 'rtmps' && named !== 'webrtc') {
    bad(words.protocol(named));
  }
  const segments = path.replace(/^\/+/, '').split('/');
  const [app = '', ...rest] = segments;
  const stream = rest.join('/');
  if (!app || !stream) {
    bad(app ? words.noStream : words.noNames);
  }
  return {
    protocol: named === 'rtmp' && port === RTMP_OVER_SRT_PORT ? 'rtmp-over-srt' : named,
    host,
    port,
    domain: host,
    app,
    stream,
    params: parsePairs(query.split('&')),
  };
}

/** Returns the bearer token of WHIP settings; other texts as they are. */
function urlInside(text: string, words: NoUrlStrings): string {
  const endpoint = /^https?:\/\/([^/?#\s]*)([^?#\s]*)/i.exec(text);
  const isWhip =
    endpoint !== null &&
    (/(?:^|\.)tlivewebrtcpush\.com$/i.test(endpoint[1] ?? '') ||
      /\/whip\/?$|\/webrtc\//i.test(endpoint[2] ?? ''));
  if (!isWhip && !/^(?:authorization:\s*)?bearer\s/i.test(text)) {
    return text;
  }
  const plain = /webrtc:\/\/\S+/i.exec(text)?.[0];
  const escaped = /webrtc%3a%2f%2f[^\s&]+/i.exec(text)?.[0];
  if (plain === undefined && escaped === undefined) {
    bad(words.whipEndpoint);
  }
  return plain ?? decodePercent(escaped as string, 'webrtc://', words);
}

function parseAuthority(
  authority: string,
  words: NoUrlStrings,
): { host: string; port: number | null } {
  const found = /^(\[[0-9a-f:.]+\]|[^:@]+)(?::(\d{1,5}))?$/i.exec(authority);
  if (!found) {
    bad(authority.includes('@') ? words.userInfo : words.domain);
  }
  const port = found[2] ? Number(found[2]) : null;
  if (port !== null && (port === 0 || port > 65_535)) {
    bad(words.port);
  }
  return { host: found[1] as string, port };
}

/** Splits each part at its first `=`; leaves out empty parts. */
export function parsePairs(parts: readonly string[]): PushUrl['params'] {
  return parts
    .filter((part) => part !== '')
    .map((part) => {
      const equals = part.indexOf('=');
      return equals < 0
        ? { name: part, value: '' }
        : { name: part.slice(0, equals), value: part.slice(equals + 1) };
    });
}

/** Parses `streamid=#!::h=…,r=app/stream,…`, which may be percent-encoded. */
function parseStreamId(
  query: string,
  words: NoUrlStrings,
): Pick<PushUrl, 'domain' | 'app' | 'stream' | 'params'> {
  const [, written, afterwards = ''] = /(?:^|&)streamid=([^&]*)(?:&(.*))?$/is.exec(query) ?? [];
  if (written === undefined) {
    bad(words.streamIdMissing);
  }
  const id = written.startsWith('#') ? written : decodePercent(written, 'streamid', words);
  if (!id.startsWith('#!::')) {
    bad(words.streamIdStart);
  }
  // The encoder cuts the streamid at "&"; inside it, only a comma separates.
  if (
    /(?:^|&)(?:h|r|txSecret|txTime)=/i.test(afterwards) ||
    /&(?:h|r|txSecret|txTime)=/i.test(id)
  ) {
    bad(words.streamIdAmpersand);
  }
  const pairs = parsePairs(id.slice(4).split(','));
  const partOf = (name: string) => pairs.find((pair) => pair.name === name)?.value ?? '';
  // The mode of SRT's access control: without it, Tencent's port takes pushes.
  if (partOf('m').toLowerCase() === 'request') {
    bad(words.srtRequest);
  }
  const [app = '', ...rest] = partOf('r').replace(/^\/+/, '').split('/');
  const stream = rest.join('/');
  if (!app || !stream) {
    bad(words.streamIdNames);
  }
  return {
    domain: partOf('h'),
    app,
    stream,
    params: pairs.filter(({ name }) => name !== 'h' && name !== 'r'),
  };
}

function decodePercent(text: string, what: string, words: NoUrlStrings): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return bad(words.escape(what));
  }
}

/**
 * Reads the bizid, the account's number in CSS, from the parameter `bizid` or from Tencent's own push
 * domain (`8888.livepush.myqcloud.com`).
 */
export function parsePushBizid(domain: string, params: PushUrl['params']): string | null {
  const given = params.find(({ name }) => name === 'bizid')?.value;
  if (given !== undefined && /^\d{1,12}$/.test(given)) {
    return given;
  }
  return /^(\d{1,12})\.livepush\.myqcloud\.com$/i.exec(domain)?.[1] ?? null;
}
