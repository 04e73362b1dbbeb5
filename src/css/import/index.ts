/** Files with CSS events: read their lines, and make their journal entries. */
export { type ConsoleColumns, readConsoleHeader } from './console-header.ts';
export { readConsoleRow } from './console-row.ts';
export { readCsvRows } from './csv-rows.ts';
export {
  accountOfLine,
  checkExports,
  type ExportedFacts,
  isExportLine,
  isFactsLine,
  printExportEnd,
  printExportedEntry,
  printExportedFacts,
  printExportStart,
  readExportLine,
} from './export-lines.ts';
export { importEntry, parseEventLine } from './import-entry.ts';
export { nameOtherFile } from './name-other-file.ts';
export { type JsonRecord, jsonIn, readJsonRecords } from './read-json-records.ts';
export { readLines } from './read-lines.ts';
