import type { AlertNotice, NotificationChannel } from '../../model/notice.ts';

/** A way out with what it takes and how fast. */
export interface ChannelRoute {
  sender: NotificationChannel;
  /**
   * Whether a notice goes out by it: whoever takes a page of an alert takes its resolve as well, and
   * nobody takes that who took none.
   */
  accepts(notice: Pick<AlertNotice, 'kind' | 'alert' | 'raised'>): boolean;
  /** Requests in hand at most. */
  concurrency: number;
  /** Notices in one request at most, each of another alert. */
  batch: number;
  /** Requests a minute at most; null for no limit. Chats stop listening to a robot that talks more. */
  perMinute: number | null;
  /** How often the sender's `refresh` is called, in ms. */
  refreshEveryMs: number;
}
