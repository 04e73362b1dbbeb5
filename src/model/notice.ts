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
 * Delivery of a notice on one channel: `waiting` for its turn or a retry; `sent`; `givenUp`, and kept
 * until somebody sends it again or drops it; `superseded` by a newer notice of the same alert;
 * `dropped` by somebody.
 */
export const OUTBOX_STATES = ['waiting', 'sent', 'givenUp', 'superseded', 'dropped'] as const;
export type OutboxState = (typeof OUTBOX_STATES)[number];

/** A notice that waits or was given up on one channel. Times are epoch ms UTC. */
export interface OutboxEntry {
  /** Id of the notice. */
  id: string;
  channel: string;
  state: 'waiting' | 'givenUp';
  kind: NoticeKind;
  /** Id of the alert. */
  alert: string;
  account: string;
  /** Title of its card. */
  title: string;
  /** When it was due. */
  at: number;
  /** Attempts since the start of the process. */
  tries: number;
  /** Time of the next attempt; null when there is none. */
  nextAt: number | null;
  /** Why the last attempt failed, without secrets; null when none failed. */
  error: AnswerError | null;
}

/** State of one channel. Times are epoch ms UTC. */
export interface ChannelStatus {
  channel: string;
  waiting: number;
  givenUp: number;
  /** When the oldest waiting notice was due; null when none waits. */
  oldestWaitingAt: number | null;
  lastSentAt: number | null;
  /** Time of the first failure since the last success; null when the last attempt succeeded. */
  failingSince: number | null;
  /** Why the last attempt failed; null when it succeeded. */
  error: AnswerError | null;
}

/** Result of a test of one channel. */
export interface ChannelTest {
  channel: string;
  ok: boolean;
  /** The receiver's answer or the error's message, without secrets. */
  answer: string;
}

/** The notices of all channels, and the actions that people can take on them. */
export interface AlertOutbox {
  status(): ChannelStatus[];
  /** Channels that send the same alerts twice according to the settings. */
  warnings(): AnswerError[];
  /** Notices that wait or were given up, the oldest first. */
  list(limit: number): Promise<OutboxEntry[]>;
  /**
   * Sends a notice that was given up again, or a waiting one at once.
   *
   * @param channel - only on this channel; all when absent
   * @returns number of channels
   * @throws `NOTICE_UNKNOWN`, `STORE_FAILED`
   */
  resend(id: string, channel?: string): Promise<number>;
  /**
   * Drops a notice without sending it.
   *
   * @param channel - only on this channel; all when absent
   * @returns number of channels
   * @throws `NOTICE_UNKNOWN`, `STORE_FAILED`
   */
  drop(id: string, channel?: string): Promise<number>;
  /**
   * Sends a marked test alert and its resolve, without the outbox.
   *
   * @param channel - only on this channel; all when absent
   * @throws `CHANNEL_UNKNOWN`
   */
  test(channel?: string): Promise<ChannelTest[]>;
}

/** Called for metrics. Hooks must not throw. */
export interface OutboxHooks {
  /**
   * A receiver accepted a notice.
   *
   * @param latencyMs - for a page, from the time when its condition was first met; null for other kinds
   */
  sent(channel: string, kind: NoticeKind, latencyMs: number | null): void;
  /** An attempt failed. */
  failed(channel: string, code: string): void;
  /** A notice was given up. */
  gaveUp(channel: string): void;
}
