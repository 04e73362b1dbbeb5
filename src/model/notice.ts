import type { AlertInstance } from './alert.ts';
import type { AnswerError } from './errors.ts';

/** `page` needs attention now; `update` reports changes without paging again; `resolve` ends it. */
export const NOTICE_KINDS = ['page', 'update', 'resolve'] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];

/** One message about an alert, sent once through every channel. */
export interface AlertNotice {
  /** `<alert id>:<kind>:<number>`; a repeat has the same. */
  id: string;
  /** An alert has one page, and a second one when its severity rises. */
  kind: NoticeKind;
  /** Epoch ms UTC. */
  at: number;
  /** The alert at that time. */
  alert: AlertInstance;
  /** The severity rose: a second page, or an update for channels whose filter excludes that page. */
  raised?: boolean;
  /** A resolve whose page was never sent on this channel, so it is the only message about the alert. */
  missed?: boolean;
  /** It waited so long that the message should say when it was due. */
  late?: boolean;
  /** Somebody checks that the channel works; nothing is wrong. */
  test?: boolean;
}

/** Where notices go: a webhook, a chat or Alertmanager. */
export interface NotificationChannel {
  /** Its name in logs, metrics and the outbox. */
  readonly name: string;
  /**
   * Sends notices in order. Resolves when the receiver has accepted them, with its answer as a short
   * text without secrets.
   *
   * @throws `NOTIFICATION_FAILED` when another attempt may succeed, `NOTIFICATION_REFUSED` when it will not
   */
  send(notices: readonly AlertNotice[], signal: AbortSignal): Promise<string>;
  /**
   * Sends all firing alerts again, for receivers that forget alerts which are not repeated. Called about
   * once a minute.
   *
   * @throws `NOTIFICATION_FAILED`
   */
  refresh?(firing: readonly AlertInstance[], signal: AbortSignal): Promise<void>;
}

/**
 * What became of a notice on one way out: `waiting` for its turn or a further try; `sent`; `dead`
 * (given up, kept until somebody sends it again or drops it); `superseded` by a newer notice of the
 * same alert; `dropped` by somebody.
 */
export const OUTBOX_STATES = ['waiting', 'sent', 'dead', 'superseded', 'dropped'] as const;
export type OutboxState = (typeof OUTBOX_STATES)[number];

/** A notice that waits or was given up, on one way out. Times are epoch ms UTC. */
export interface OutboxEntry {
  /** Id of the notice. */
  id: string;
  channel: string;
  state: 'waiting' | 'dead';
  kind: NoticeKind;
  /** Id of the alert. */
  alert: string;
  account: string;
  /** What it says, in one line. */
  title: string;
  /** When it should have gone out. */
  at: number;
  /** Tries since the start of the process. */
  tries: number;
  /** When it is tried next; null when it is not. */
  nextAt: number | null;
  /** Why the last try failed. Holds no secret. */
  error: AnswerError | null;
}

/** How one way out is. Times are epoch ms UTC. */
export interface ChannelStatus {
  channel: string;
  waiting: number;
  dead: number;
  /** When the longest waiting notice should have gone out. */
  oldestWaitingAt: number | null;
  lastSentAt: number | null;
  /** Since when every try has failed; null when the last one succeeded. */
  failingSince: number | null;
  /** Why; null when it is not failing. */
  error: AnswerError | null;
}

/** What a try of one way out came to. */
export interface ChannelTest {
  channel: string;
  ok: boolean;
  /** What the receiver answered, or the error's message. Holds no secret. */
  answer: string;
}

/** What people see of the notices, and what they may do with them. */
export interface AlertOutbox {
  status(): ChannelStatus[];
  /** Ways out that tell the same twice, as found in the settings. */
  warnings(): AnswerError[];
  /** What waits and what was given up, the oldest first. */
  list(limit: number): Promise<OutboxEntry[]>;
  /**
   * Sends a notice that was given up, or tries one that waits at once.
   *
   * @param channel - on this way out alone
   * @returns on how many ways out
   * @throws `NOTICE_UNKNOWN`, `STORE_FAILED`
   */
  resend(id: string, channel?: string): Promise<number>;
  /** Takes a notice off the list, unsent. @throws `NOTICE_UNKNOWN`, `STORE_FAILED` */
  drop(id: string, channel?: string): Promise<number>;
  /**
   * Sends a marked test alert and its resolve, past the outbox.
   *
   * @param channel - this way out alone
   * @throws `CHANNEL_UNKNOWN`
   */
  test(channel?: string): Promise<ChannelTest[]>;
}

/** What is told for counting. These must not throw. */
export interface OutboxHooks {
  /**
   * A receiver took a notice.
   *
   * @param latencyMs - of a page, from the moment its condition first held; null for others
   */
  sent(channel: string, kind: NoticeKind, latencyMs: number | null): void;
  /** A try failed. */
  failed(channel: string, code: string): void;
  /** A notice was given up. */
  gaveUp(channel: string): void;
}
