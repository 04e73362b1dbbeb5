import { relative } from 'node:path';
import type { Finding } from '../../../diagnosis/rule-files/index.ts';
import { printSarif } from './print-sarif.ts';
import type { Format } from './rules-command.ts';

/** Maximum length of a message. Messages of editors list all allowed values. */
const MAX_MESSAGE_LENGTH = 300;

/** A path relative to the working directory, so that terminals and GitHub can link it. */
export function shownPath(file: string): string {
  const shown = relative(process.cwd(), file);
  return shown === '' || shown.startsWith('..') ? file : shown;
}

function wordsOf({ message }: Finding): string {
  return message.length > MAX_MESSAGE_LENGTH
    ? `${message.slice(0, MAX_MESSAGE_LENGTH - 1)}…`
    : message;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** Formats an annotation that GitHub shows next to the line in a pull request. */
function githubLine(finding: Finding): string {
  const { level, check, file, line, column } = finding;
  const place = `file=${escapeProperty(shownPath(file))},line=${line},col=${column}`;
  return `::${level} ${place},title=${escapeProperty(`breakwatch ${check}`)}::${escapeData(wordsOf(finding))}`;
}

function textLine(finding: Finding): string {
  const { level, check, file, line, column } = finding;
  return `${shownPath(file)}:${line}:${column}: ${level}: ${wordsOf(finding)} (${check})`;
}

/**
 * Prints findings, one per line, as one JSON document, or as SARIF.
 *
 * @param summary - last lines of the text
 * @param more - more fields of the JSON document
 */
export function printFindings(
  findings: readonly Finding[],
  format: Format,
  summary: string,
  more: Record<string, unknown> = {},
): void {
  if (format === 'json') {
    const shown = findings.map((finding) => ({ ...finding, file: shownPath(finding.file) }));
    process.stdout.write(`${JSON.stringify({ findings: shown, ...more })}\n`);
    return;
  }
  if (format === 'sarif') {
    process.stdout.write(printSarif(findings, shownPath, wordsOf));
    return;
  }
  const lines = findings.map(format === 'github' ? githubLine : textLine);
  process.stdout.write(`${[...lines, summary].join('\n')}\n`);
}

/** `1 rule`, `2 rules`. */
export function counted(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}

/** `3 errors, 1 warning`. */
export function countLevels(findings: readonly Finding[]): string {
  const count = (level: Finding['level']) =>
    counted(findings.filter((finding) => finding.level === level).length, level);
  return `${count('error')}, ${count('warning')}`;
}

/** Whether there is no error; with `strict`, no warning either. */
export function isClean(findings: readonly Finding[], strict = false): boolean {
  return !findings.some(({ level }) => strict || level === 'error');
}

/** Escapes a text for one line of Markdown. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#|~@]/g, '\\$&').replace(/\s+/g, ' ');
}
