import type { Language, Severity } from '../model/vocabulary.ts';
import type { WebhookFormat } from './channels/webhook/webhook-formats.ts';

/** Which alerts a way out takes; an empty list takes all. */
export interface ChannelFilter {
  accounts: readonly string[];
  categories: readonly string[];
  severities: readonly Severity[];
}

/** A pair, or several, of Prometheus Alertmanagers that share what they know. */
export interface AlertmanagerSettings {
  /** Name of the channel. */
  name: string;
  /** Base addresses, without `/api/v2`. Each gets everything. */
  urls: readonly string[];
  /** Value of the Authorization header; never told to anybody else. */
  authorization: string | null;
  language: Language;
  /** IANA name of the time zone in which its readers are told times; UTC when absent. */
  timeZone?: string;
  /** More labels for every alert, e.g. team or environment. */
  labels: Readonly<Record<string, string>>;
  /** How often all that fires is sent again, in ms. */
  resendMs: number;
  /** So long after the last sending an alert ends by itself, in ms. */
  endAfterMs: number;
  /** Sends alerts, too, that a wider one makes needless, for the inhibit rules of Alertmanager. */
  sendInhibited: boolean;
  filter: ChannelFilter;
}

/** A webhook. */
export interface WebhookSettings {
  name: string;
  /** May be a secret itself, as those of Slack, WeCom, Feishu and DingTalk are. */
  url: string;
  format: WebhookFormat;
  /** The first signs; with `json` all do, so that the receiver may change over in its own time. */
  secrets: readonly string[];
  language: Language;
  /** IANA name of the time zone in which its readers are told times; UTC when absent. */
  timeZone?: string;
  /** Who is called by name on a page, in the format's own way. */
  mention: readonly string[];
  /** Whether updates are sent. */
  updates: boolean;
  /** That it tells what another way tells as well is meant. */
  copy: boolean;
  filter: ChannelFilter;
}

/** The settings below `alerts`. */
export interface AlertSettings {
  /** Breakwatch's address as the on-call's browser reaches it, without a slash at its end. */
  publicUrl: string | null;
  /** Whether a Grafana rule pages too. */
  grafana: boolean;
  /** So long a notice is tried before it is given up, in ms. */
  giveUpMs: number;
  alertmanager: AlertmanagerSettings | null;
  webhooks: readonly WebhookSettings[];
}
