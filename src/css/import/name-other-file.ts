/** Files that people try to import, by their beginnings, with what to do instead. */
const OTHER_FILES: readonly (readonly [beginning: RegExp, problem: string])[] = [
  [/^[-+|]{2,}/, 'it is a table for people; print JSON instead (tccli … --output json)'],
  [/^\|\s/, 'it is a table for people; save it as CSV, or print JSON instead'],
  // One record a line, after the name of its list; numbers come first, as names of fields are sorted.
  [
    /^(?:EVENTLIST|PAGENUM|PUBLISHINFO|DATAINFOLIST)\t/,
    'it is text without the names of the columns; print JSON instead (tccli … --output json)',
  ],
  [
    /^PK\p{Cc}{2}/u,
    'it is a ZIP archive or an Excel workbook; unpack it, or save the sheet as CSV (UTF-8)',
  ],
  [
    // The first bytes of .xls, as text of GB18030.
    /^邢\p{Cc}/u,
    'it is an Excel workbook; save the sheet as CSV (UTF-8)',
  ],
  [/^%PDF-/, 'it is a PDF file; save the table as CSV, or print JSON instead'],
  [/^\s*<(?:!doctype|html|\?xml|table)\b/i, 'it is a page of HTML or XML; save the table as CSV'],
];

/**
 * Names a file that has no records which can be read.
 *
 * @param beginning - its first line
 * @returns what it is and what to do; null for other files
 */
export function nameOtherFile(beginning: string): string | null {
  return OTHER_FILES.find(([pattern]) => pattern.test(beginning))?.[1] ?? null;
}
