import http from 'node:http';
import https from 'node:https';
import type { Clock } from './clock.ts';
import type { Faults } from './faults.ts';
import type { Random } from './random.ts';

/** 0 push ended, 1 push started, 321 push exception. */
export type CallbackEventType = 0 | 1 | 321;

/** How callbacks are delivered. */
export interface CallbackPosterOptions {
  url: string;
  clock: Clock;
  random: Random;
  faults: Faults;
  /** Time between two tries, ms. CSS waits 60,000. */
  retryIntervalMs: number;
  /** Number of retries after the first try. CSS retries 12 times. */
  retries: number;
  /** Maximum number of requests in flight. */
  concurrency: number;
  /** A try times out after this, ms. CSS: 20,000. */
  timeoutMs: number;
}

/** Delivery state of one callback. Times are ms since the epoch. */
export interface CallbackDelivery {
  sequence: string;
  streamId: string;
  eventType: CallbackEventType;
  createdAt: number;
  state: 'waiting' | 'delivered' | 'failed' | 'dropped' | 'lost';
  tries: number;
  /** HTTP status of the last try; 0 without an answer. */
  lastStatus: number;
  answeredAt?: number;
}

const maxDeliveries = 200_000;

/** Posts callbacks with limited concurrency and retries, never through a proxy. */
export class CallbackPoster {
  /** The newest 200,000 callbacks. */
  readonly deliveries: CallbackDelivery[] = [];
  readonly bodies = new WeakMap<CallbackDelivery, string>();
  readonly #options: CallbackPosterOptions;
  readonly #agent: http.Agent;
  readonly #queue: CallbackDelivery[] = [];
  readonly #cancels = new Set<() => void>();
  #head = 0;
  #active = 0;
  #stopped = false;

  constructor(options: CallbackPosterOptions) {
    this.#options = options;
    const Agent = options.url.startsWith('https:') ? https.Agent : http.Agent;
    // A custom agent ignores the proxy settings of the environment.
    this.#agent = new Agent({ keepAlive: true, maxSockets: options.concurrency });
  }

  /** Sends a callback, after the configured faults are applied. */
  post(eventType: CallbackEventType, sequence: string, streamId: string, body: unknown): void {
    const { faults, random, clock } = this.#options;
    const copies = random.chance(faults.callbackDuplicatePercent) ? 2 : 1;
    const dropped = random.chance(faults.callbackDropPercent);
    // Draws a random number only when this fault is on, so that older seeds give the same results.
    const lost = faults.callbackLostPercent > 0 && random.chance(faults.callbackLostPercent);
    for (let copy = 0; copy < copies; copy += 1) {
      const delivery: CallbackDelivery = {
        sequence,
        streamId,
        eventType,
        createdAt: clock.now(),
        state: dropped ? 'dropped' : 'waiting',
        tries: 0,
        lastStatus: 0,
      };
      this.deliveries.push(delivery);
      if (this.deliveries.length > maxDeliveries) this.deliveries.splice(0, maxDeliveries / 10);
      this.bodies.set(delivery, JSON.stringify(body));
      if (dropped) continue;
      if (lost) {
        Object.assign(delivery, { state: 'lost', tries: 1, lastStatus: 200 });
        delivery.answeredAt = delivery.createdAt;
        continue;
      }
      if (faults.callbackDelayMs > 0) {
        this.#enqueueAfter(random.between(0, faults.callbackDelayMs), delivery);
      } else {
        this.#enqueue(delivery);
      }
    }
  }

  /** Stops all sending and closes the connections. */
  stop(): void {
    this.#stopped = true;
    for (const cancel of this.#cancels) cancel();
    this.#cancels.clear();
    this.#agent.destroy();
  }

  #enqueueAfter(delayMs: number, delivery: CallbackDelivery): void {
    const cancel = this.#options.clock.after(delayMs, () => {
      this.#cancels.delete(cancel);
      this.#enqueue(delivery);
    });
    this.#cancels.add(cancel);
  }

  #enqueue(delivery: CallbackDelivery): void {
    this.#queue.push(delivery);
    this.#pump();
  }

  #pump(): void {
    while (!this.#stopped && this.#active < this.#options.concurrency) {
      const delivery = this.#queue[this.#head];
      if (!delivery) break;
      this.#head += 1;
      this.#active += 1;
      void this.#try(delivery).finally(() => {
        this.#active -= 1;
        this.#pump();
      });
    }
    // A moving head instead of shift(), which is slow on a long queue.
    if (this.#head > 1000) {
      this.#queue.splice(0, this.#head);
      this.#head = 0;
    }
  }

  async #try(delivery: CallbackDelivery): Promise<void> {
    delivery.tries += 1;
    const body = this.bodies.get(delivery) ?? '{}';
    delivery.lastStatus = await this.#send(body);
    if (this.#stopped) return;
    delivery.answeredAt = this.#options.clock.now();
    if (delivery.lastStatus === 200) delivery.state = 'delivered';
    else if (delivery.tries > this.#options.retries) delivery.state = 'failed';
    else this.#enqueueAfter(this.#options.retryIntervalMs, delivery);
  }

  #send(body: string): Promise<number> {
    const { url, timeoutMs } = this.#options;
    const send = url.startsWith('https:') ? https.request : http.request;
    return new Promise((resolve) => {
      // Also true after a timeout.
      let answered = false;
      const request = send(
        url,
        {
          method: 'POST',
          agent: this.#agent,
          headers: {
            'Content-Type': 'application/json',
            'Content-Length': Buffer.byteLength(body),
          },
        },
        (response) => {
          answered = true;
          response.resume();
          response.on('end', () => resolve(response.statusCode ?? 0));
          response.on('error', () => resolve(0));
        },
      );
      request.setTimeout(timeoutMs, () => {
        answered = true;
        request.destroy();
      });
      request.on('error', () => {
        // The receiver closed an idle connection just as we used it. CSS does not count this as a try.
        if (request.reusedSocket && !answered && !this.#stopped) resolve(this.#send(body));
        else resolve(0);
      });
      request.on('close', () => resolve(0));
      request.end(body);
    });
  }
}
