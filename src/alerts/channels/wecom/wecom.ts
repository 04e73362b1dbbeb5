import { fitMessage, readChatAnswer, replaceMarkup, TONE_SYMBOLS } from '../chat.ts';
import type { WebhookFormatter } from '../webhook-formatter.ts';
import { writeMessage } from '../write-message.ts';

/** WeCom allows 4,096 bytes of Markdown and 2,048 bytes of text. */
const MAX_MARKDOWN = 4_096;
const MAX_TEXT = 2_048;
/** -1: busy; 45009: more than 20 messages a minute. */
const BUSY = [-1, 45_009, 45_033];

/** Group robots of WeCom (企业微信). */
export const wecom: WebhookFormatter = {
  write({ notice, settings, publicUrl }) {
    const message = writeMessage(notice, settings, publicUrl);
    const title = `${TONE_SYMBOLS[message.tone]} ${message.title}`;
    if (message.mentionsPeople && settings.mention.length > 0) {
      // Only messages of type text can mention @all and phone numbers.
      const mentions = settings.mention.map((name) => (name === 'all' ? '@all' : name));
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
            mentioned_list: mentions.filter((name) => !isPhone(name)),
            mentioned_mobile_list: mentions.filter(isPhone),
          },
        }),
      };
    }
    const linked = message.links
      .map(({ text, url }) => `[${replaceMarkup(text)}](${url})`)
      .join(' ');
    const content = fitMessage(message, MAX_MARKDOWN, (lines) =>
      [
        `**${replaceMarkup(title)}**`,
        ...lines.map(({ label, text }) =>
          label
            ? `<font color="comment">${replaceMarkup(label)}</font> ${replaceMarkup(text)}`
            : replaceMarkup(text),
        ),
        ...(linked ? [linked] : []),
      ].join('\n'),
    );
    return { body: JSON.stringify({ msgtype: 'markdown', markdown: { content } }) };
  },
  refusal: (answer) => readChatAnswer(answer, { code: ['errcode'], message: ['errmsg'] }, BUSY),
  perMinute: 18,
};
