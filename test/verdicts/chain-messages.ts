import type { Random } from '../../bench/diagnosis/random.ts';
import { apiEntry, onlineEntries } from '../../src/css/api/api-entry.ts';
import { callbackEntry, parseCallback } from '../../src/css/callbacks/callback.ts';
import { computeTxSecret, type PushKey } from '../../src/css/push-url/push-url.ts';
import type { JournalEntry } from '../../src/model/break.ts';
import type { Language } from '../../src/model/vocabulary.ts';
import { reasonById } from '../../src/reasons/reason-catalogue.ts';
import type { ChainStep } from './chain.ts';
import type { PlayedPush } from './play-chain.ts';

/** How the world between CSS and us treats messages. */
export interface Noise {
  /** Breakwatch's name of the account that all is told of. */
  account: string;
  random: Random;
  /** Part of the callbacks that never come. */
  drop: number;
  /** The API's clock minus the callbacks', in ms. */
  clockMs: number;
  /** Our clock minus CSS's, in ms: 0 unless the story is of a wrong clock. */
  ourClockMs: number;
  /** Every order of arrival is possible; else late by what CSS's repeats and polling take. */
  shuffled: boolean;
  /** Part of the callbacks that come a minute or two late; a fifth when absent. */
  late?: number;
  /** The list of live streams is read once in this time, ms; when absent, each push has a moment of its own. */
  listEveryMs?: number;
  /** Language of the event list. */
  language: Language;
  /** The event list shows an errcode behind the words. */
  numbers: boolean;
}

/** A message and when it comes in, epoch ms UTC. */
export interface Message {
  entry: JournalEntry;
  arrivesAt: number;
}

const RIGHT_KEY = 'verdictspushkey0123456789';
const WRONG_KEY = 'anotherpushkey0123456789';
/** The keys that Breakwatch knows. */
export const PUSH_KEYS: readonly PushKey[] = [{ domain: '*', key: RIGHT_KEY }];

const SECOND = 1_000;
/** A push that began this long ago is in the list of live streams, ms. */
const LIST_LAG_MS = 2_000;
const MINUTE = 60_000;

/** What callbacks and API tell of pushes, as it reaches Breakwatch, in order of arrival. */
export function messagesOf(pushes: readonly PlayedPush[], noise: Noise): Message[] {
  const messages = pushes.flatMap((push) => {
    const notified = pathsOf(push, noise);
    return [
      ...callbacksOf(push, noise, notified.callback),
      ...recordsOf(push, noise, notified.api),
    ];
  });
  if (noise.shuffled) {
    const moments = messages.map(({ arrivesAt }) => arrivesAt).sort((a, b) => a - b);
    const order = messages.map((message) => ({ message, place: noise.random.next() }));
    order.sort((a, b) => a.place - b.place);
    return order.map(({ message }, index) => ({ ...message, arrivesAt: moments[index] as number }));
  }
  return messages.sort((a, b) => a.arrivesAt - b.arrivesAt);
}

/** Which paths tell of a push's end. A refusal may come by one alone; documents do not say which. */
function pathsOf(push: PlayedPush, { random }: Noise): { callback: boolean; api: boolean } {
  if (push.end?.path === 'api') {
    return { callback: false, api: true };
  }
  const channel = push.refused ? random.int(0, 2) : 2;
  return { callback: channel !== 1, api: channel !== 0 };
}

function callbacksOf(push: PlayedPush, noise: Noise, tellsEnd: boolean): Message[] {
  const { account, random, drop, ourClockMs } = noise;
  const messages: Message[] = [];
  const send = (at: number, fields: Record<string, unknown>) => {
    if (random.chance(drop)) {
      return;
    }
    const body = {
      appid: 1250000000,
      app: push.group.domain,
      appname: push.group.app,
      stream_id: push.stream,
      channel_id: push.stream,
      sequence: push.sequence,
      node: push.node,
      user_ip: push.ip,
      stream_param: streamParam(push),
      event_time: Math.floor(at / SECOND),
      set_id: 2,
      width: 1280,
      height: 720,
      ...fields,
    };
    const late = random.chance(noise.late ?? 0.2) ? random.int(1, 2) * MINUTE : 0;
    const arrivesAt = at + ourClockMs + 400 + random.int(0, 3_000) + late;
    messages.push({
      entry: callbackEntry(account, parseCallback(body), arrivesAt, PUSH_KEYS),
      arrivesAt,
    });
  };
  if (!push.refused) {
    send(push.startedAt, { event_type: 1, errcode: 0, errmsg: 'ok' });
  }
  if (push.end && push.endedAt !== null && tellsEnd) {
    send(push.endedAt, {
      event_type: 0,
      // The sub code has no field in the documents.
      errcode: push.end.errcode,
      errmsg: wordsOf(push.end, 'en'),
      push_duration: String(push.endedAt - push.startedAt),
    });
  }
  return messages;
}

function recordsOf(push: PlayedPush, noise: Noise, tellsEnd: boolean): Message[] {
  const { account, random, clockMs, ourClockMs } = noise;
  const { domain, app } = push.group;
  const startedAt = floorSecond(push.startedAt + clockMs);
  const messages: Message[] = [];
  const listedAt = listTime(push, noise);
  if (!push.refused && listedAt !== null) {
    const arrivesAt = listedAt + ourClockMs;
    const online = { domain, app, stream: push.stream, publishedAt: [startedAt] };
    for (const entry of onlineEntries(account, online, arrivesAt)) {
      messages.push({ entry, arrivesAt });
    }
  }
  if (push.end && push.endedAt !== null && tellsEnd) {
    const late = random.int(60, 180) + (push.end.lateBy ?? 0);
    const arrivesAt = push.endedAt + ourClockMs + late * SECOND;
    const endedAt = floorSecond(push.endedAt + clockMs);
    const info = {
      DomainName: domain,
      AppName: app,
      StreamName: push.stream,
      StreamStartTime: utc(startedAt),
      StreamEndTime: utc(endedAt),
      StopReason: wordsOf(push.end, push.end.language ?? noise.language, noise.numbers),
      Duration: Math.round((endedAt - startedAt) / SECOND),
      ClientIp: push.ip,
      ...(push.refused ? {} : { Resolution: '1280*720' }),
    };
    messages.push({ entry: apiEntry(account, info, arrivesAt), arrivesAt });
  }
  return messages;
}

/** When a list of live streams shows a push, epoch ms UTC by the clock of CSS; null when it was too short. */
function listTime(
  { startedAt, endedAt }: PlayedPush,
  { random, listEveryMs }: Noise,
): number | null {
  const end = endedAt ?? Number.POSITIVE_INFINITY;
  if (listEveryMs !== undefined) {
    const at = Math.ceil((startedAt + LIST_LAG_MS) / listEveryMs) * listEveryMs;
    return at < end ? at : null;
  }
  return end - startedAt > MINUTE ? startedAt + random.int(2, 60) * SECOND : null;
}

/** CSS's words for the end of a push; of several documents' wordings the newest. */
function wordsOf({ reason = '', errcode }: ChainStep, language: Language, number = false): string {
  const words = reasonById(reason)?.texts[language][0];
  if (words === undefined) {
    throw new Error(`no ${language} words for ${reason}`);
  }
  return number && errcode !== undefined && errcode < 18 ? `${words}(${errcode})` : words;
}

function streamParam({ stream, expiresAt, secret }: PlayedPush): string {
  if (secret === 'none') {
    return '';
  }
  const txTime = Math.floor(expiresAt / SECOND).toString(16);
  const key = secret === 'right' ? RIGHT_KEY : WRONG_KEY;
  return `txSecret=${computeTxSecret(key, stream, txTime)}&txTime=${txTime}`;
}

function floorSecond(time: number): number {
  return Math.floor(time / SECOND) * SECOND;
}

function utc(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}
