import { type Clock, Scheduler } from './clock.ts';
import { type BreakCode, checkPushParam, type Push, type PushOutcome, streamKey } from './push.ts';
import { PushHost, type PushHostOptions } from './push-host.ts';
import { createRandom, type Random } from './random.ts';

/** CSS ends a push after this long without data, ms. */
export const silenceBeforeBreakMs = 70_000;

/** State of the account. All states except `normal` refuse both pushes and API calls. */
export type AccountState = 'normal' | 'arrears' | 'stopped' | 'forbidden' | 'disabled';

const accountCode: Record<Exclude<AccountState, 'normal'>, number> = {
  arrears: 202,
  stopped: 201,
  disabled: 201,
  forbidden: 203,
};

/** Options of a simulated world. */
export interface WorldOptions {
  clock: Clock;
  /** First time of the world, ms since the epoch. From then until now is its history. */
  startsAt: number;
  seed: number;
  /** Push auth key that signs push URLs. */
  pushKey: string;
  /** Maximum number of finished pushes. The oldest are deleted first. */
  maxRecords?: number;
}

/** Called when a push started (1) or ended (0). Refused pushes only get 0. */
export type PushListener = (eventType: 0 | 1, push: Push) => void;

/** Silence is reported this long after the last data, ms. */
const silenceReportDelayMs = 5_000;

/**
 * The simulated live platform: push hosts, live pushes, bans, block lists and account state. It
 * records what really happened to every push. All times are ms since the epoch.
 */
export class World {
  readonly random: Random;
  readonly pushKey: string;
  /** Start of live events and end of history: the time at which the world was created. */
  readonly liveFrom: number;
  /** Ended, broken and refused pushes, by end time. */
  readonly finished: Push[] = [];
  /** Live pushes by stream. */
  readonly live = new Map<string, Push>();
  readonly hosts: PushHost[] = [];
  /** End times of bans by StreamName. Domain and AppName do not matter. */
  readonly bans = new Map<string, number>();
  readonly blockedIps = new Set<string>();
  readonly disabledDomains = new Set<string>();
  /** Domains whose pushes are refused, with the code, as if the bill were unpaid. */
  readonly suspendedDomains = new Map<string, BreakCode>();
  account: AccountState = 'normal';
  /** Maximum number of live pushes. More are refused with 18/600. */
  maxLivePushes = Number.POSITIVE_INFINITY;
  /** A second push of the same stream replaces the first (21/102), or is refused (18/601). */
  sameName: 'replace' | 'refuse' = 'replace';

  readonly #clock: Clock;
  readonly #scheduler: Scheduler;
  readonly #maxRecords: number;
  readonly #unrecovered = new Map<string, Push[]>();
  readonly #hostOf = new Map<Push, PushHost>();
  readonly #listeners: PushListener[] = [];
  readonly #silenceListeners: ((push: Push) => void)[] = [];
  #cancelTimer: (() => void) | undefined;
  #running = false;
  /** Tasks are running now. The timer is set when they are done. */
  #isApplying = false;

  constructor(options: WorldOptions) {
    this.#clock = options.clock;
    this.liveFrom = options.clock.now();
    this.#scheduler = new Scheduler(Math.min(options.startsAt, this.liveFrom));
    this.random = createRandom(options.seed);
    this.pushKey = options.pushKey;
    this.#maxRecords = options.maxRecords ?? 500_000;
  }

  /** World time, ms since the epoch. It is the time of the clock while the world runs. */
  get now(): number {
    if (this.#running) this.sync();
    return this.#scheduler.now;
  }

  /**
   * Changes the world at the present time. Tasks that are due run before, and no task runs in
   * between. All changes must go through this method.
   */
  act<T>(change: () => T): T {
    if (this.#isApplying || !this.#running) return change();
    this.sync();
    this.#isApplying = true;
    try {
      return change();
    } finally {
      this.#isApplying = false;
      this.#arm();
    }
  }

  /** Schedules `task` at a time (ms since the epoch). */
  at(time: number, task: () => void): void {
    this.#scheduler.at(time, task);
    // While changes are applied, the timer is set when they are done.
    if (this.#running && !this.#isApplying) this.#arm();
  }

  /** Schedules `task` after `delayMs` of world time. */
  after(delayMs: number, task: () => void): void {
    this.at(this.now + delayMs, task);
  }

  /** Calls `listener` for every push that starts or ends from now on. */
  onPush(listener: PushListener): void {
    this.#listeners.push(listener);
  }

  /** Calls `listener` 5 s after the data of a push stopped, for every such push from now on. */
  onSilence(listener: (push: Push) => void): void {
    this.#silenceListeners.push(listener);
  }

  /** Advances the world to the time of the clock. Call it before you read its lists. */
  sync(): void {
    if (this.#isApplying) return;
    this.#isApplying = true;
    try {
      this.#scheduler.runUntil(this.#clock.now());
    } finally {
      this.#isApplying = false;
    }
  }

  /** Follows the clock until {@link World.halt}. */
  run(): void {
    this.#running = true;
    this.sync();
    this.#arm();
  }

  /** Stops following the clock. */
  halt(): void {
    this.#running = false;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  /** Adds a push host that is not live yet. */
  addHost(options: PushHostOptions): PushHost {
    const host = new PushHost(this, `host-${this.hosts.length + 1}`, options);
    this.hosts.push(host);
    return host;
  }

  /**
   * Handles a push request of a host. Returns the live push; records a refused push and returns
   * undefined.
   *
   * @param forced refuse the push with this code
   */
  admit(host: PushHost, forced?: BreakCode): Push | undefined {
    return this.act(() => {
      const push: Push = {
        sequence: this.random.digits(19),
        domain: host.domain,
        app: host.app,
        stream: host.stream,
        host: host.name,
        clientIp: host.clientIp,
        node: `192.0.2.${this.random.between(10, 15)}`,
        width: host.width,
        height: host.height,
        streamParam: host.streamParam(),
        startedAt: this.now,
        outcome: 'live',
      };
      const refusal = forced ?? this.#refusal(push);
      if (refusal) {
        push.width = 0;
        push.height = 0;
        this.#finish(push, refusal, 'refused');
        return undefined;
      }
      const key = streamKey(push);
      const older = this.live.get(key);
      if (older) {
        this.end(older, { errcode: 21, subErrcode: older.silentFrom === undefined ? 102 : 103 });
      }
      this.live.set(key, push);
      this.#hostOf.set(push, host);
      for (const unrecovered of this.#unrecovered.get(key) ?? [])
        unrecovered.recoveredAt = this.now;
      this.#unrecovered.delete(key);
      this.#notify(1, push);
      return push;
    });
  }

  /** Ends a live push. Its host then reconnects as configured. Does nothing to an ended push. */
  end(push: Push, code: BreakCode, outcome: 'ended' | 'broken' = 'broken'): void {
    this.act(() => {
      if (push.outcome !== 'live') return;
      const key = streamKey(push);
      if (this.live.get(key) === push) this.live.delete(key);
      const host = this.#hostOf.get(push);
      this.#hostOf.delete(push);
      this.#finish(push, code, outcome);
      host?.ended(outcome === 'ended');
    });
  }

  /** A push sends no data from `since` on. After 70 s it ends with `code`. */
  silence(push: Push, code: BreakCode, since = this.now): void {
    if (push.outcome !== 'live' || push.silentFrom !== undefined) return;
    push.silentFrom = since;
    this.at(since + silenceReportDelayMs, () => {
      if (push.silentFrom === since) for (const listener of this.#silenceListeners) listener(push);
    });
    this.at(since + silenceBeforeBreakMs, () => {
      if (push.silentFrom === since) this.end(push, code);
    });
  }

  /** Data flows again within the 70 s. CSS does not report this. */
  resume(push: Push): void {
    if (push.outcome === 'live') push.silentFrom = undefined;
  }

  /** The live push of this stream. */
  find(domain: string, app: string, stream: string): Push | undefined {
    return this.live.get(streamKey({ domain, app, stream }));
  }

  /** Live pushes, the oldest first. */
  onAir(): Push[] {
    return [...this.live.values()];
  }

  /** End of the ban of a StreamName; undefined when it is not banned. */
  bannedUntil(stream: string): number | undefined {
    const until = this.bans.get(stream);
    return until !== undefined && until > this.now ? until : undefined;
  }

  /** DropLiveStream: ends the push. The host may push again at once. */
  drop(domain: string, app: string, stream: string): void {
    this.act(() => {
      const push = this.find(domain, app, stream);
      if (push) this.end(push, { errcode: 21, subErrcode: 100 });
    });
  }

  /** ForbidLiveStream: bans a StreamName until a time and ends its live pushes. */
  forbid(stream: string, until: number): void {
    this.act(() => {
      this.bans.set(stream, until);
      for (const push of this.onAir()) {
        if (push.stream === stream) this.end(push, { errcode: 21, subErrcode: 101 });
      }
    });
  }

  /** The bill of a domain, or of the account, is unpaid: all its live pushes end. */
  suspend(domain?: string, subErrcode = 202): void {
    this.act(() => {
      const code = { errcode: 18, subErrcode };
      if (domain === undefined) this.account = subErrcode === 202 ? 'arrears' : 'stopped';
      else this.suspendedDomains.set(domain, code);
      for (const push of this.onAir()) {
        if (domain === undefined || push.domain === domain) this.end(push, code);
      }
    });
  }

  /** The bill is paid: pushes are accepted again. */
  restore(domain?: string): void {
    if (domain === undefined) this.account = 'normal';
    else this.suspendedDomains.delete(domain);
  }

  #refusal(push: Push): BreakCode | undefined {
    const refuse = (subErrcode: number): BreakCode => ({ errcode: 18, subErrcode });
    if (this.account !== 'normal') return refuse(accountCode[this.account]);
    const suspended = this.suspendedDomains.get(push.domain);
    if (suspended) return suspended;
    if (this.disabledDomains.has(push.domain)) return refuse(303);
    if (this.bannedUntil(push.stream) !== undefined) return refuse(305);
    if (this.blockedIps.has(push.clientIp)) return refuse(400);
    const auth = checkPushParam(push.streamParam, this.pushKey, push.stream, this.now);
    if (auth !== 0) return refuse(auth);
    if (this.live.size >= this.maxLivePushes) return refuse(600);
    if (this.sameName === 'refuse' && this.live.has(streamKey(push))) return refuse(601);
    return undefined;
  }

  #finish(push: Push, code: BreakCode, outcome: Exclude<PushOutcome, 'live'>): void {
    push.endedAt = this.now;
    push.code = code;
    push.outcome = outcome;
    this.finished.push(push);
    if (this.finished.length > this.#maxRecords) {
      this.finished.splice(0, Math.ceil(this.#maxRecords / 10));
    }
    if (outcome !== 'ended') {
      const key = streamKey(push);
      const unrecovered = this.#unrecovered.get(key);
      if (unrecovered) unrecovered.push(push);
      else this.#unrecovered.set(key, [push]);
    }
    this.#notify(0, push);
  }

  #notify(eventType: 0 | 1, push: Push): void {
    for (const listener of this.#listeners) listener(eventType, push);
  }

  #arm(): void {
    this.#cancelTimer?.();
    const next = this.#scheduler.nextAt;
    if (next === undefined) {
      this.#cancelTimer = undefined;
      return;
    }
    this.#cancelTimer = this.#clock.after(next - this.#clock.now(), () => {
      this.sync();
      this.#arm();
    });
  }
}
