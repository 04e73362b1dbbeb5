import { dingtalk } from './format-dingtalk.ts';
import { feishu } from './format-feishu.ts';
import { json } from './format-json.ts';
import { slack } from './format-slack.ts';
import { wecom } from './format-wecom.ts';
import type { WebhookShape } from './webhook-shape.ts';

/** Shapes of bodies that a webhook may have. */
export const WEBHOOK_FORMATS = ['json', 'slack', 'wecom', 'feishu', 'dingtalk'] as const;
export type WebhookFormat = (typeof WEBHOOK_FORMATS)[number];

/** The shapes by format. */
export const WEBHOOK_SHAPES: Record<WebhookFormat, WebhookShape> = {
  json,
  slack,
  wecom,
  feishu,
  dingtalk,
};
