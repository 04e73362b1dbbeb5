/** A difference between a runbook and its translation. */
export interface RunbookDifference {
  /** Line in the translation, from 1; 1 when something is missing. */
  line: number;
  message: string;
}

/** A part of a runbook that does not depend on the language. */
interface Part {
  kind: 'heading' | 'command' | 'link' | 'document' | 'step' | 'bullet';
  text: string;
  line: number;
}

const PATTERNS: [kind: Part['kind'], pattern: RegExp][] = [
  ['command', /```[^\n]*\n[\s\S]*?```|`[^`]+`/g],
  ['heading', /^#{1,6}(?= )/gm],
  ['link', /(?<=\]\()[^)\s]+|https?:\/\/[^\s)>`。，、；]*[^\s)>`。，、；.,;:]/g],
  // Numbers of Tencent Cloud's documents.
  ['document', /\b\d{3}\/\d{4,6}\b/g],
  ['step', /^\d+\.(?= )/gm],
  ['bullet', /^ *-(?= )/gm],
];

function partsOf(markdown: string): Part[] {
  return PATTERNS.flatMap(([kind, pattern]) =>
    [...markdown.matchAll(pattern)].map(({ 0: found, index }) => ({
      kind,
      // A translation breaks lines elsewhere, and its links go up one folder more.
      text:
        kind === 'link' ? found.replace(/^(?:\.\.\/)+/, '../') : found.replace(/\s+/g, ' ').trim(),
      line: markdown.slice(0, index).split('\n').length,
    })),
  );
}

const keyOf = ({ kind, text }: Part) => `${kind} ${text}`;

/**
 * Compares a translated runbook with the English one: both must have the same headings (by level), commands, links,
 * documents, steps and bullets. The order of commands and links within a sentence may differ.
 *
 * @param original - Markdown in English
 * @param translation - Markdown in another language
 */
export function compareRunbooks(original: string, translation: string): RunbookDifference[] {
  const wanted = Map.groupBy(partsOf(original), keyOf);
  const found = Map.groupBy(partsOf(translation), keyOf);
  const differences: RunbookDifference[] = [];
  for (const [key, parts] of wanted) {
    const missing = parts.length - (found.get(key)?.length ?? 0);
    if (missing > 0) {
      const { kind, text, line } = parts[0] as Part;
      const times = missing === 1 ? '' : ` ${missing} times`;
      differences.push({
        line: 1,
        message: `the ${kind} ${text} of the English runbook (line ${line}) is missing${times}`,
      });
    }
  }
  for (const [key, parts] of found) {
    for (const { kind, text, line } of parts.slice(wanted.get(key)?.length ?? 0)) {
      differences.push({ line, message: `the English runbook has no such ${kind}: ${text}` });
    }
  }
  return differences;
}
