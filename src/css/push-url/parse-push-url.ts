import { maskedError } from '../../secrets/masked-error.ts';

/** Protocols of push URLs. */
const PUSH_PROTOCOLS = ['rtmp', 'rtmps', 'webrtc', 'srt', 'rtmp-over-srt'] as const;
export type PushProtocol = (typeof PUSH_PROTOCOLS)[number];

/** CSS ports for RTMP over SRT and for SRT (source: document 267/35257). */
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

const SHAPE = /^([a-z][a-z0-9+.-]*):\/\/([^/?#\s]*)(\/[^?]*)?(?:\?(.*))?$/is;

function bad(problem: string): never {
  throw maskedError('BAD_PUSH_URL', { problem });
}

/**
 * Parses a push URL: `rtmp://domain/AppName/StreamName?…` (also rtmps, webrtc, and RTMP over SRT by
 * its port), or `srt://domain:9000?streamid=#!::h=domain,r=AppName/StreamName,…`. Keeps upper and
 * lower case, because CSS is case-sensitive.
 *
 * @throws `BAD_PUSH_URL`, without the URL in its message
 */
export function parsePushUrl(text: string): PushUrl {
  const found = SHAPE.exec(text.trim());
  if (!found) {
    bad('it must look like rtmp://domain/AppName/StreamName.');
  }
  const [, scheme = '', authority = '', path = '', query = ''] = found;
  const { host, port } = parseAuthority(authority);
  const named = scheme.toLowerCase();
  if (named === 'srt') {
    return { protocol: 'srt', host, port, ...parseStreamId(query) };
  }
  if (named !== 'rtmp' && named !== 'rtmps' && named !== 'webrtc') {
    bad(`the protocol ${named} is not supported.`);
  }
  const segments = path.replace(/^\/+/, '').split('/');
  const [app = '', ...rest] = segments;
  const stream = rest.join('/');
  if (!app || !stream) {
    bad('AppName or StreamName is missing after the domain.');
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
  const written = /(?:^|&)streamid=([^&]*)/i.exec(query)?.[1];
  if (written === undefined) {
    bad('streamid is missing.');
  }
  const id = written.startsWith('#') ? written : decodeId(written);
  if (!id.startsWith('#!::')) {
    bad('streamid must begin with #!::.');
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

function decodeId(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return bad('streamid is not correctly percent-encoded.');
  }
}
