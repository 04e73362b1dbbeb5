import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CsvRow, readCsvRows } from '../../../src/css/import/csv-rows.ts';

async function rows(text: string): Promise<CsvRow[]> {
  const found: CsvRow[] = [];
  for await (const row of readCsvRows(text.split(/\r?\n/))) {
    found.push(row);
  }
  return found;
}

describe('readCsvRows', () => {
  it.each([
    ['\t', 'a table that was copied'],
    [';', 'Excel in many countries'],
  ])('reads the separator %j of %s', async (one) => {
    expect(await rows(`name${one}reason\ns-1${one}"a, ""b""${one}"\n${one}x, y\n`)).toEqual([
      { line: 1, fields: ['name', 'reason'] },
      { line: 2, fields: ['s-1', `a, "b"${one}`] },
      { line: 3, fields: ['', 'x, y'] },
    ]);
    // A comma in the first line decides.
    expect((await rows(`a,b${one}c`))[0]?.fields).toEqual(['a', `b${one}c`]);
  });

  it('reads quotes, commas and line breaks inside quotes, and empty fields', async () => {
    expect(await rows('\uFEFFa,"b, ""c""\r\nd",\r\n\r\n ,e\r\n')).toEqual([
      { line: 1, fields: ['a', 'b, "c"\nd', ''] },
      { line: 4, fields: ['', 'e'] },
    ]);
  });

  it('loses only one line when a quote is never closed', async () => {
    const many = Array.from({ length: 200 }, (_none, index) => `r${index},x`);
    const found = await rows(['"open,x', ...many].join('\n'));
    expect(found).toHaveLength(201);
    expect(found[0]).toMatchObject({ line: 1, problem: expect.stringContaining('not closed') });
    expect(found[200]).toEqual({ line: 201, fields: ['r199', 'x'] });
  });

  it('reports text after a closing quote', async () => {
    expect(await rows('"a"b,c')).toMatchObject([{ problem: expect.any(String) }]);
  });

  it('reads any valid CSV back', async () => {
    const field = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', ' ', '直') });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { maxLength: 8 }),
        async (table) => {
          const text = table
            .map((row) => row.map((one) => `"${one.replaceAll('"', '""')}"`).join(','))
            .join('\n');
          expect((await rows(text)).map(({ fields }) => fields)).toEqual(table);
        },
      ),
      { numRuns: 300 },
    );
  });
});
