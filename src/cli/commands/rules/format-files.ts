import {
  checkRuleText,
  type Finding,
  findConditionFiles,
  findPatchFiles,
  findRuleFiles,
  JsonSyntaxError,
  parseJson,
  type RuleFile,
  readFiles,
} from '../../../diagnosis/rule-files/index.ts';
import { formatConditions, formatPatch, formatRule } from '../../../diagnosis/workbench/index.ts';

/** A formatted file of a rules folder. */
export interface Formatted {
  path: string;
  /** The formatted text; undefined when the file is formatted already. */
  text?: string;
  finding?: Finding;
}

/** Formats a file. @returns undefined when it is of another kind */
type FormatFile = (path: string, file: string, text: string) => Formatted | undefined;

/** Files with other mistakes than those of JSON can be formatted. Lint reports the mistakes. */
function formatJson(path: string, text: string, format: (document: unknown) => string): Formatted {
  try {
    const wanted = format(parseJson(text.replace(/^\ufeff/, '')).value);
    return wanted === text ? { path } : { path, text: wanted };
  } catch (thrown) {
    if (!(thrown instanceof JsonSyntaxError)) {
      throw thrown;
    }
    const { message, place } = thrown;
    return { path, finding: { level: 'error', check: 'syntax', file: path, ...place, message } };
  }
}

const formatRuleFile: FormatFile = (path, file, text) =>
  checkRuleText(text, file).kind === 'other' ? undefined : formatJson(path, text, formatRule);

async function formatFiles(files: RuleFile[], format: FormatFile): Promise<Formatted[]> {
  return (await readFiles(files)).flatMap((source): Formatted | Formatted[] => {
    const { path, file } = source;
    return 'text' in source
      ? (format(path, file, source.text) ?? [])
      : { path, finding: { level: 'error', check: 'file', ...source.problem } };
  });
}

/**
 * Formats the rules, patches and shared conditions of a folder, without writing them. A file that is not valid JSON
 * gives a finding.
 */
export async function formatFolder(folder: string): Promise<Formatted[]> {
  return [
    ...(await formatFiles(await findRuleFiles(folder), formatRuleFile)),
    ...(await formatFiles(await findConditionFiles(folder), (path, _file, text) =>
      formatJson(path, text, formatConditions),
    )),
    ...(await formatFiles(await findPatchFiles(folder), (path, _file, text) =>
      formatJson(path, text, formatPatch),
    )),
  ];
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
