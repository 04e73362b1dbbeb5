import { type BreakEvent, type JournalEntry, QUIET_MARK, type SourceKey } from '../model/break.ts';
import type { FactValue } from '../model/facts.ts';
import type { Push } from '../model/push.ts';
import { asBreakwatchError, maskedError } from '../secrets/masked-error.ts';
import { callbackSpan, clientIpOf, parseCallback } from './callbacks/callback.ts';
import { parseCssTime } from './css-time.ts';

/** The end of a push as one source reports it. Times are epoch ms UTC. */
export interface ArrivedEnd
  extends Omit<BreakEvent, 'id' | 'outcome' | 'reason' | 'recoveredAt' | 'sources' | 'facts'> {
  sourceKey: SourceKey;
  /** Facts derived from the push URL before it was masked. */
  derived: Record<string, FactValue>;
  /** Region of the node: 1–6 on the Chinese mainland. Callbacks only. */
  setId: number | null;
}

/** What a journal entry reports. */
export type Arrival =
  | { kind: 'end'; event: ArrivedEnd }
  | { kind: 'start'; push: Push; node: string | null; derived: Record<string, FactValue> }
  /** Only stored as evidence. `problem` is set when the entry cannot be read. */
  | { kind: 'other'; problem?: string };

/**
 * Reads a journal entry: the end of a push, its start, or something else. Never throws for entries
 * of callbacks and the API, because those were checked on arrival.
 *
 * @throws `BAD_EVENT`, `CALLBACK_*` for an entry of source `file` that is not an event
 */
export function readArrival(entry: JournalEntry): Arrival {
  try {
    return 'event_type' in entry.body ? readCallback(entry) : readRecord(entry);
  } catch (thrown) {
    if (entry.source === 'file') {
      throw thrown;
    }
    return { kind: 'other', problem: asBreakwatchError(thrown).message };
  }
}

/**
 * When the push URL expires; empty when unknown. An imported push that must not notify gets no forewarning
 * either, so its expiry is left out.
 */
function expiryOf(derived: Record<string, FactValue>): Pick<Push, 'txTime'> {
  const { txTime } = derived;
  if (derived[QUIET_MARK] === true) {
    return {};
  }
  const at = typeof txTime === 'string' ? Date.parse(txTime) : Number.NaN;
  return Number.isNaN(at) ? {} : { txTime: at };
}

function sourceKeyOf({ source, key, receivedAt, derived }: JournalEntry): SourceKey {
  return { source, key, receivedAt, ...(derived[QUIET_MARK] === true ? { quiet: true } : {}) };
}

/** Facts derived from the push URL of an entry, without the mark of a quiet import. */
export function factsOf({ derived }: Pick<JournalEntry, 'derived'>): Record<string, FactValue> {
  if (!(QUIET_MARK in derived)) {
    return derived;
  }
  const { [QUIET_MARK]: _quiet, ...facts } = derived;
  return facts;
}

function readCallback(entry: JournalEntry): Arrival {
  const message = parseCallback(entry.body);
  if (message.eventType !== 0 && message.eventType !== 1) {
    return { kind: 'other' };
  }
  const { domain, app, stream, sequence } = message;
  const { startedAt, endedAt, durationMs } = callbackSpan(message);
  const key = { account: entry.account, domain, app, stream };
  if (endedAt === null) {
    const push = {
      ...key,
      startedAt: message.eventAt,
      endedAt: null,
      sequence,
      ...expiryOf(entry.derived),
    };
    return { kind: 'start', push, node: message.node, derived: factsOf(entry) };
  }
  return {
    kind: 'end',
    event: {
      ...key,
      startedAt,
      endedAt,
      durationMs,
      code:
        message.errcode === null
          ? null
          : { errcode: message.errcode, subErrcode: message.subErrcode || null },
      bypassCode: null,
      reasonText: message.errmsg,
      clientIp: message.clientIp,
      node: message.node,
      resolution: message.resolution,
      sequence,
      sourceKey: sourceKeyOf(entry),
      derived: factsOf(entry),
      setId: message.setId,
    },
  };
}

function badEvent(problem: string): never {
  throw maskedError('BAD_EVENT', { problem });
}

function textOf(body: Record<string, unknown>, name: string): string | null {
  const value = body[name];
  if (value === undefined || value === null) {
    return null;
  }
  return typeof value === 'string' ? value.trim() || null : badEvent(`${name} must be a string`);
}

function wholeOf(body: Record<string, unknown>, name: string): number | null {
  const value = body[name];
  if (value === undefined || value === null) {
    return null;
  }
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value.trim()) ? +value : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0
    ? number
    : badEvent(`${name} must be a whole number of at least 0`);
}

function timeOf(body: Record<string, unknown>, name: string): number | null {
  const text = textOf(body, name);
  return text === null
    ? null
    : (parseCssTime(text) ?? badEvent(`${name} must be a UTC time such as 2019-01-07T12:00:00Z`));
}

/** Reads an API record, or a line that only has a reason. */
function readRecord(entry: JournalEntry): Arrival {
  const { body } = entry;
  const key = {
    account: entry.account,
    domain: textOf(body, 'DomainName') ?? '',
    app: textOf(body, 'AppName') ?? '',
    stream: textOf(body, 'StreamName') ?? '',
  };
  const publishedAt = timeOf(body, 'PublishTime');
  if (publishedAt !== null) {
    const push = { ...key, startedAt: publishedAt, endedAt: null, sequence: null };
    return { kind: 'start', push, node: null, derived: factsOf(entry) };
  }
  const startedAt = timeOf(body, 'StreamStartTime');
  const endedAt = timeOf(body, 'StreamEndTime');
  if (endedAt === null && entry.source !== 'file') {
    badEvent('StreamEndTime is missing');
  }
  const seconds = wholeOf(body, 'Duration');
  const span = startedAt !== null && endedAt !== null ? Math.max(0, endedAt - startedAt) : null;
  const errcode = wholeOf(body, 'errcode');
  const subErrcode = wholeOf(body, 'subErrcode');
  return {
    kind: 'end',
    event: {
      ...key,
      startedAt,
      // A line without a time counts as happening now.
      endedAt: endedAt ?? entry.receivedAt,
      durationMs: seconds === null ? span : seconds * 1000,
      code: errcode === null ? null : { errcode, subErrcode: subErrcode || null },
      bypassCode: wholeOf(body, 'bypassCode'),
      reasonText:
        textOf(body, 'StopReason') ?? textOf(body, 'reasonText') ?? textOf(body, 'errmsg'),
      clientIp: clientIpOf(textOf(body, 'ClientIp')),
      node: null,
      resolution: textOf(body, 'Resolution'),
      sequence: null,
      sourceKey: sourceKeyOf(entry),
      derived: factsOf(entry),
      setId: null,
    },
  };
}
