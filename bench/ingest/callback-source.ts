import { createHash } from 'node:crypto';

/** Makes signed callbacks as raw HTTP requests, each for a different push. */
export class CallbackSource {
  readonly #key: string;
  readonly #host: string;
  #made = 0;

  constructor(key: string, host: string) {
    this.#key = key;
    this.#host = host;
  }

  /** Number of callbacks made so far. */
  get made(): number {
    return this.#made;
  }

  /** The next callback: one of 2,000 streams of 20 domains, on one of 50 nodes. */
  next(): Buffer {
    this.#made += 1;
    const count = this.#made;
    const seconds = Math.floor(Date.now() / 1000);
    const t = seconds + 600;
    const body = JSON.stringify({
      app: `push${count % 20}.example.com`,
      appid: 1251659802,
      appname: 'live',
      channel_id: `shop-${count % 2_000}`,
      errcode: [1, 4, 12, 13, 18, 20, 5, 7][count % 8],
      errmsg: count % 8 === 4 ? 'The push URL has expired.' : '',
      event_time: seconds,
      event_type: 0,
      node: `198.51.100.${count % 50}`,
      push_duration: String((count % 8) * 60_000),
      sequence: `${process.pid}${seconds}${count}`,
      set_id: 2,
      sign: createHash('md5').update(`${this.#key}${t}`).digest('hex'),
      stream_id: `shop-${count % 2_000}`,
      stream_param: 'txSecret=00112233445566778899aabbccddeeff&txTime=7fffffff',
      t,
      user_ip: `203.0.113.${count % 250}`,
    });
    return Buffer.from(
      `POST /callbacks/css/default HTTP/1.1\r\nHost: ${this.#host}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  }
}
