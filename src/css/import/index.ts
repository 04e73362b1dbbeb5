/** Files with CSS events: read their lines, and make their journal entries. */
export { type ConsoleColumns, readConsoleHeader } from './console-header.ts';
export { readConsoleRow } from './console-row.ts';
export { readCsvRows } from './csv-rows.ts';
export { importEntry, parseEventLine } from './import-entry.ts';
export { parseJsonLine, readLines } from './read-lines.ts';
