/** Files with events of CSS: reads their lines, and makes their journal entries. */
export { type ConsoleColumns, readConsoleHeader, readConsoleRow } from './console-row.ts';
export { readCsvRows } from './csv-rows.ts';
export { importEntry, parseEventLine } from './import-entry.ts';
export { parseJsonLine, readLines } from './read-lines.ts';
