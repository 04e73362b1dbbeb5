/** Characters of East Asian scripts, which take two columns. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]/u;
/** Characters that must not begin a line. */
const CLOSING = /^[、。，．：；？！）」』】〉》,.:;!?)\]]/u;

/** Characters that must not end a line. */
const OPENING = /[（「『【〈《([]$/u;

/** Width of a text on a terminal, in columns. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const sign of text) {
    columns += WIDE.test(sign) ? 2 : 1;
  }
  return columns;
}

/** Word segmenters for Chinese and Japanese, which have no spaces. Korean is split at its spaces. */
const WORDS = {
  zh: new Intl.Segmenter('zh', { granularity: 'word' }),
  ja: new Intl.Segmenter('ja', { granularity: 'word' }),
};

/** Splits a text into parts between which a line may end. A space belongs to the part after it. */
function partsOf(text: string): string[] {
  const words = /[\u3041-\u30ff]/u.test(text) ? WORDS.ja : WORDS.zh;
  const parts: string[] = [];
  for (const piece of text.split(/(?=\s)/)) {
    let part = '';
    for (const { segment } of words.segment(piece)) {
      const mayBreak = WIDE.test(segment[0] ?? '') && !CLOSING.test(segment);
      if (part.trim() !== '' && mayBreak && !OPENING.test(part)) {
        parts.push(part);
        part = '';
      }
      part += segment;
    }
    parts.push(part);
  }
  return parts;
}

/**
 * Wraps a text at a maximum width in columns. A word that is longer than a line is split.
 *
 * @param first - start of the first line
 * @param rest - start of the other lines
 */
export function wrapText(text: string, first: string, rest: string, width = 80): string[] {
  const lines: string[] = [];
  let line = first;
  let empty = true;
  const next = () => {
    lines.push(line.trimEnd());
    line = rest;
    empty = true;
  };
  for (const part of partsOf(text.replace(/\s+/g, ' ').trim())) {
    const wanted = empty ? part.trimStart() : part;
    if (!empty && columnsOf(line) + columnsOf(wanted) > width) {
      next();
    }
    for (const sign of empty ? part.trimStart() : part) {
      if (columnsOf(line) + columnsOf(sign) > width && !empty) {
        next();
      }
      line += sign;
      empty = false;
    }
  }
  lines.push(line.trimEnd());
  return lines;
}
