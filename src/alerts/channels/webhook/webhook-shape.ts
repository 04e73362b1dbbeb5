import type { AlertNotice } from '../../../model/alert.ts';
import type { WebhookSettings } from '../../alert-settings.ts';
import type { LinkSettings } from '../write-message.ts';

/** What a body is made of. */
export interface WebhookRequest {
  notice: AlertNotice;
  settings: Pick<WebhookSettings, 'url' | 'secrets' | 'language' | 'mention'>;
  links: LinkSettings;
  /** Time of this try, epoch ms UTC. */
  at: number;
}

/** How one kind of receiver is spoken to. */
export interface WebhookShape {
  /** The URL is the receiver's own unless this says otherwise. */
  write(request: WebhookRequest): { body: string; url?: string; headers?: Record<string, string> };
  /**
   * Whether an answer of HTTP 200 means that the receiver did not take it: chats say so in the body.
   *
   * @returns what is wrong and whether a further try may help; null when nothing is
   */
  refusal?(answer: string): { problem: string; again: boolean } | null;
  /** Requests a minute at most; null for no limit. */
  perMinute: number | null;
}
