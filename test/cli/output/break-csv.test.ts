import { describe, expect, it } from 'vitest';
import { BREAK_CSV_HEADER, printBreakCsv, printCell } from '../../../src/cli/output/break-csv.ts';
import { readConsoleHeader } from '../../../src/css/import/console-header.ts';
import { readConsoleRow } from '../../../src/css/import/console-row.ts';
import { readCsvRows } from '../../../src/css/import/csv-rows.ts';
import { showBreak } from '../../../src/server/show-break.ts';
import { breakRecord } from '../../helpers/break-record.ts';

describe('printCell', () => {
  it.each([
    ['=1+1', `"'=1+1"`],
    ['+86 10', `"'+86 10"`],
    ['-', `"'-"`],
    ['@SUM(A1)', `"'@SUM(A1)"`],
    ['＝HYPERLINK("x")', `"'＝HYPERLINK(""x"")"`],
    ['\t=1', `"'\t=1"`],
    [' =1', `"' =1"`],
    ['\u0000=1', `"'\\u0000=1"`],
    ['a\u001b[31mb', 'a\\u001B[31mb'],
    ['a\u202eb', 'a\\u202Eb'],
    ['a\tb', 'a\tb'],
    ['shop-17', 'shop-17'],
    ['a,b', '"a,b"'],
    ['a\nb', '"a\nb"'],
    [-5, '-5'],
    [null, ''],
  ])('writes %j so that no spreadsheet executes it', (value, cell) => {
    expect(printCell(value)).toBe(cell);
  });
});

it('writes what the import can read', async () => {
  const record = breakRecord('expired', { event: { stream: '=evil,"x"' } });
  const text = BREAK_CSV_HEADER + printBreakCsv(showBreak(record, new Map(), 'zh'));
  const rows = [];
  for await (const row of readCsvRows(text.split('\r\n'))) {
    rows.push(row);
  }
  const [header, row] = rows;
  const read = readConsoleRow(row?.fields ?? [], readConsoleHeader(header?.fields ?? []), 0);
  const { event } = record;
  expect(read).toMatchObject({
    StreamName: '=evil,"x"',
    DomainName: event.domain,
    AppName: event.app,
    StopReason: event.reasonText,
    errcode: 18,
    subErrcode: 501,
  });
  expect(Date.parse(read.StreamEndTime as string)).toBe(event.endedAt);
});
