import type { AlertNotice } from '../../model/notice.ts';
import type { WebhookSettings } from '../alert-settings.ts';

/** Everything that a request is written from. */
interface WebhookRequest {
  notice: AlertNotice;
  settings: Pick<WebhookSettings, 'url' | 'secrets' | 'language' | 'timeZone' | 'mention'>;
  /** Breakwatch's address as a browser reaches it, for links; null for no links. */
  publicUrl: string | null;
  /** Time of this attempt, epoch ms UTC. */
  at: number;
}

/** Why a receiver did not accept a request. */
export interface Refusal {
  problem: string;
  /** Whether another attempt may succeed. */
  again: boolean;
}

/** Writes requests for one kind of receiver and reads its answers. */
export interface WebhookFormatter {
  /** `url` is absent when the configured URL is used as it is. */
  write(request: WebhookRequest): { body: string; url?: string; headers?: Record<string, string> };
  /** Reads the body of an HTTP 2xx answer, as chats report errors there; null when it was accepted. */
  refusal?(answer: string): Refusal | null;
  /** Maximum requests a minute; null for no limit. */
  perMinute: number | null;
}
