import type { AlertNotice, NotificationChannel } from '../../model/notice.ts';

/** A notification channel, the notices that it accepts, and its limits. */
export interface ChannelRoute {
  channel: NotificationChannel;
  /**
   * Whether the channel sends a notice. A channel that accepts an alert's page also accepts its resolve,
   * and only such a channel does.
   */
  accepts(notice: Pick<AlertNotice, 'kind' | 'alert' | 'raised'>): boolean;
  /** Maximum requests in flight. */
  concurrency: number;
  /** Maximum notices in one request, each of another alert. */
  batch: number;
  /** Maximum requests a minute; null for no limit. Chats block a robot that sends more. */
  perMinute: number | null;
  /** Interval at which the channel's `refresh` is called, ms. */
  refreshEveryMs: number;
}
