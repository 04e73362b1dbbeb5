import type { BreakCode, Push } from './push.ts';
import { pushUrlParam } from './push-auth.ts';
import type { Random } from './random.ts';
import { type Reconnect, reconnectWait } from './reconnect-waits.ts';

/** What a push host is: where it pushes to, from where, and how it behaves after a break. */
export interface PushHostOptions {
  domain: string;
  app?: string;
  stream: string;
  clientIp: string;
  /** Default `obs`. */
  reconnect?: Reconnect;
  width?: number;
  height?: number;
  /** How long a freshly made push URL is good, ms. Default 24 h. */
  urlValidMs?: number;
  /** What is wrong with the URL, if anything. */
  urlFault?: 'no-expiry' | 'no-secret' | 'wrong-secret';
}

/** What a push host needs of the world it pushes to. */
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

/** An encoder that pushes one stream, and comes back after breaks in its own manner. */
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
  /** The push it has on air now. */
  push: Push | undefined;
  /** When its push URL expires, ms since the epoch. */
  urlExpiresAt: number;
  /** The network between host and CSS is cut until then, ms since the epoch. */
  offlineUntil = 0;
  /** A scenario holds this host for a story; others keep off. */
  busy = false;

  readonly #world: HostWorld;
  readonly #urlValidMs: number;
  #attempt = 0;
  /** Raised by every change of plan, so that retries planned before it do nothing. */
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

  /** Query part of this host's push URL, right or wrong as {@link urlFault} says. */
  streamParam(): string {
    const key = this.urlFault === 'wrong-secret' ? 'an older push key' : this.#world.pushKey;
    const param = pushUrlParam(key, this.stream, this.urlExpiresAt);
    if (this.urlFault === 'no-expiry') return param.replace(/&txTime=.*/, '');
    if (this.urlFault === 'no-secret') return param.replace(/^txSecret=[^&]*&/, '');
    return param;
  }

  /** The operator gives the host a fresh URL, good from now on. */
  renewUrl(): void {
    this.urlExpiresAt = this.#world.now + this.#urlValidMs;
    this.urlFault = undefined;
  }

  /** Goes on air now, as when someone presses the button. Does nothing when on air already. */
  start(): void {
    this.#world.act(() => {
      if (this.push) return;
      this.#attempt = 0;
      this.#try();
    });
  }

  /** Stops of its own will, or gives up trying. `errcode` 1 or 2: how the client said goodbye. */
  stop(errcode: 1 | 2 = 1): void {
    this.#world.act(() => {
      this.#plan += 1;
      if (this.push) this.#world.end(this.push, { errcode, subErrcode: 0 }, 'ended');
    });
  }

  /** Cuts the host's network for `forMs`: CSS gives up on it after 70 s of silence. */
  cutNetwork(forMs: number, code: BreakCode = { errcode: 12, subErrcode: 0 }): void {
    this.#world.act(() => {
      this.offlineUntil = this.#world.now + forMs;
      const { push } = this;
      if (!push) return;
      this.#world.silence(push, code);
      this.#world.after(forMs, () => this.#world.resume(push));
    });
  }

  /** The encoder hangs with its connection open: CSS ends the push after 70 s without data. */
  freeze(code: BreakCode = { errcode: 8, subErrcode: 0 }): void {
    this.#world.act(() => {
      if (this.push) this.#world.silence(this.push, code);
    });
  }

  /** Called by the world when this host's push is over. */
  ended(meant: boolean): void {
    this.push = undefined;
    this.#attempt = 0;
    if (!meant) this.#retry();
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
