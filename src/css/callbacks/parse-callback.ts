import { maskedError } from '../../secrets/masked-error.ts';

/** 0 push ended, 1 push started, 100 recording, 200 screenshot, 321 push exception. */
export const CALLBACK_TYPES = [0, 1, 100, 200, 321] as const;
export type CallbackType = (typeof CALLBACK_TYPES)[number];

/** A CSS callback with checked fields; its sign is checked by `verifyCallback`. */
export interface CallbackMessage {
  eventType: CallbackType;
  /** Push domain. The fields from here to `resolution` are read for types 0 and 1 only. */
  domain: string;
  /** AppName. */
  app: string;
  /** StreamName. */
  stream: string;
  /** Epoch ms UTC (CSS reports whole seconds); 0 for types other than 0 and 1. */
  eventAt: number;
  /** CSS's id of the push, the same when it starts and when it ends. */
  sequence: string | null;
  node: string | null;
  clientIp: string | null;
  /** Query of the push URL, with txSecret unmasked. Null when the field is absent. */
  streamParam: string | null;
  /** How long the push was live, ms. Only when a push ended. */
  pushDurationMs: number | null;
  errcode: number | null;
  /** Not documented for callbacks; read when it is present. */
  subErrcode: number | null;
  errmsg: string | null;
  /** 1-6 on the Chinese mainland, 7-200 outside. */
  setId: number | null;
  /** `1280*720`; null when CSS had not seen the header. */
  resolution: string | null;
  /** Expiry of the message, Unix seconds. */
  t: number | null;
  /** `t` as text, exactly as it was signed. */
  signedT: string | null;
  /** A secret. */
  sign: string | null;
  /** The whole body, unmasked. */
  body: Record<string, unknown>;
}

/** Unix seconds (years 2001 and 2100). A time outside is in another unit, or wrong. */
const EARLIEST = 1_000_000_000;
const LATEST = 4_102_444_800;

function badField(field: string, problem: string): never {
  throw maskedError('CALLBACK_BAD_FIELD', { field, problem });
}

/** Reads the fields of one body. Its errors name the field. */
class FieldReader {
  readonly #body: Record<string, unknown>;

  constructor(body: Record<string, unknown>) {
    this.#body = body;
  }

  /** The first of these names that has a value. */
  #find(names: readonly string[]): [string, unknown] | undefined {
    for (const name of names) {
      const value = Object.hasOwn(this.#body, name) ? this.#body[name] : undefined;
      if (value !== undefined && value !== null) {
        return [name, value];
      }
    }
    return undefined;
  }

  text(...names: string[]): string | null {
    const found = this.#find(names);
    if (!found) {
      return null;
    }
    const [name, value] = found;
    if (typeof value !== 'string') {
      badField(name, 'must be a string');
    }
    return value;
  }

  /** A string that must be present and not empty. */
  needed(...names: string[]): string {
    return this.text(...names) || badField(names[0] as string, 'is missing or empty');
  }

  /** A whole number of 0 or more, as a number or a string; an empty string counts as absent. */
  whole(...names: string[]): number | null {
    const found = this.#find(names);
    if (!found || found[1] === '') {
      return null;
    }
    const [name, value] = found;
    const number =
      typeof value === 'string' && /^\s*\d{1,15}\s*$/.test(value) ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < 0) {
      badField(name, 'must be a whole number of at least 0');
    }
    return number;
  }

  /** An id: a string, or a number that JSON represents exactly. */
  identifier(name: string): string | null {
    const value = this.#find([name])?.[1];
    if (value === undefined || (typeof value === 'number' && !Number.isSafeInteger(value))) {
      return null;
    }
    if (typeof value !== 'string' && typeof value !== 'number') {
      badField(name, 'must be a string');
    }
    // CSS sends 0 or an empty string where there is no id.
    return /^0*$/.test(String(value)) ? null : String(value);
  }
}

function eventTime(fields: FieldReader): number {
  const seconds = fields.whole('event_time') ?? badField('event_time', 'is missing');
  if (seconds < EARLIEST || seconds > LATEST) {
    badField('event_time', 'must be a Unix time in seconds');
  }
  return seconds * 1000;
}

function resolution(fields: FieldReader): string | null {
  const width = fields.whole('width');
  const height = fields.whole('height');
  return width && height ? `${width}*${height}` : null;
}

function signature(
  body: Record<string, unknown>,
  fields: FieldReader,
): Pick<CallbackMessage, 't' | 'signedT' | 'sign'> {
  const { t } = body;
  return {
    t: fields.whole('t'),
    signedT: typeof t === 'string' || typeof t === 'number' ? String(t) : null,
    sign: fields.text('sign') || null,
  };
}

/**
 * Reads a CSS callback: all fields when a push started (1) or ended (0), only the signature for the
 * other known types. Accepts both names of the error code (`errcode`, and `errorcode` of 2018) and
 * numbers sent as strings.
 *
 * @throws `CALLBACK_BAD_FIELD` naming the field, `CALLBACK_UNKNOWN_TYPE`
 */
export function parseCallback(body: unknown): CallbackMessage {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    badField('(body)', 'must be a JSON object');
  }
  const given = body as Record<string, unknown>;
  const fields = new FieldReader(given);
  const type = fields.whole('event_type') ?? badField('event_type', 'is missing');
  const eventType = CALLBACK_TYPES.find((known) => known === type);
  if (eventType === undefined) {
    throw maskedError('CALLBACK_UNKNOWN_TYPE', { eventType: type });
  }
  if (eventType !== 0 && eventType !== 1) {
    return otherMessage(eventType, given, fields);
  }
  return {
    eventType,
    domain: fields.needed('app'),
    app: fields.needed('appname'),
    stream: fields.needed('stream_id', 'channel_id'),
    eventAt: eventTime(fields),
    sequence: fields.identifier('sequence'),
    node: fields.text('node') || null,
    clientIp: clientIpOf(fields.text('user_ip')),
    streamParam: fields.text('stream_param'),
    pushDurationMs: fields.whole('push_duration'),
    errcode: fields.whole('errcode', 'errorcode'),
    subErrcode: fields.whole('sub_errcode', 'suberrcode'),
    errmsg: fields.text('errmsg')?.trim() || null,
    setId: fields.whole('set_id'),
    resolution: resolution(fields),
    ...signature(given, fields),
    body: given,
  };
}

/** Recordings, screenshots and push exceptions are journalled as they are; only their sign is read. */
function otherMessage(
  eventType: CallbackType,
  body: Record<string, unknown>,
  fields: FieldReader,
): CallbackMessage {
  return {
    eventType,
    domain: '',
    app: '',
    stream: '',
    eventAt: 0,
    sequence: null,
    node: null,
    clientIp: null,
    streamParam: null,
    pushDurationMs: null,
    errcode: null,
    subErrcode: null,
    errmsg: null,
    setId: null,
    resolution: null,
    ...signature(body, fields),
    body,
  };
}

/** Reads a client address; CSS writes `-` for one in a private network. */
export function clientIpOf(text: string | null | undefined): string | null {
  const address = text?.trim() ?? '';
  return address === '' || address === '-' ? null : address;
}

/** errcodes with which CSS refuses a push before it starts: its own checks and remote authentication. */
const REFUSALS = new Set([18, 19]);
/** A push that lasted this long was live, even with such a code, for example one cut by arrears. */
const LIVE_MS = 1_000;

/** When a push was live, according to one callback. Times are epoch ms UTC. */
export interface CallbackSpan {
  startedAt: number | null;
  /** Null for a push that started. */
  endedAt: number | null;
  /** Null when unknown, 0 for a refused push. */
  durationMs: number | null;
}

/** Finds when the push of a callback of type 0 or 1 was live. */
export function callbackSpan(message: CallbackMessage): CallbackSpan {
  const { eventAt } = message;
  if (message.eventType === 1) {
    return { startedAt: eventAt, endedAt: null, durationMs: null };
  }
  const isRefusal = message.errcode !== null && REFUSALS.has(message.errcode);
  const wasLive = (message.pushDurationMs ?? 0) >= LIVE_MS;
  const durationMs = isRefusal && !wasLive ? 0 : message.pushDurationMs;
  return {
    startedAt: durationMs === null ? null : eventAt - durationMs,
    endedAt: eventAt,
    durationMs,
  };
}
