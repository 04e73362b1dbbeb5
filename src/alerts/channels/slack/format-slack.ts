import { cutText, fitMessage } from '../fit-message.ts';
import { TONE_SYMBOLS } from '../tone-symbols.ts';
import type { WebhookShape } from '../webhook/webhook-shape.ts';
import { writeMessage } from '../write-message.ts';

/** Slack takes 150 characters in a header and 3,000 in a section. */
const MAX_TITLE = 150;
const MAX_BYTES = 2_900;

/** Slack's incoming webhooks, with blocks. */
export const slack: WebhookShape = {
  write({ notice, settings, links }) {
    const message = writeMessage(notice, settings.language, links);
    const title = `${TONE_SYMBOLS[message.tone]} ${message.title}`;
    const card = fitMessage(message, MAX_BYTES, (lines) =>
      lines
        .map(({ label, text }) =>
          label ? `*${escapeSigns(label)}:* ${escapeSigns(text)}` : escapeSigns(text),
        )
        .join('\n'),
    );
    const called = message.rings ? settings.mention.map(mention).join(' ') : '';
    const linked = message.links
      .map(({ text, url }) => `<${url}|${escapeSigns(text)}>`)
      .join(' · ');
    const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });
    const blocks = [
      {
        type: 'header',
        text: { type: 'plain_text', text: cutText(title, MAX_TITLE), emoji: true },
      },
      ...[called, card].filter((text) => text !== '').map(section),
      ...(linked ? [{ type: 'context', elements: [{ type: 'mrkdwn', text: linked }] }] : []),
    ];
    // What the phone shows before anybody opens the chat.
    const text = [called, escapeSigns(title)].filter((part) => part !== '').join(' ');
    return { body: JSON.stringify({ text, blocks }) };
  },
  perMinute: 50,
};

function escapeSigns(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

/** `@channel`, `@here`, `U…` for a person, `S…` for a group. */
function mention(name: string): string {
  const plain = name.replace(/^@/, '').replace(/[<>&|]/g, '');
  if (['channel', 'here', 'everyone'].includes(plain)) {
    return `<!${plain}>`;
  }
  return plain.startsWith('S') ? `<!subteam^${plain}>` : `<@${plain}>`;
}
