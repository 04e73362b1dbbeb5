import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cell, Field, FieldType, Frame } from '../../../src/model/frame.ts';
import { partsOfFrames } from '../../../src/queries/grafana/encode-frames.ts';

interface GrafanaFrame {
  schema: {
    name: string;
    refId: string;
    meta?: object;
    fields: { name: string; type: string; typeInfo: { frame: string; nullable?: boolean } }[];
  };
  data: { values: unknown[][] };
}

const column = (type: FieldType, values: Cell[], name: string = type): Field => ({
  name,
  type,
  values,
});

function encode(...frames: Frame[]): GrafanaFrame[] {
  return (JSON.parse([...partsOfFrames(frames, 'A')].join('')) as { frames: GrafanaFrame[] })
    .frames;
}

function encodeOne(fields: Field[]): GrafanaFrame {
  return encode({ name: 'breaks', fields })[0] as GrafanaFrame;
}

const typesOf = ({ schema }: GrafanaFrame) =>
  schema.fields.map(({ type, typeInfo }) => [type, typeInfo.frame, typeInfo.nullable ?? false]);

describe('partsOfFrames', () => {
  it('lets Chinese texts of wrapped columns break beside marks, as Grafana measures rows at spaces', () => {
    const text = '推流地址已过期，（被）拒绝（原因）。\n重新生成。';
    const wrapped = { ...column('string', [text]), config: { custom: { wrapText: true } } };
    const { data } = encodeOne([wrapped, column('string', [text])]);
    // As many spaces as wide characters, which nobody sees, make Grafana see how long it is.
    expect(data.values).toEqual([
      [`推流地址已过期， （被） 拒绝 （原因）。\n重新生成。${' '.repeat(23)}`],
      [text],
    ]);
  });

  it('gives every column its Go type, and is nullable where a value is missing', () => {
    const frame = encodeOne([
      column('time', [0, 1_790_000_000_123]),
      column('time', [null, 1]),
      column('number', [1.5, -2]),
      column('number', [null, 3]),
      column('string', ['断流', '']),
      column('string', [null, 'x']),
      column('boolean', [true, false]),
      column('boolean', [null, true]),
      column('json', [{ a: 1 }, [1, 'é']]),
      column('json', [null, { b: null }]),
    ]);
    expect(typesOf(frame)).toEqual([
      ['time', 'time.Time', false],
      ['time', 'time.Time', true],
      ['number', 'float64', false],
      ['number', 'float64', true],
      ['string', 'string', false],
      ['string', 'string', true],
      ['boolean', 'bool', false],
      ['boolean', 'bool', true],
      ['other', 'json.RawMessage', false],
      ['other', 'json.RawMessage', true],
    ]);
    expect(frame.data.values).toEqual([
      [0, 1_790_000_000_123],
      [null, 1],
      [1.5, -2],
      [null, 3],
      ['断流', ''],
      [null, 'x'],
      [true, false],
      [null, true],
      [{ a: 1 }, [1, 'é']],
      [null, { b: null }],
    ]);
  });

  it('replaces values of another type by null, and keeps texts valid', () => {
    const frame = encodeOne([
      column('time', ['yesterday', 9e15, 5.4]),
      column('number', ['7', Number.NaN, Number.POSITIVE_INFINITY]),
      column('boolean', ['true', 1, true]),
      column('string', [7, { a: 1 }, 'a\ud800b']),
    ]);
    expect(frame.data.values).toEqual([
      [null, null, 5],
      [null, null, null],
      [null, null, true],
      ['7', '{"a":1}', 'a\ufffdb'],
    ]);
    expect(typesOf(frame).map(([, , nullable]) => nullable)).toEqual([true, true, true, false]);
  });

  it('keeps name, refId, meta, labels and config, and frames without fields', () => {
    const meta = { type: 'timeseries-multi' as const, typeVersion: [0, 1] as [number, number] };
    const labels = { category: 'auth' };
    const config = { displayNameFromDS: 'auth', unit: 'short' };
    const [series, none] = encode(
      { name: 'series', meta, fields: [{ ...column('number', [1]), labels, config }] },
      { name: 'none', fields: [] },
    );
    expect(series?.schema).toEqual({
      name: 'series',
      refId: 'A',
      meta,
      fields: [{ name: 'number', type: 'number', typeInfo: { frame: 'float64' }, labels, config }],
    });
    expect(none).toEqual({
      schema: { name: 'none', refId: 'A', fields: [] },
      data: { values: [] },
    });
  });

  it('repeats the times that series share', () => {
    const times = Array.from({ length: 10_000 }, (_one, index) => index * 60_000);
    const other = times.map((time) => time + 1);
    const series = (values: Cell[]) => ({ name: 's', fields: [column('time', values)] });
    const found = encode(series(times), series(times), series(other), series(times));
    expect(found.map(({ data }) => data.values[0])).toEqual([times, times, other, times]);
  });

  it('has as many values in each column as the frame has', () => {
    const kinds: Record<FieldType, fc.Arbitrary<Cell>> = {
      time: fc.integer(),
      number: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
      string: fc.string({ unit: 'grapheme' }),
      boolean: fc.boolean(),
      json: fc.jsonValue({ noUnicodeString: false }) as fc.Arbitrary<Cell>,
    };
    const field = fc.constantFrom(...(Object.keys(kinds) as FieldType[])).chain((type) =>
      fc.record({
        type: fc.constant(type),
        values: fc.array(fc.option(kinds[type]), { maxLength: 40 }),
      }),
    );
    fc.assert(
      fc.property(fc.array(field, { minLength: 1, maxLength: 6 }), (columns) => {
        const frame = encodeOne(columns.map(({ type, values }) => column(type, values)));
        expect(frame.data.values).toEqual(
          JSON.parse(JSON.stringify(columns.map(({ values }) => values))),
        );
        expect(typesOf(frame).map(([, , nullable]) => nullable)).toEqual(
          columns.map(({ values }) => values.includes(null)),
        );
      }),
      { numRuns: 150 },
    );
  });
});
