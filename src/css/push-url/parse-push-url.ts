import { maskedError } from '../../secrets/masked-error.ts';

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

/**
 * Parses a push URL: `rtmp://domain/AppName/StreamName?…` (also rtmps, webrtc, and RTMP over SRT by
 * its port), or `srt://domain:9000?streamid=#!::h=domain,r=AppName/StreamName,…`. Keeps upper and
 * lower case, because CSS is case-sensitive. With WHIP, the push URL is the bearer token: a text that
 * contains a WHIP endpoint and a `webrtc://` URL is parsed as that URL.
 *
 * @throws `BAD_PUSH_URL`, without the URL in its message
 */
export function parsePushUrl(text: string): PushUrl {
  const found = SHAPE.exec(urlInside(text.trim()));
  if (!found) {
    bad('it must look like rtmp://domain/AppName/StreamName.');
  }
  const [, scheme = '', authority = '', path = '', query = ''] = found;
  const { host, port } = parseAuthority(authority);
  const named = scheme.toLowerCase();
  if (named === 'srt') {
    return { protocol: 'srt', host, port, ...parseStreamId(query) };
  }
  if (/^https?$/.test(named) && PLAYBACK_FILE.test(path)) {
    bad(
      'it is a playback URL (HTTP-FLV, HLS or DASH). Check the URL that the encoder pushes to; it begins with rtmp://, webrtc:// or srt://.',
    );
  }
  if (named !== 'rtmp' && named !== 'rtmps' && named !== 'webrtc') {
    bad(`the protocol ${named} is not supported.`);
  }
  const segments = path.replace(/^\/+/, '').split('/');
  const [app = '', ...rest] = segments;
  const stream = rest.join('/');
  if (!app || !stream) {
    bad(
      app
        ? 'StreamName is missing after AppName. OBS and others keep it, with its parameters, as the stream key beside the server; join both with "/".'
        : 'AppName and StreamName are missing after the domain.',
    );
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
function urlInside(text: string): string {
  const endpoint = /^https?:\/\/([^/?#\s]*)([^?#\s]*)/i.exec(text);
  const isWhip =
    endpoint !== null &&
    (/(?:^|\.)tlivewebrtcpush\.com$/i.test(endpoint[1] ?? '') ||
      /\/whip\/?$/i.test(endpoint[2] ?? ''));
  if (!isWhip && !/^(?:authorization:\s*)?bearer\s/i.test(text)) {
    return text;
  }
  const plain = /webrtc:\/\/\S+/i.exec(text)?.[0];
  const escaped = /webrtc%3a%2f%2f[^\s&]+/i.exec(text)?.[0];
  if (plain === undefined && escaped === undefined) {
    bad(
      'it is the endpoint of WHIP, which is the same for every stream. The push URL is the webrtc:// text that the encoder sends as bearer token. Check that text.',
    );
  }
  return plain ?? decodePercent(escaped as string, 'the webrtc:// URL');
}

function parseAuthority(authority: string): { host: string; port: number | null } {
  const found = /^(\[[0-9a-f:.]+\]|[^:@]+)(?::(\d{1,5}))?$/i.exec(authority);
  if (!found) {
    bad('the domain after :// is not valid.');
  }
  return { host: found[1] as string, port: found[2] ? Number(found[2]) : null };
}

function parsePairs(parts: readonly string[]): PushUrl['params'] {
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
function parseStreamId(query: string): Pick<PushUrl, 'domain' | 'app' | 'stream' | 'params'> {
  const [, written, afterwards = ''] = /(?:^|&)streamid=([^&]*)(?:&(.*))?$/is.exec(query) ?? [];
  if (written === undefined) {
    bad('streamid is missing.');
  }
  const id = written.startsWith('#') ? written : decodePercent(written, 'streamid');
  if (!id.startsWith('#!::')) {
    bad('streamid must begin with #!::.');
  }
  // The encoder cuts the streamid at "&"; inside it, only a comma separates.
  if (
    /(?:^|&)(?:h|r|txSecret|txTime)=/i.test(afterwards) ||
    /&(?:h|r|txSecret|txTime)=/i.test(id)
  ) {
    bad('streamid has "&" between its parts; separate them with commas (#!::h=…,r=…,txSecret=…).');
  }
  const pairs = parsePairs(id.slice(4).split(','));
  const partOf = (name: string) => pairs.find((pair) => pair.name === name)?.value ?? '';
  const [app = '', ...rest] = partOf('r').replace(/^\/+/, '').split('/');
  const stream = rest.join('/');
  if (!app || !stream) {
    bad('r=AppName/StreamName is missing in streamid.');
  }
  return {
    domain: partOf('h'),
    app,
    stream,
    params: pairs.filter(({ name }) => name !== 'h' && name !== 'r'),
  };
}

function decodePercent(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return bad(`${what} is not correctly percent-encoded.`);
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
