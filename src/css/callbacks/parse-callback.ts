import { maskedError } from '../../secrets/masked-error.ts';

/** 0 interruption, 1 push, 100 recording made, 200 screenshot made, 321 push exception. */
export const CALLBACK_TYPES = [0, 1, 100, 200, 321] as const;
export type CallbackType = (typeof CALLBACK_TYPES)[number];

/** One callback of CSS, its fields checked but not yet its sign. */
export interface CallbackMessage {
  eventType: CallbackType;
  /** Push domain. This and all down to `resolution` are read for types 0 and 1 only. */
  domain: string;
  /** AppName. */
  app: string;
  /** StreamName. */
  stream: string;
  /** Epoch ms UTC (CSS tells whole seconds); 0 for types other than 0 and 1. */
  eventAt: number;
  /** CSS's id of the push, the same for its begin and its end. */
  sequence: string | null;
  node: string | null;
  clientIp: string | null;
  /** Query of the push URL, with txSecret in clear. Null when the field is absent. */
  streamParam: string | null;
  /** How long the push was live, in ms. Only on interruptions. */
  pushDurationMs: number | null;
  errcode: number | null;
  /** No document names this field in callbacks; read when it comes. */
  subErrcode: number | null;
  errmsg: string | null;
  /** 1-6 on the Chinese mainland, 7-200 outside. */
  setId: number | null;
  /** `1280*720`; null when CSS had not seen the header. */
  resolution: string | null;
  /** Expiry of the message, Unix seconds. */
  t: number | null;
  /** t as it was signed. */
  signedT: string | null;
  /** A secret. */
  sign: string | null;
  /** All that came, unmasked. */
  body: Record<string, unknown>;
}

/** Event times outside these (2001 and 2100), in Unix seconds, are in another unit. */
const EARLIEST = 1_000_000_000;
const LATEST = 4_102_444_800;

function badField(field: string, problem: string): never {
  throw maskedError('CALLBACK_BAD_FIELD', { field, problem });
}

/** Reads fields of one body, naming the field that is wrong. */
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
      badField(name, 'is no text');
    }
    return value;
  }

  /** A text that has to be there and not be empty. */
  needed(...names: string[]): string {
    return this.text(...names) || badField(names[0] as string, 'is missing or empty');
  }

  /** A whole number from 0, given as number or as text; an empty text is none. */
  whole(...names: string[]): number | null {
    const found = this.#find(names);
    if (!found || found[1] === '') {
      return null;
    }
    const [name, value] = found;
    const number =
      typeof value === 'string' && /^\s*\d{1,15}\s*$/.test(value) ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < 0) {
      badField(name, 'is no whole number from 0');
    }
    return number;
  }

  /** A name that is a text, or, sent carelessly, a number that JSON holds exactly. */
  identifier(name: string): string | null {
    const value = this.#find([name])?.[1];
    if (value === undefined || (typeof value === 'number' && !Number.isSafeInteger(value))) {
      return null;
    }
    if (typeof value !== 'string' && typeof value !== 'number') {
      badField(name, 'is no text');
    }
    // Zero and the empty text are no ids of a push.
    return /^0*$/.test(String(value)) ? null : String(value);
  }
}

function eventTime(fields: FieldReader): number {
  const seconds = fields.whole('event_time') ?? badField('event_time', 'is missing');
  if (seconds < EARLIEST || seconds > LATEST) {
    badField('event_time', 'is no Unix time in seconds');
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
 * Reads a CSS callback: pushes (1) and interruptions (0) in full, other known types as far as
 * they go. Both spellings of the error code are known (`errcode`, and `errorcode` of 2018), and
 * numbers may come as text.
 *
 * @throws `CALLBACK_BAD_FIELD` naming the field, `CALLBACK_UNKNOWN_TYPE`
 */
export function parseCallback(body: unknown): CallbackMessage {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    badField('(body)', 'is no JSON object');
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

/** Recordings, screenshots and push exceptions are kept as they are; only their sign is looked at. */
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

/** CSS writes `-` for an address in a private network. */
export function clientIpOf(text: string | null | undefined): string | null {
  const address = text?.trim() ?? '';
  return address === '' || address === '-' ? null : address;
}
