import {
  checkRuleText,
  type Finding,
  findRuleFiles,
  parseJson,
  readFiles,
} from '../../../diagnosis/rule-files/index.ts';
import { formatRule } from '../../../diagnosis/workbench/index.ts';

/** A formatted rule file. */
export interface Formatted {
  path: string;
  /** The formatted text; undefined when the file is formatted already. */
  text?: string;
  finding?: Finding;
}

function formatFile(path: string, file: string, text: string): Formatted | undefined {
  const checked = checkRuleText(text, file);
  if (checked.kind === 'other') {
    return undefined;
  }
  const mistake = checked.kind === 'mistakes' ? checked.mistakes[0] : undefined;
  if (mistake?.check === 'syntax') {
    const { check, line, column, message } = mistake;
    return { path, finding: { level: 'error', check, file: path, line, column, message } };
  }
  // Files with other mistakes can be formatted. Lint reports the mistakes.
  const wanted = formatRule(parseJson(text.replace(/^\ufeff/, '')).value);
  return wanted === text ? { path } : { path, text: wanted };
}

/** Formats the rules of a folder, without writing them. A file that is not valid JSON gives a finding. */
export async function formatFolder(folder: string): Promise<Formatted[]> {
  const sources = await readFiles(await findRuleFiles(folder));
  return sources.flatMap((source): Formatted | Formatted[] => {
    const { path, file } = source;
    return 'text' in source
      ? (formatFile(path, file, source.text) ?? [])
      : { path, finding: { level: 'error', check: 'file', ...source.problem } };
  });
}

/** The findings of `rules fmt --check`: files that are not formatted, or that cannot be. */
export function formatFindings(formatted: readonly Formatted[]): Finding[] {
  return formatted.flatMap(({ path, text, finding }): Finding[] => {
    if (finding || text === undefined) {
      return finding ? [finding] : [];
    }
    const message = 'not formatted; run breakwatch rules fmt';
    return [{ level: 'error', check: 'format', file: path, line: 1, column: 1, message }];
  });
}
