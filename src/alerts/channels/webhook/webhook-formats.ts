import { dingtalk } from '../dingtalk/format-dingtalk.ts';
import { feishu } from '../feishu/format-feishu.ts';
import { slack } from '../slack/format-slack.ts';
import { wecom } from '../wecom/format-wecom.ts';
import { json } from './format-json.ts';
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
