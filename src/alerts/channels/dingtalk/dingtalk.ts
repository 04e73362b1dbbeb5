import { createHmac } from 'node:crypto';
import { cutText, fitMessage, readChatAnswer, replaceMarkup, TONE_SYMBOLS } from '../chat.ts';
import type { WebhookFormatter } from '../webhook-formatter.ts';
import { writeMessage } from '../write-message.ts';

/** DingTalk allows 20,000 bytes; a phone shows less. */
const MAX_BYTES = 4_096;
const MAX_TITLE = 150;
/** -1: busy; the others: more than 20 messages a minute, which blocks the robot for 10 minutes. */
const BUSY = [-1, 130_101, 130_102, 660_026, 410_100];

/** Custom robots of DingTalk (钉钉). */
export const dingtalk: WebhookFormatter = {
  write({ notice, settings, publicUrl, at }) {
    const message = writeMessage(notice, settings, publicUrl);
    const title = cutText(`${TONE_SYMBOLS[message.tone]} ${message.title}`, MAX_TITLE);
    const mentions = message.mentionsPeople
      ? settings.mention.map((name) => name.replace(/^@/, ''))
      : [];
    const people = mentions.filter((name) => name !== 'all');
    const isPhone = (name: string) => /^\+?[\d-]{8,15}$/.test(name);
    const linked = message.links
      .map(({ text, url }) => `[${replaceMarkup(text)}](${url})`)
      .join(' ');
    // DingTalk mentions only people whose names are in the text as well.
    const names = people.map((name) => `@${name}`).join(' ');
    const text = fitMessage(message, MAX_BYTES, (lines) =>
      [
        `#### ${replaceMarkup(title)}`,
        ...lines.map(({ label, text: words }) =>
          label ? `**${replaceMarkup(label)}:** ${replaceMarkup(words)}` : replaceMarkup(words),
        ),
        ...[linked, names].filter((part) => part !== ''),
      ].join('\n\n'),
    );
    const body = JSON.stringify({
      msgtype: 'markdown',
      markdown: { title, text },
      at: {
        isAtAll: mentions.includes('all'),
        atMobiles: people.filter(isPhone),
        atUserIds: people.filter((name) => !isPhone(name)),
      },
    });
    const [secret] = settings.secrets;
    return secret === undefined ? { body } : { body, url: signedUrl(settings.url, secret, at) };
  },
  refusal: (answer) => readChatAnswer(answer, { code: ['errcode'], message: ['errmsg'] }, BUSY),
  perMinute: 18,
};

/** DingTalk's own scheme: the URL carries the time and an HMAC of time and secret. */
function signedUrl(url: string, secret: string, at: number): string {
  const signed = new URL(url);
  const signature = createHmac('sha256', secret).update(`${at}\n${secret}`).digest('base64');
  signed.searchParams.set('timestamp', String(at));
  signed.searchParams.set('sign', signature);
  return signed.href;
}
