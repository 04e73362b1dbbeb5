import { expect, test } from 'vitest';
import type { Cell, Frame } from '../../../src/model/frame.ts';
import { shapeForAlert } from '../../../src/queries/grafana/shape-for-alert.ts';

const META = { type: 'timeseries-multi', typeVersion: [0, 1] };

function series(labels: Record<string, string> | undefined, times: Cell[], values: Cell[]): Frame {
  return {
    name: 'series',
    meta: { type: 'timeseries-multi', typeVersion: [0, 1] },
    fields: [
      { name: 'time', type: 'time', values: times },
      { name: 'value', type: 'number', values, ...(labels ? { labels } : {}) },
    ],
  };
}

test('series pass as they are', () => {
  const frames = [
    series({ category: 'auth' }, [1, 2], [3, 4]),
    series({ category: 'network' }, [1, 2], [5, 6]),
  ];
  expect(shapeForAlert(frames)).toEqual(frames);
});

test('no data is one frame without fields', () => {
  const empty = { name: 'series', meta: { type: 'table' as const }, fields: [] };
  expect(shapeForAlert([])).toEqual([{ name: '', meta: META, fields: [] }]);
  expect(shapeForAlert([empty, empty])).toEqual([{ name: 'series', meta: META, fields: [] }]);
});

test('a table of numbers stays one, without remarks, which alerting does not read', () => {
  const numbers: Frame = {
    name: 'alerts',
    meta: { type: 'numeric-long', typeVersion: [0, 1], notices: [{ severity: 'info', text: 'x' }] },
    fields: [
      { name: 'alert', type: 'string', values: ['a', 'b'] },
      { name: 'state', type: 'number', values: [1, 0] },
    ],
  };
  const meta = { type: 'numeric-long', typeVersion: [0, 1] };
  expect(shapeForAlert([numbers])).toEqual([{ ...numbers, meta }]);
});

test('tables and annotations beside the series are left out', () => {
  const table: Frame = {
    name: 'breaks',
    fields: [{ name: 'cause', type: 'string', values: ['x'] }],
  };
  const wanted = series({ a: 'b' }, [1], [2]);
  expect(shapeForAlert([table, wanted])).toEqual([wanted]);
});

test('rows come in the order of time, those without a time are dropped', () => {
  const [frame] = shapeForAlert([series({}, [3, null, 1, 2], [30, 99, 10, null])]);
  expect(frame?.fields.map((field) => field.values)).toEqual([
    [1, 2, 3],
    [10, null, 30],
  ]);
});

test('equal labels, in any order, are told apart', () => {
  const labels = shapeForAlert([
    series({ a: '1', b: '2' }, [1], [1]),
    series({ b: '2', a: '1' }, [1], [2]),
    series({ a: '1', b: '2' }, [1], [3]),
  ]).map((frame) => frame.fields[1]?.labels);
  expect(labels).toEqual([
    { a: '1', b: '2' },
    { b: '2', a: '1', duplicate: '2' },
    { a: '1', b: '2', duplicate: '3' },
  ]);
});

test('a wide frame becomes one frame a number', () => {
  const wide: Frame = {
    name: 'wide',
    fields: [
      { name: 'time', type: 'time', values: [1] },
      { name: 'a', type: 'number', values: [1], labels: { k: 'a' } },
      { name: 'note', type: 'string', values: ['x'] },
      { name: 'b', type: 'number', values: [2], labels: { k: 'b' } },
    ],
  };
  expect(shapeForAlert([wide]).map(({ fields }) => fields.map((field) => field.name))).toEqual([
    ['time', 'a'],
    ['time', 'b'],
  ]);
});

test('warnings stay, with series, with numbers and without data', () => {
  const notices = [{ severity: 'warning' as const, text: 'Unknown fields: smooth' }];
  const numbers = { name: 'a', meta: { type: 'numeric-long' as const, notices }, fields: [] };
  const [first, second] = [series({ a: '1' }, [1], [2]), series({ a: '2' }, [1], [2])];
  const warned = { ...first, meta: { ...first?.meta, notices } } as Frame;
  for (const frames of [[numbers], [warned, second as Frame], [{ ...warned, fields: [] }]]) {
    const [shaped, ...others] = shapeForAlert(frames);
    expect(shaped?.meta?.notices).toEqual(notices);
    expect(others.every(({ meta }) => meta?.notices === undefined)).toBe(true);
  }
});
