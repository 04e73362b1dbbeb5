import { createHmac } from 'node:crypto';
import { cutText, fitMessage } from '../fit-message.ts';
import { plainSigns } from '../plain-signs.ts';
import { TONE_SYMBOLS } from '../tone-symbols.ts';
import { readChatAnswer } from '../webhook/read-chat-answer.ts';
import type { WebhookShape } from '../webhook/webhook-shape.ts';
import { writeMessage } from '../write-message.ts';

/** A robot takes 20,000 bytes; a phone shows less. */
const MAX_BYTES = 4_096;
const MAX_TITLE = 150;
/** -1: busy; the others: more than 20 messages a minute, which silences the robot for 10 minutes. */
const BUSY = [-1, 130_101, 130_102, 660_026, 410_100];

/** Custom robots of DingTalk (钉钉). */
export const dingtalk: WebhookShape = {
  write({ notice, settings, links, at }) {
    const message = writeMessage(notice, settings.language, links);
    const title = cutText(`${TONE_SYMBOLS[message.tone]} ${message.title}`, MAX_TITLE);
    const called = message.rings ? settings.mention.map((name) => name.replace(/^@/, '')) : [];
    const people = called.filter((name) => name !== 'all');
    const isPhone = (name: string) => /^\+?[\d-]{8,15}$/.test(name);
    const linked = message.links.map(({ text, url }) => `[${plainSigns(text)}](${url})`).join(' ');
    // Who is called has to stand in the text as well.
    const names = people.map((name) => `@${name}`).join(' ');
    const text = fitMessage(message, MAX_BYTES, (lines) =>
      [
        `#### ${plainSigns(title)}`,
        ...lines.map(({ label, text: words }) =>
          label ? `**${plainSigns(label)}:** ${plainSigns(words)}` : plainSigns(words),
        ),
        ...[linked, names].filter((part) => part !== ''),
      ].join('\n\n'),
    );
    const body = JSON.stringify({
      msgtype: 'markdown',
      markdown: { title, text },
      at: {
        isAtAll: called.includes('all'),
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

/** Its own scheme: time and secret are signed with the secret, and stand in the address. */
function signedUrl(url: string, secret: string, at: number): string {
  const signed = new URL(url);
  const signature = createHmac('sha256', secret).update(`${at}\n${secret}`).digest('base64');
  signed.searchParams.set('timestamp', String(at));
  signed.searchParams.set('sign', signature);
  return signed.href;
}
