import { createHmac } from 'node:crypto';
import { cutText, fitMessage, readChatAnswer } from '../chat.ts';
import type { WebhookFormatter } from '../webhook-formatter.ts';
import { type Message, writeMessage } from '../write-message.ts';

/** Feishu allows 20 KB; a phone shows less. */
const MAX_BYTES = 4_096;
const MAX_TITLE = 150;
const COLORS: Record<Message['tone'], string> = {
  worse: 'red',
  bad: 'orange',
  changed: 'blue',
  good: 'green',
  test: 'grey',
};
/** Codes for too many messages. */
const BUSY = [11_232, 11_233, 11_247, 99_991_400];

/** Custom robots of Feishu (飞书) and Lark, with a card message. */
export const feishu: WebhookFormatter = {
  write({ notice, settings, publicUrl, at }) {
    const message = writeMessage(notice, settings, publicUrl);
    const mentions = message.mentionsPeople
      ? settings.mention.map(
          (name) => `<at id=${name.replace(/[^\w@.-]/g, '').replace(/^@/, '')}></at>`,
        )
      : [];
    const content = fitMessage(message, MAX_BYTES, (lines) =>
      [
        ...lines.map(({ label, text }) =>
          label ? `**${escapeMarkup(label)}:** ${escapeMarkup(text)}` : escapeMarkup(text),
        ),
        ...(mentions.length > 0 ? [mentions.join(' ')] : []),
      ].join('\n'),
    );
    const buttons = message.links.map(({ text, url }) => ({
      tag: 'button',
      text: { tag: 'plain_text', content: text },
      url,
      type: 'default',
    }));
    const card = {
      config: { wide_screen_mode: true },
      header: {
        title: { tag: 'plain_text', content: cutText(message.title, MAX_TITLE) },
        template: COLORS[message.tone],
      },
      elements: [
        { tag: 'div', text: { tag: 'lark_md', content } },
        ...(buttons.length > 0 ? [{ tag: 'action', actions: buttons }] : []),
      ],
    };
    const [secret] = settings.secrets;
    return { body: JSON.stringify({ ...sign(secret, at), msg_type: 'interactive', card }) };
  },
  refusal: (answer) =>
    readChatAnswer(
      answer,
      { code: ['code', 'StatusCode'], message: ['msg', 'StatusMessage'] },
      BUSY,
    ),
  perMinute: 90,
};

/** Feishu's own scheme: an HMAC of an empty text with time and secret as its key. */
function sign(secret: string | undefined, at: number) {
  if (secret === undefined) {
    return {};
  }
  const timestamp = String(Math.floor(at / 1_000));
  return {
    timestamp,
    sign: createHmac('sha256', `${timestamp}\n${secret}`).update('').digest('base64'),
  };
}

function escapeMarkup(text: string): string {
  return text.replace(/[<>*~_[\]`]/g, (mark) => `&#${mark.codePointAt(0)};`);
}
