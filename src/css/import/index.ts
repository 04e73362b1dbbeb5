/** Files with CSS events: read their lines, and make their journal entries. */
export { type ConsoleColumns, readConsoleHeader } from './console-header.ts';
export { readConsoleRow } from './console-row.ts';
export { readCsvRows } from './csv-rows.ts';
export { importEntry, parseEventLine } from './import-entry.ts';
export { readJsonRecords } from './read-json-records.ts';
export { readLines } from './read-lines.ts';
