import { createHash } from 'node:crypto';
import { createRandom } from '../diagnosis/random.ts';

const DOMAIN = 'push.example.com';
/** Each flapping stream breaks once in this time, ms: 450 of them send 30 callbacks a second. */
const CYCLE_MS = 30_000;
/** Down for this time after each break, ms. */
const DOWN_MS = { from: 4_000, to: 16_000 };
/** CSS signs a callback for this time, s. */
const VALID_S = 600;

/** A callback of CSS and the moment at which it happens. */
export interface TimedCallback {
  at: number;
  body: Record<string, unknown>;
}

interface Stream {
  name: string;
  number: number;
  /** The next break or start, epoch ms UTC; infinite when the stream is stable. */
  nextAt: number;
  isLive: boolean;
  /** Start of its push, epoch ms UTC. */
  startedAt: number;
  pushes: number;
}

/**
 * Makes the callbacks of streams that flap, and of others that start once and stay live. At each moment
 * some of them are down, so that their incident is open throughout.
 */
export class FlappingSource {
  readonly #sign: string;
  readonly #random = createRandom(1);
  readonly #streams: Stream[];
  made = 0;

  /** @param from - when the streams start, epoch ms UTC */
  constructor(
    key: string,
    from: number,
    { flapping, stable }: { flapping: number; stable: number },
  ) {
    this.#sign = key;
    this.#streams = Array.from({ length: flapping + stable }, (_unused, number) => ({
      name: number < flapping ? `flapping-${number}` : `stable-${number - flapping}`,
      number: number < flapping ? number : -1,
      nextAt: from + Math.floor(this.#random.next() * CYCLE_MS),
      isLive: false,
      startedAt: 0,
      pushes: 0,
    }));
  }

  /** Returns the callbacks up to a moment, in order of time. @param until - epoch ms UTC */
  upTo(until: number): TimedCallback[] {
    const due: TimedCallback[] = [];
    for (const stream of this.#streams) {
      while (stream.nextAt <= until) {
        due.push(this.#next(stream));
      }
    }
    this.made += due.length;
    return due.sort((a, b) => a.at - b.at);
  }

  #next(stream: Stream): TimedCallback {
    const at = stream.nextAt;
    if (stream.isLive) {
      stream.isLive = false;
      stream.nextAt = at + this.#random.int(DOWN_MS.from, DOWN_MS.to);
      const push_duration = String(at - stream.startedAt);
      return this.#callback(stream, at, { event_type: 0, errcode: 13, errmsg: '', push_duration });
    }
    stream.isLive = true;
    stream.startedAt = at;
    stream.pushes += 1;
    stream.nextAt =
      stream.number < 0
        ? Number.POSITIVE_INFINITY
        : at + CYCLE_MS - this.#random.int(DOWN_MS.from, DOWN_MS.to);
    return this.#callback(stream, at, { event_type: 1, errcode: 0, errmsg: '' });
  }

  #callback(stream: Stream, at: number, fields: Record<string, unknown>): TimedCallback {
    const { name, pushes } = stream;
    const t = Math.floor(at / 1_000) + VALID_S;
    const body = {
      app: DOMAIN,
      appid: 1251659802,
      appname: 'live',
      channel_id: name,
      stream_id: name,
      event_time: Math.floor(at / 1_000),
      node: stream.number < 0 ? '198.51.100.2' : '198.51.100.1',
      user_ip: `203.0.113.${1 + (Math.max(0, stream.number) % 250)}`,
      sequence: `${name}-${pushes}`,
      set_id: 2,
      sign: createHash('md5').update(`${this.#sign}${t}`).digest('hex'),
      t,
      ...fields,
    };
    return { at, body };
  }
}
