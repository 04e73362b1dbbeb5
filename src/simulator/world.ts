import type { Clock } from './clock.ts';
import { type BreakCode, type Push, type PushOutcome, streamKey } from './push.ts';
import { checkPushParam } from './push-auth.ts';
import { PushHost, type PushHostOptions } from './push-host.ts';
import { createRandom, type Random } from './random.ts';
import { Scheduler } from './scheduler.ts';

/** CSS ends a push when no data came for this long. */
export const silenceBeforeBreakMs = 70_000;

/** State of the whole account. All but `normal` refuse pushes and API calls alike. */
export type AccountState = 'normal' | 'arrears' | 'stopped' | 'forbidden' | 'disabled';

const accountCode: Record<Exclude<AccountState, 'normal'>, number> = {
  arrears: 202,
  stopped: 201,
  disabled: 201,
  forbidden: 203,
};

/** How the simulated world is set up. */
export interface WorldOptions {
  clock: Clock;
  /** World time at which it begins, ms since the epoch; history lies between it and the clock. */
  beginsAt: number;
  seed: number;
  /** Push auth key that push URLs are signed with. */
  pushKey: string;
  /** At most so many ended pushes are kept, the oldest go first. */
  maxRecords?: number;
}

/** What the world tells of a push: 1 it began, 0 it is over (refused ones only get 0). */
export type PushListener = (eventType: 0 | 1, push: Push) => void;

/** What the world tells of a push whose data has stopped: a moment later, whether it breaks or not. */
export type SilenceListener = (push: Push) => void;

/** So long after the last data the world tells of a silence, ms. */
const silenceToldAfterMs = 5_000;

/**
 * The simulated live platform: push hosts, pushes on air, bans, lists and account state. It keeps
 * the ground truth of every push. All times are ms since the epoch.
 */
export class World {
  readonly random: Random;
  readonly pushKey: string;
  /** Where history ends and live events begin: the clock's time at the start. */
  readonly liveFrom: number;
  /** Pushes that are over, refused ones included, in the order of their ends. */
  readonly finished: Push[] = [];
  /** Pushes on air, by stream. */
  readonly live = new Map<string, Push>();
  readonly hosts: PushHost[] = [];
  /** Bans by StreamName, with the time they end: by default only the name has to match. */
  readonly bans = new Map<string, number>();
  readonly blockedIps = new Set<string>();
  readonly disabledDomains = new Set<string>();
  /** Domains for which pushes are refused with a code, as though their bills were unpaid. */
  readonly suspendedDomains = new Map<string, BreakCode>();
  account: AccountState = 'normal';
  /** At most so many pushes on air at once; 18/600 beyond. */
  maxLivePushes = Number.POSITIVE_INFINITY;
  /** A second push of one name replaces the first (21/102), or is refused (18/601). */
  sameName: 'replace' | 'refuse' = 'replace';

  readonly #clock: Clock;
  readonly #scheduler: Scheduler;
  readonly #maxRecords: number;
  readonly #unrecovered = new Map<string, Push[]>();
  readonly #hostOf = new Map<Push, PushHost>();
  readonly #listeners: PushListener[] = [];
  readonly #silenceListeners: SilenceListener[] = [];
  #cancelTimer: (() => void) | undefined;
  #running = false;
  /** The plan is being run: what it plans needs no timer of its own. */
  #inside = false;

  constructor(options: WorldOptions) {
    this.#clock = options.clock;
    this.liveFrom = options.clock.now();
    this.#scheduler = new Scheduler(Math.min(options.beginsAt, this.liveFrom));
    this.random = createRandom(options.seed);
    this.pushKey = options.pushKey;
    this.#maxRecords = options.maxRecords ?? 500_000;
  }

  /** World time, ms since the epoch; the clock's, once the world follows it. */
  get now(): number {
    if (this.#running) this.sync();
    return this.#scheduler.now;
  }

  /**
   * Does something to the world at its present moment: all that was due before comes first, and
   * nothing planned runs in between. Whatever changes the world goes through here.
   */
  act<T>(change: () => T): T {
    if (this.#inside || !this.#running) return change();
    this.sync();
    this.#inside = true;
    try {
      return change();
    } finally {
      this.#inside = false;
      this.#arm();
    }
  }

  /** Plans `task` for a time (ms since the epoch). */
  at(time: number, task: () => void): void {
    this.#scheduler.at(time, task);
    // Inside an act or a run the timer is set at its end.
    if (this.#running && !this.#inside) this.#arm();
  }

  /** Plans `task` for `delayMs` from the world's now. */
  after(delayMs: number, task: () => void): void {
    this.at(this.now + delayMs, task);
  }

  /** Hears of every push that begins or ends from now on. */
  onPush(listener: PushListener): void {
    this.#listeners.push(listener);
  }

  /** Hears of every push that falls silent from now on. */
  onSilence(listener: SilenceListener): void {
    this.#silenceListeners.push(listener);
  }

  /** Brings the world up to the clock's time; call before reading its lists from outside. */
  sync(): void {
    if (this.#inside) return;
    this.#inside = true;
    try {
      this.#scheduler.runUntil(this.#clock.now());
    } finally {
      this.#inside = false;
    }
  }

  /** Follows the clock from now on. */
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

  /** Adds a push host, not yet on air. */
  addHost(options: PushHostOptions): PushHost {
    const host = new PushHost(this, `host-${this.hosts.length + 1}`, options);
    this.hosts.push(host);
    return host;
  }

  /**
   * A host asks to push. Answers the push when it is taken; a refused one is recorded and
   * answered with nothing.
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
      for (const lost of this.#unrecovered.get(key) ?? []) lost.recoveredAt = this.now;
      this.#unrecovered.delete(key);
      this.#tell(1, push);
      return push;
    });
  }

  /** Ends a push on air; its host then acts as its kind does. Does nothing to an ended push. */
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

  /** A push sends no more data from `since` on; 70 s after that it is cut with `code`. */
  silence(push: Push, code: BreakCode, since = this.now): void {
    if (push.outcome !== 'live' || push.silentFrom !== undefined) return;
    push.silentFrom = since;
    this.at(since + silenceToldAfterMs, () => {
      if (push.silentFrom === since) for (const tell of this.#silenceListeners) tell(push);
    });
    this.at(since + silenceBeforeBreakMs, () => {
      if (push.silentFrom === since) this.end(push, code);
    });
  }

  /** Data flows again before the 70 s were over: CSS never says a word of it. */
  resume(push: Push): void {
    if (push.outcome === 'live') push.silentFrom = undefined;
  }

  /** The push on air under this full name. */
  find(domain: string, app: string, stream: string): Push | undefined {
    return this.live.get(streamKey({ domain, app, stream }));
  }

  /** Pushes on air, the longest first. */
  onAir(): Push[] {
    return [...this.live.values()];
  }

  /** Until when a StreamName is banned, undefined when it is not. */
  bannedUntil(stream: string): number | undefined {
    const until = this.bans.get(stream);
    return until !== undefined && until > this.now ? until : undefined;
  }

  /** DropLiveStream: cuts the push; nothing stops the host from pushing again at once. */
  drop(domain: string, app: string, stream: string): void {
    this.act(() => {
      const push = this.find(domain, app, stream);
      if (push) this.end(push, { errcode: 21, subErrcode: 100 });
    });
  }

  /** ForbidLiveStream: bans the name until a time and cuts what is on air under it. */
  forbid(stream: string, until: number): void {
    this.act(() => {
      this.bans.set(stream, until);
      for (const push of this.onAir()) {
        if (push.stream === stream) this.end(push, { errcode: 21, subErrcode: 101 });
      }
    });
  }

  /** Bills unpaid for one domain (or, without one, the account): all its pushes are cut. */
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

  /** The bill is paid: pushes are taken again. */
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
      const lost = this.#unrecovered.get(key);
      if (lost) lost.push(push);
      else this.#unrecovered.set(key, [push]);
    }
    this.#tell(0, push);
  }

  #tell(eventType: 0 | 1, push: Push): void {
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
