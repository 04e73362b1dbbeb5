import type { Language, Severity } from '../model/vocabulary.ts';

/** Formats of webhook bodies. */
const WEBHOOK_FORMATS = ['json', 'slack', 'wecom', 'feishu', 'dingtalk'] as const;
export type WebhookFormat = (typeof WEBHOOK_FORMATS)[number];

/** Which alerts a channel sends; an empty list allows all. */
export interface ChannelFilter {
  accounts: readonly string[];
  categories: readonly string[];
  severities: readonly Severity[];
}

/** A Prometheus Alertmanager or the members of a cluster. */
export interface AlertmanagerSettings {
  /** Name of the channel. */
  name: string;
  /** Base URLs, without `/api/v2`. Each member gets all alerts. */
  urls: readonly string[];
  /** Value of the Authorization header; a secret. */
  authorization: string | null;
  language: Language;
  /** IANA name of the time zone in which texts show times; UTC when absent. */
  timeZone?: string;
  /** Extra labels for every alert, e.g. team or environment. */
  labels: Readonly<Record<string, string>>;
  /** Interval at which all firing alerts are sent again, ms. */
  resendMs: number;
  /** Time after the last send at which an alert expires in Alertmanager, ms. */
  endAfterMs: number;
  /** Also sends inhibited alerts, for the inhibit rules of Alertmanager. */
  sendInhibited: boolean;
  filter: ChannelFilter;
}

/** A webhook. */
export interface WebhookSettings {
  name: string;
  /** May contain a secret, as the URLs of Slack, WeCom, Feishu and DingTalk do. */
  url: string;
  format: WebhookFormat;
  /** Signing secrets: chats use the first; `json` signs with each, so that a secret can be changed. */
  secrets: readonly string[];
  language: Language;
  /** IANA name of the time zone in which texts show times; UTC when absent. */
  timeZone?: string;
  /** People to mention on a page, in the notation of the format. */
  mention: readonly string[];
  /** Whether updates are sent. */
  updates: boolean;
  /** It sends copies of another channel's alerts on purpose. */
  copy: boolean;
  filter: ChannelFilter;
}

/** The settings below `alerts`. */
export interface AlertSettings {
  /** Breakwatch's address as a browser reaches it, without a slash at its end; null for no links. */
  publicUrl: string | null;
  /** Whether a Grafana rule pages too. */
  grafana: boolean;
  /** How long a notice is tried before it is given up, ms. */
  giveUpMs: number;
  alertmanager: AlertmanagerSettings | null;
  webhooks: readonly WebhookSettings[];
}
