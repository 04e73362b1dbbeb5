import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { frameToArrow } from '../../../src/grafana/backend/frame-to-arrow.ts';
import type { Cell, Field, FieldType, Frame } from '../../../src/model/frame.ts';
import { type ReadField, readArrow } from './read-arrow.ts';

const text = new TextDecoder();

const column = (type: FieldType, values: Cell[], name = 'value'): Field => ({ name, type, values });

describe('a frame as Arrow', () => {
  test('every column type, with and without missing values', async () => {
    const frame: Frame = {
      name: 'breaks',
      meta: { type: 'table', notices: [{ severity: 'info', text: 'cut at 3 rows' }] },
      fields: [
        column('time', [0, 1_790_000_000_123, 1_790_000_000_123.25], 'time'),
        column('time', [null, 1, null], 'timeEnd'),
        column('number', [1.5, -2, Number.POSITIVE_INFINITY], 'count'),
        column('number', [null, Number.NaN, 3], 'downMs'),
        column('string', ['断流', '', 'a\ud800b'], 'cause'),
        column('string', [null, 'x', null], 'fix'),
        column('boolean', [true, false, true], 'isRegion'),
        column('boolean', [null, true, false], 'alert'),
        column('json', [{ a: 1 }, [1, 'é'], 'text'], 'facts'),
        column('json', [null, { b: null }, null], 'more'),
      ],
    };
    const bytes = await frameToArrow(frame, 'A');
    // The file format, not the stream: Grafana's decoder takes only this.
    expect(text.decode(bytes.subarray(0, 6))).toBe('ARROW1');
    expect(text.decode(bytes.subarray(-6))).toBe('ARROW1');
    const { metadata, fields, rows } = readArrow(bytes);
    expect(rows).toBe(3);
    expect(metadata).toEqual({
      name: 'breaks',
      refId: 'A',
      meta: '{"type":"table","notices":[{"severity":"info","text":"cut at 3 rows"}]}',
    });
    expect(fields.map(({ name, type, nullable }) => [name, type, nullable])).toEqual([
      ['time', 'Timestamp<NANOSECOND>', false],
      ['timeEnd', 'Timestamp<NANOSECOND>', true],
      ['count', 'Float64', false],
      ['downMs', 'Float64', true],
      ['cause', 'Utf8', false],
      ['fix', 'Utf8', true],
      ['isRegion', 'Bool', false],
      ['alert', 'Bool', true],
      ['facts', 'Binary', false],
      ['more', 'Binary', true],
    ]);
    expect(fields[0]?.raw).toEqual([0n, 1_790_000_000_123_000_000n, 1_790_000_000_123_250_000n]);
    expect(fields.slice(1).map(({ values }) => values)).toEqual([
      [null, 1, null],
      [1.5, -2, Number.POSITIVE_INFINITY],
      [null, null, 3],
      ['断流', '', 'a\ufffdb'],
      [null, 'x', null],
      [true, false, true],
      [null, true, false],
      ['{"a":1}', '[1,"é"]', '"text"'],
      [null, '{"b":null}', null],
    ]);
  });

  test('labels and config stand in the metadata of their field', async () => {
    const bytes = await frameToArrow(
      {
        name: '',
        fields: [
          {
            ...column('number', [1]),
            labels: { category: 'auth', domain: 'push.example.com' },
            config: { displayNameFromDS: 'auth', unit: 'short' },
          },
        ],
      },
      'B',
    );
    const { metadata, fields } = readArrow(bytes);
    expect(metadata).toEqual({ name: '', refId: 'B' });
    expect(fields[0]?.metadata).toEqual({
      labels: '{"category":"auth","domain":"push.example.com"}',
      config: '{"displayNameFromDS":"auth","unit":"short"}',
    });
  });

  test('no data is a frame without fields that keeps its meta', async () => {
    const { metadata, fields, rows } = readArrow(
      await frameToArrow(
        { name: 'x', meta: { type: 'timeseries-multi', typeVersion: [0, 1] }, fields: [] },
        'A',
      ),
    );
    expect([fields, rows]).toEqual([[], 0]);
    expect(metadata.meta).toBe('{"type":"timeseries-multi","typeVersion":[0,1]}');
  });

  test('columns without rows keep their types', async () => {
    const types: FieldType[] = ['time', 'number', 'string', 'boolean', 'json'];
    const { fields, rows } = readArrow(
      await frameToArrow({ name: 'x', fields: types.map((type) => column(type, [], type)) }, 'A'),
    );
    expect(rows).toBe(0);
    expect(fields.map(({ type, nullable }) => [type, nullable])).toEqual([
      ['Timestamp<NANOSECOND>', false],
      ['Float64', false],
      ['Utf8', false],
      ['Bool', false],
      ['Binary', false],
    ]);
  });

  test('values of the wrong type cost only themselves', async () => {
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    const frame = {
      name: 'odd',
      fields: [
        column('time', ['yesterday', 9e15, 5]),
        column('number', ['7', true, 5]),
        column('boolean', ['true', 1, true]),
        column('string', [7, true, { a: 1 }]),
        column('json', [circular, 1, null]),
        column('number', [1]),
      ],
    };
    const { fields } = readArrow(await frameToArrow(frame, 'A'));
    expect(fields.map(({ values }) => values)).toEqual([
      [null, null, 5],
      [null, null, 5],
      [null, null, true],
      ['7', 'true', '{"a":1}'],
      [null, '1', null],
      [1, null, null],
    ]);
  });

  test('whatever the values, they come back and nullable is exact', async () => {
    const time = fc.integer({ min: -8_000_000_000_000, max: 8_000_000_000_000 });
    const kinds: Record<FieldType, fc.Arbitrary<Cell>> = {
      time,
      number: fc.double({ noNaN: true }),
      string: fc.string({ unit: 'grapheme' }),
      boolean: fc.boolean(),
      json: fc.jsonValue() as fc.Arbitrary<Cell>,
    };
    const field = fc
      .tuple(fc.constantFrom(...(Object.keys(kinds) as FieldType[])), fc.nat({ max: 40 }))
      .chain(([type, rows]) =>
        fc.tuple(
          fc.constant(type),
          fc.array(fc.option(kinds[type]), { minLength: rows, maxLength: rows }),
        ),
      );
    await fc.assert(
      fc.asyncProperty(fc.array(field, { minLength: 1, maxLength: 6 }), async (columns) => {
        const rows = Math.max(...columns.map(([, values]) => values.length));
        const frame: Frame = {
          name: 'any',
          fields: columns.map(([type, values]) => column(type, values)),
        };
        const back = readArrow(await frameToArrow(frame, 'A'));
        expect(back.rows).toBe(rows);
        columns.forEach(([type, values], index) => {
          const given = [...values, ...Array(rows - values.length).fill(null)].map((value) =>
            type === 'json' && value !== null ? JSON.stringify(value) : value,
          );
          const { values: got, nullable, nulls } = back.fields[index] as ReadField;
          expect(got).toEqual(given);
          expect(nulls).toBe(given.filter((value) => value === null).length);
          expect(nullable).toBe(nulls > 0);
        });
      }),
      { numRuns: 150 },
    );
  });

  test('a large frame lets the event loop turn meanwhile', async () => {
    const rows = 60_000;
    const values = Array.from({ length: rows }, (_none, row) => `stream-${row}`);
    let turns = 0;
    const turning = setInterval(() => {
      turns += 1;
    }, 0);
    const frame = {
      name: 'large',
      fields: Array.from({ length: 20 }, () => column('string', values)),
    };
    const bytes = await frameToArrow(frame, 'A');
    clearInterval(turning);
    expect(turns).toBeGreaterThan(0);
    expect(readArrow(bytes).fields[19]?.values.at(-1)).toBe('stream-59999');
  });
});
