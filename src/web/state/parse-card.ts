/** One line of a card: what it is about, and what it says. */
export interface CardRow {
  label: string;
  text: string;
}

/** Takes a card's Markdown apart; its first line, the heading, has no text of its own. */
export function parseCard(markdown: string): CardRow[] {
  return markdown.split('  \n').map((line) => {
    const [, label = '', text = line] = /^\*\*(.*?[^\\])\*\*\s*(.*)$/s.exec(line) ?? [];
    return { label: plain(label).replace(/:$/, ''), text: plain(text) };
  });
}

function plain(markdown: string): string {
  return markdown.replace(/\\([\\`*_[\]<>|~#])/g, '$1');
}
