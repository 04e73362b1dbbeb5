import { fitMessage } from '../fit-message.ts';
import { plainSigns } from '../plain-signs.ts';
import { TONE_SYMBOLS } from '../tone-symbols.ts';
import { readChatAnswer } from '../webhook/read-chat-answer.ts';
import type { WebhookShape } from '../webhook/webhook-shape.ts';
import { writeMessage } from '../write-message.ts';

/** WeCom takes 4,096 bytes of Markdown and 2,048 of text. */
const MAX_MARKDOWN = 4_096;
const MAX_TEXT = 2_048;
/** -1: busy; 45009: more than 20 messages a minute. */
const BUSY = [-1, 45_009, 45_033];

/** Group robots of WeCom (企业微信). */
export const wecom: WebhookShape = {
  write({ notice, settings, links }) {
    const message = writeMessage(notice, settings.language, links);
    const title = `${TONE_SYMBOLS[message.tone]} ${message.title}`;
    if (message.rings && settings.mention.length > 0) {
      // Only plain text calls @all and phone numbers by name.
      const called = settings.mention.map((name) => (name === 'all' ? '@all' : name));
      const isPhone = (name: string) => /^\+?\d{8,15}$/.test(name);
      const linked = message.links.map(({ text, url }) => `\n${text}: ${url}`).join('');
      const content = fitMessage(message, MAX_TEXT, (lines) =>
        [title, ...lines.map(({ label, text }) => (label ? `${label}: ${text}` : text))]
          .join('\n')
          .concat(linked),
      );
      return {
        body: JSON.stringify({
          msgtype: 'text',
          text: {
            content,
            mentioned_list: called.filter((name) => !isPhone(name)),
            mentioned_mobile_list: called.filter(isPhone),
          },
        }),
      };
    }
    const linked = message.links.map(({ text, url }) => `[${plainSigns(text)}](${url})`).join(' ');
    const content = fitMessage(message, MAX_MARKDOWN, (lines) =>
      [
        `**${plainSigns(title)}**`,
        ...lines.map(({ label, text }) =>
          label
            ? `<font color="comment">${plainSigns(label)}</font> ${plainSigns(text)}`
            : plainSigns(text),
        ),
        ...(linked ? [linked] : []),
      ].join('\n'),
    );
    return { body: JSON.stringify({ msgtype: 'markdown', markdown: { content } }) };
  },
  refusal: (answer) => readChatAnswer(answer, { code: ['errcode'], message: ['errmsg'] }, BUSY),
  perMinute: 18,
};
