import { type BreakCode, type Push, pushUrlParam } from './push.ts';
import type { Random } from './random.ts';

/** Options of a push host: its stream, its address, and how it behaves after a break. */
export interface PushHostOptions {
  domain: string;
  app?: string;
  stream: string;
  clientIp: string;
  /** Default `obs`. */
  reconnect?: Reconnect;
  width?: number;
  height?: number;
  /** Validity of a new push URL, ms. Default 24 h. */
  urlValidMs?: number;
  /** A fault of the push URL. */
  urlFault?: 'no-expiry' | 'no-secret' | 'wrong-secret';
}

/** What a push host uses of its world. */
interface HostWorld {
  /** Epoch ms UTC. */
  readonly now: number;
  readonly pushKey: string;
  readonly random: Random;
  act<T>(task: () => T): T;
  after(delayMs: number, task: () => void): void;
  admit(host: PushHost): Push | undefined;
  end(push: Push, code: BreakCode, outcome?: 'ended' | 'broken'): void;
  silence(push: Push, code: BreakCode): void;
  resume(push: Push): void;
}

/** An encoder that pushes one stream and reconnects after breaks. */
export class PushHost {
  readonly name: string;
  readonly domain: string;
  readonly app: string;
  readonly stream: string;
  readonly width: number;
  readonly height: number;
  clientIp: string;
  reconnect: Reconnect;
  urlFault: PushHostOptions['urlFault'];
  /** Its live push. */
  push: Push | undefined;
  /** When its push URL expires, ms since the epoch. */
  urlExpiresAt: number;
  /** The network between host and CSS is down until this time, ms since the epoch. */
  offlineUntil = 0;
  /** A story of the scenario uses this host, so no other story may start on it. */
  busy = false;

  readonly #world: HostWorld;
  readonly #urlValidMs: number;
  #attempt = 0;
  /** Incremented when the plan changes, so that retries from an older plan do nothing. */
  #plan = 0;

  constructor(world: HostWorld, name: string, options: PushHostOptions) {
    this.#world = world;
    this.name = name;
    this.domain = options.domain;
    this.app = options.app ?? 'live';
    this.stream = options.stream;
    this.clientIp = options.clientIp;
    this.reconnect = options.reconnect ?? 'obs';
    this.width = options.width ?? 1920;
    this.height = options.height ?? 1080;
    this.urlFault = options.urlFault;
    this.#urlValidMs = options.urlValidMs ?? 86_400_000;
    this.urlExpiresAt = world.now + this.#urlValidMs;
  }

  /** Query part of this host's push URL, with the fault that {@link urlFault} sets. */
  streamParam(): string {
    const key = this.urlFault === 'wrong-secret' ? 'an older push key' : this.#world.pushKey;
    const param = pushUrlParam(key, this.stream, this.urlExpiresAt);
    if (this.urlFault === 'no-expiry') return param.replace(/&txTime=.*/, '');
    if (this.urlFault === 'no-secret') return param.replace(/^txSecret=[^&]*&/, '');
    return param;
  }

  /** Gives the host a new, valid push URL. */
  renewUrl(): void {
    this.urlExpiresAt = this.#world.now + this.#urlValidMs;
    this.urlFault = undefined;
  }

  /** Starts a push now, as if a user pressed the button. Does nothing when the host is live. */
  start(): void {
    this.#world.act(() => {
      if (this.push) return;
      this.#attempt = 0;
      this.#try();
    });
  }

  /** Stops normally, and stops retrying. `errcode` 1 or 2: how the client ended the push. */
  stop(errcode: 1 | 2 = 1): void {
    this.#world.act(() => {
      this.#plan += 1;
      if (this.push) this.#world.end(this.push, { errcode, subErrcode: 0 }, 'ended');
    });
  }

  /** Cuts the host's network for `durationMs`. CSS ends the push after 70 s of silence. */
  cutNetwork(durationMs: number, code: BreakCode = { errcode: 12, subErrcode: 0 }): void {
    this.#world.act(() => {
      this.offlineUntil = this.#world.now + durationMs;
      const { push } = this;
      if (!push) return;
      this.#world.silence(push, code);
      this.#world.after(durationMs, () => this.#world.resume(push));
    });
  }

  /** The encoder hangs with an open connection. CSS ends the push after 70 s without data. */
  freeze(code: BreakCode = { errcode: 8, subErrcode: 0 }): void {
    this.#world.act(() => {
      if (this.push) this.#world.silence(this.push, code);
    });
  }

  /** Called by the world when the push of this host ended. */
  ended(isNormalEnd: boolean): void {
    this.push = undefined;
    this.#attempt = 0;
    if (!isNormalEnd) this.#retry();
  }

  #try(): void {
    this.#plan += 1;
    if (this.#world.now < this.offlineUntil) {
      this.#retry();
      return;
    }
    this.push = this.#world.admit(this);
    if (this.push) this.#attempt = 0;
    else this.#retry();
  }

  #retry(): void {
    const wait = reconnectWait(this.reconnect, this.#attempt, this.#world.random);
    if (wait === undefined) return;
    this.#attempt += 1;
    this.#plan += 1;
    const plan = this.#plan;
    this.#world.after(wait, () => {
      if (plan === this.#plan && !this.push) this.#try();
    });
  }
}

/**
 * How a push host reconnects after a break: `obs` like OBS Studio (first after 2 s, then each wait is
 * 1.5 times as long, with up to 5 % jitter and a maximum of 15 min; 25 tries), `fixed` every 5 s
 * without end (FFmpeg's fifo), `mobile` three tries (a mobile SDK), or `none`.
 */
export type Reconnect = 'obs' | 'fixed' | 'mobile' | 'none';

/** Wait before try number `attempt` (0 = first), ms; undefined when the host stops trying. */
function reconnectWait(kind: Reconnect, attempt: number, random: Random): number | undefined {
  if (kind === 'obs') {
    if (attempt >= 25) return undefined;
    const wait = 2000 * 1.5 ** attempt * (1 + (attempt === 0 ? 0 : random.next() * 0.05));
    return Math.min(Math.round(wait), 900_000);
  }
  if (kind === 'fixed') return 5000;
  if (kind === 'mobile') return attempt < 3 ? 3000 : undefined;
  return undefined;
}
