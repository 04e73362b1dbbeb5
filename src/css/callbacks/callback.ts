import { hash, timingSafeEqual } from 'node:crypto';
import type { JournalEntry } from '../../model/break.ts';
import { BreakwatchError } from '../../model/errors.ts';
import { formatSpan } from '../../model/time.ts';
import { maskSecrets } from '../../secrets/mask-secrets.ts';
import { maskedError } from '../../secrets/masked-error.ts';
import { hashContent } from '../hash-content.ts';
import { deriveUrlMistake } from '../push-url/derive-url-mistake.ts';
import { derivePushParams, type PushKey } from '../push-url/push-url.ts';
import { deriveStreamNames } from '../push-url/stream-names.ts';
import { badField, FieldReader } from './callback-fields.ts';
import { nameForeignBody } from './foreign-body.ts';
import { pushExceptionKey } from './push-exception.ts';

/**
 * Documented types of CSS: 0 push ended, 1 push started, 100 recording, 200 screenshot, 314 relay, 315 audio
 * moderation, 317 image moderation, 321 push exception, 332 recording status, 341 recording exception, 343
 * quality check.
 */
const CALLBACK_TYPES = [0, 1, 100, 200, 314, 315, 317, 321, 332, 341, 343] as const;
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
  /** Names of optional fields with unusable values. Their values are null here, and stay in `body`. */
  unreadableFields: string[];
  /** The whole body, unmasked. */
  body: Record<string, unknown>;
}

/** Unix seconds (years 2001 and 2100). Other values are wrong, or in another unit. */
const MIN_SECONDS = 1_000_000_000;
const MAX_SECONDS = 4_102_444_800;

function eventTime(fields: FieldReader): number {
  const seconds = fields.strictWholeNumber('event_time') ?? badField('event_time', 'is missing');
  if (seconds < MIN_SECONDS || seconds > MAX_SECONDS) {
    badField('event_time', 'must be a Unix time in seconds');
  }
  return seconds * 1000;
}

function resolution(fields: FieldReader): string | null {
  const width = fields.wholeNumber('width');
  const height = fields.wholeNumber('height');
  return width && height ? `${width}*${height}` : null;
}

function signature(
  body: Record<string, unknown>,
  fields: FieldReader,
): Pick<CallbackMessage, 't' | 'signedT' | 'sign'> {
  const { t } = body;
  return {
    t: fields.strictWholeNumber('t'),
    signedT: typeof t === 'string' || typeof t === 'number' ? String(t) : null,
    sign: fields.strictText('sign') || null,
  };
}

/**
 * Reads a CSS callback: all fields when a push started (1) or ended (0), only the signature for the
 * other documented types. Accepts both names of the error code (`errcode`, and `errorcode` of 2018) and
 * numbers sent as strings.
 *
 * Only stream, time, type and signature must be right. A break must not be lost because CSS sends an
 * odd value in another field, so such a field is left out and listed in `unreadableFields`.
 *
 * @throws `CALLBACK_BAD_FIELD` naming the field, `CALLBACK_UNKNOWN_TYPE`, `CALLBACK_OF_OTHER_PRODUCT`
 */
export function parseCallback(body: unknown): CallbackMessage {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    badField('(body)', 'must be a JSON object');
  }
  const given = body as Record<string, unknown>;
  const fields = new FieldReader(given);
  const type = fields.strictWholeNumber('event_type') ?? withoutType(given);
  const eventType = CALLBACK_TYPES.find((known) => known === type);
  if (eventType === undefined) {
    throw STREAMLIVE_TYPES.has(type)
      ? maskedError('CALLBACK_OF_OTHER_PRODUCT', {
          what: `a StreamLive callback (event_type ${type})`,
        })
      : maskedError('CALLBACK_UNKNOWN_TYPE', { eventType: type });
  }
  if (eventType !== 0 && eventType !== 1) {
    return otherMessage(eventType, given, fields);
  }
  const message = {
    eventType,
    // Some senders add a space. The table of the bypass-live document writes `App`, its sample `app`.
    domain: fields.requiredText('app', 'App').trim() || badField('app', 'is missing or empty'),
    app: fields.requiredText('appname'),
    stream: fields.requiredText('stream_id', 'channel_id'),
    eventAt: eventTime(fields),
    sequence: fields.identifier('sequence'),
    node: fields.text('node') || null,
    clientIp: clientIpOf(fields.text('user_ip')),
    streamParam: fields.text('stream_param'),
    pushDurationMs: fields.wholeNumber('push_duration'),
    errcode: fields.wholeNumber('errcode', 'errorcode'),
    subErrcode: fields.wholeNumber('sub_errcode', 'suberrcode'),
    errmsg: fields.text('errmsg')?.trim() || null,
    setId: fields.wholeNumber('set_id'),
    resolution: resolution(fields),
    ...signature(given, fields),
    body: given,
  };
  return { ...message, unreadableFields: fields.unreadable };
}

/** Push started (329) and ended (330) of StreamLive, another product (document 1048/73133). */
const STREAMLIVE_TYPES = new Set([329, 330]);

function withoutType(body: Record<string, unknown>): never {
  const what = nameForeignBody(body);
  if (what !== null) {
    throw maskedError('CALLBACK_OF_OTHER_PRODUCT', { what });
  }
  badField('event_type', 'is missing');
}

/** Callbacks that report no start or end of a push are stored as they are. Only their sign is read. */
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
    unreadableFields: [],
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
/** A push of this length was live, even with such a code, for example one that arrears ended. */
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

/** CSS sets `t` ten minutes ahead. A `t` further ahead than this, s, would allow replays for too long. */
const MAX_AHEAD_S = 86_400;

/**
 * Checks that a callback comes from CSS and is not a replay: `sign` must be the MD5 of key + `t` in
 * lower-case hex, and `t` must not have passed (source: callback documents of product 267). Any of
 * the keys may match, because two are valid while a key is changed. Compares in constant time.
 *
 * @param account - account name, for error messages
 * @param now - epoch ms UTC
 * @throws `CALLBACK_UNSIGNED`, `CALLBACK_NO_KEY`, `CALLBACK_BAD_SIGN`, `CALLBACK_EXPIRED`, or
 * `CALLBACK_BAD_FIELD` for a `t` more than a day ahead
 */
export function verifyCallback(
  message: CallbackMessage,
  keys: readonly string[],
  account: string,
  now: number,
): void {
  const { sign, signedT, t } = message;
  if (sign === null || signedT === null || t === null) {
    throw new BreakwatchError('CALLBACK_UNSIGNED');
  }
  const usable = keys.filter((key) => key !== '');
  if (usable.length === 0) {
    throw maskedError('CALLBACK_NO_KEY', { account });
  }
  const given = digest(sign);
  let matches = false;
  for (const key of usable) {
    const expected = hash('md5', `${key}${signedT}`);
    matches = timingSafeEqual(given, digest(expected)) || matches;
  }
  if (!matches) {
    throw maskedError('CALLBACK_BAD_SIGN', { account });
  }
  const secondsAgo = Math.floor(now / 1000) - t;
  if (secondsAgo > 0) {
    throw maskedError('CALLBACK_EXPIRED', { ago: formatSpan(secondsAgo * 1_000) });
  }
  if (-secondsAgo > MAX_AHEAD_S) {
    throw maskedError('CALLBACK_BAD_FIELD', {
      field: 't',
      problem: 'is more than a day ahead',
    });
  }
}

/** Makes strings of any length comparable in constant time. */
function digest(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}

/** Shorter secrets are not masked, because they would match ordinary text by chance. */
const MIN_SECRET_LENGTH = 6;

/** Returns the secrets that are long enough to be masked wherever they occur. */
export function maskableSecrets(secrets: readonly string[]): string[] {
  return secrets.filter(({ length }) => length >= MIN_SECRET_LENGTH);
}

/** CSS repeats a message with a new `t` and `sign`, so these are not part of its identity. */
function contentKey(body: Record<string, unknown>): string {
  const { t: _t, sign: _sign, ...content } = body;
  return pushExceptionKey(body) ?? hashContent(content);
}

/**
 * Makes the journal entry of a verified callback, with secrets masked. CSS repeats a callback until
 * it is acknowledged, so the entry's key identifies the message: sequence and type; or, without a
 * sequence and for types that can occur several times per push, a hash of the content. Keys of push
 * exceptions begin with stream and time, so that they can be found by them.
 *
 * @param receivedAt - epoch ms UTC
 * @param pushKeys - push auth keys; whether txSecret matches one is derived before it is masked
 * @param secrets - callback keys, masked wherever they occur
 */
export function callbackEntry(
  account: string,
  message: CallbackMessage,
  receivedAt: number,
  pushKeys: readonly PushKey[],
  secrets: readonly string[] = [],
): JournalEntry {
  const { eventType, sequence, streamParam, body } = message;
  const isPush = eventType === 0 || eventType === 1;
  const known = [message.sign ?? '', ...secrets, ...pushKeys.map(({ key }) => key)];
  const derived =
    isPush && streamParam !== null
      ? {
          ...derivePushParams(streamParam, { ...message, ...callbackSpan(message) }, pushKeys),
          ...deriveStreamNames(streamParam, message.stream),
        }
      : isPush
        ? deriveUrlMistake(null, message.stream)
        : {};
  const masked = maskSecrets({ body, derived }, maskableSecrets(known));
  // The key is stored as well, so it must not contain a secret from the sequence, nor a hash of one.
  const isNamed = isPush && sequence !== null && masked.body.sequence === body.sequence;
  return {
    account,
    source: 'callback',
    key: `${isNamed ? sequence : contentKey(masked.body)}:${eventType}`,
    receivedAt,
    ...masked,
  };
}
