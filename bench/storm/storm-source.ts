import { createHash } from 'node:crypto';

/** First six reconnects of OBS Studio, s after the break. */
const TRIES_S = [2, 5, 9.5, 16, 26, 42];
/** The live pushes break within this time, s. */
const SPREAD_S = 14;
const DOMAINS = 8;
const NODES = 40;
const LIVE_S = 3_600;
const ARREARS =
  'Your CSS services have been suspended due to overdue payments. Please top up your account balance.';

interface Step {
  stream: number;
  /** 0: its live push breaks. Higher: a refused reconnect. */
  turn: number;
  at: number;
}

/**
 * Makes the callbacks of an account in arrears, as raw HTTP requests: first the starts of all pushes.
 * Then each live push breaks, and its encoder reconnects like OBS Studio and is refused.
 */
export class StormSource {
  readonly #key: string;
  readonly #host: string;
  readonly #streams: number;
  readonly #steps: Step[];
  #started = 0;
  #made = 0;

  constructor(key: string, host: string, streams: number) {
    this.#key = key;
    this.#host = host;
    this.#streams = streams;
    this.#steps = Array.from({ length: streams }, (_unused, stream) =>
      [0, ...TRIES_S].map((wait, turn) => ({
        stream,
        turn,
        at: ((stream * 7919) % streams) * (SPREAD_S / streams) + wait,
      })),
    )
      .flat()
      .sort((a, b) => a.at - b.at);
  }

  /** Number of callbacks of the storm, without the starts. */
  get events(): number {
    return this.#steps.length;
  }

  /** Number of starts that are not made yet. */
  get starts(): number {
    return this.#streams - this.#started;
  }

  /** Number of callbacks made so far. */
  get made(): number {
    return this.#started + this.#made;
  }

  /** The next start of a push, or else the next callback of the storm. */
  next(): Buffer {
    if (this.#started < this.#streams) {
      const stream = this.#started++;
      return this.#request(stream, {
        event_type: 1,
        event_time: nowSeconds() - LIVE_S,
        sequence: `live-${stream}`,
      });
    }
    const { stream, turn } = this.#steps[this.#made++ % this.#steps.length] as Step;
    return this.#request(stream, {
      event_type: 0,
      event_time: nowSeconds(),
      errcode: 18,
      errmsg: ARREARS,
      push_duration: turn === 0 ? String(LIVE_S * 1_000) : '0',
      sequence: turn === 0 ? `live-${stream}` : `try-${stream}-${turn}`,
    });
  }

  #request(stream: number, fields: Record<string, unknown>): Buffer {
    const t = nowSeconds() + 600;
    const body = JSON.stringify({
      app: `push${stream % DOMAINS}.example.com`,
      appid: 1251659802,
      appname: 'live',
      channel_id: `room-${stream}`,
      stream_id: `room-${stream}`,
      node: `198.51.100.${stream % NODES}`,
      user_ip: `203.0.${stream % 200}.${1 + (stream % 250)}`,
      stream_param: 'txSecret=00112233445566778899aabbccddeeff&txTime=7fffffff',
      set_id: 2,
      sign: createHash('md5').update(`${this.#key}${t}`).digest('hex'),
      t,
      ...fields,
    });
    return Buffer.from(
      `POST /callbacks/css/default HTTP/1.1\r\nHost: ${this.#host}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  }
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1_000);
}
