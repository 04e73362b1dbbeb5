/** Something that a check of the workbench found in a rule file. */
export interface Finding {
  /** Errors fail a build; warnings are for whoever looks. */
  level: 'error' | 'warning';
  /** Name of the check, e.g. `schema` or `language`. */
  check: string;
  /** Path of the file as it was opened. */
  file: string;
  /** From 1. */
  line: number;
  /** From 1, in UTF-16 units. */
  column: number;
  message: string;
  /** What was probably meant. */
  hint?: string;
}

/** Findings by file, then by place. */
export function compareFindings(a: Finding, b: Finding): number {
  return a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line || a.column - b.column;
}
