import type { Card } from './card.ts';

/** What Markdown would take for markup. */
const MARKUP = /[\\`*_[\]<>|~#]/g;

/** Writes a card as Markdown: the first line bold, then one line a part. */
export function cardToMarkdown(card: Card): string {
  return card
    .map(({ part, label, texts }) =>
      part === 'what'
        ? `**${texts.map(plain).join('; ')}**`
        : `**${label}:** ${texts.map(plain).join('; ')}`,
    )
    .join('  \n');
}

/** Writes a card as plain text: one line a part. */
export function cardToText(card: Card): string {
  return card
    .map(({ part, label, texts }) =>
      part === 'what' ? texts.join('; ') : `${label}: ${texts.join('; ')}`,
    )
    .join('\n');
}

function plain(text: string): string {
  return text.replace(MARKUP, '\\$&').replace(/\s*\n\s*/g, ' ');
}
