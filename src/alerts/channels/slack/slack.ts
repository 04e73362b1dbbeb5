import { cutText, fitMessage, TONE_SYMBOLS } from '../chat.ts';
import type { WebhookFormatter } from '../webhook-formatter.ts';
import { writeMessage } from '../write-message.ts';

/** Slack allows 150 characters in a header and 3,000 in a section. */
const MAX_TITLE = 150;
const MAX_BYTES = 2_900;

/** Incoming webhooks of Slack, with blocks. */
export const slack: WebhookFormatter = {
  write({ notice, settings, publicUrl }) {
    const message = writeMessage(notice, settings, publicUrl);
    const title = `${TONE_SYMBOLS[message.tone]} ${message.title}`;
    const card = fitMessage(message, MAX_BYTES, (lines) =>
      lines
        .map(({ label, text }) =>
          label ? `*${escapeMarkup(label)}:* ${escapeMarkup(text)}` : escapeMarkup(text),
        )
        .join('\n'),
    );
    const mentions = message.mentionsPeople ? settings.mention.map(mentionOf).join(' ') : '';
    const linked = message.links
      .map(({ text, url }) => `<${url}|${escapeMarkup(text)}>`)
      .join(' · ');
    const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });
    const blocks = [
      {
        type: 'header',
        text: { type: 'plain_text', text: cutText(title, MAX_TITLE), emoji: true },
      },
      ...[mentions, card].filter((text) => text !== '').map(section),
      ...(linked ? [{ type: 'context', elements: [{ type: 'mrkdwn', text: linked }] }] : []),
    ];
    // The notification on a phone shows this text.
    const text = [mentions, escapeMarkup(title)].filter((part) => part !== '').join(' ');
    return { body: JSON.stringify({ text, blocks }) };
  },
  perMinute: 50,
};

/** Slack has no escape for these, and a stream's name must not look like a label. */
const LOOKALIKES: Readonly<Record<string, string>> = { '*': '＊', '`': "'", '~': '～' };

function escapeMarkup(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/[*`~]/g, (mark) => LOOKALIKES[mark] as string);
}

/** `@channel`, `@here`, `U…` for a person, `S…` for a group. */
function mentionOf(name: string): string {
  const plain = name.replace(/^@/, '').replace(/[<>&|]/g, '');
  if (['channel', 'here', 'everyone'].includes(plain)) {
    return `<!${plain}>`;
  }
  return plain.startsWith('S') ? `<!subteam^${plain}>` : `<@${plain}>`;
}
