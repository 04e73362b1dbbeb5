import { expect, test } from 'vitest';
import {
  cleanConfig,
  cleanLabels,
  cleanMeta,
} from '../../../src/grafana/backend/clean-frame-json.ts';

test('meta that Grafana can read passes whole', () => {
  const meta = {
    type: 'timeseries-multi',
    typeVersion: [0, 1],
    preferredVisualisationType: 'graph',
    dataTopic: 'annotations',
    notices: [{ severity: 'warning', text: 'rows were cut' }],
    custom: { truncated: true },
  };
  expect(cleanMeta(meta)).toEqual(meta);
});

// Each of these alone makes Grafana's decoder refuse the answers of all queries of a call.
test.each([
  [
    'a notice of another severity',
    { notices: [{ severity: 'fatal', text: 'x' }] },
    { notices: [] },
  ],
  ['a notice without text', { notices: [{ severity: 'info' }] }, { notices: [] }],
  [
    'an inspect that is a text',
    { notices: [{ severity: 'info', text: 'x', inspect: 'meta' }] },
    { notices: [{ severity: 'info', text: 'x' }] },
  ],
  ['a version that is a text', { typeVersion: '0.1' }, {}],
  ['a version of texts', { typeVersion: ['0', '1'] }, {}],
  ['a negative version', { typeVersion: [-1, 0] }, {}],
  ['an unknown type', { type: 'timeseries-odd' }, {}],
  ['custom that is no object', { custom: 'x' }, {}],
  ['custom that is no JSON', { custom: { big: 1n } }, {}],
  ['unknown keys', { stats: [{ value: '1' }] }, {}],
  ['no object at all', 'meta', {}],
])('meta: %s', (_name, meta, clean) => {
  expect(cleanMeta(meta)).toEqual(clean);
});

test('config that Grafana can read passes whole', () => {
  const config = {
    displayName: 'Lost',
    displayNameFromDS: 'Lost minutes',
    description: 'Minutes down',
    unit: 'm',
    links: [{ title: 'Runbook', url: 'https://example.com/', targetBlank: true }],
    color: { mode: 'fixed', fixedColor: 'red' },
    interval: 60_000,
    custom: { width: 100 },
  };
  expect(cleanConfig(config)).toEqual(config);
});

test.each([
  ['a color that is a text', { color: 'red' }, {}],
  ['a minimum that is a text', { min: '0' }, {}],
  ['fractional decimals', { decimals: 0.5 }, {}],
  ['a unit that is no text', { unit: 5 }, {}],
  ['an interval that is no number', { interval: '1m' }, {}],
  ['a link without address', { links: [{ title: 'x' }] }, { links: [] }],
  ['a mapping by regex', { mappings: [{ type: 'regex' }] }, {}],
])('config: %s', (_name, config, clean) => {
  expect(cleanConfig(config)).toEqual(clean);
});

test('labels are texts', () => {
  expect(cleanLabels({ a: 'x', b: 5, c: true, d: null, e: {}, f: undefined })).toEqual({
    a: 'x',
    b: '5',
    c: 'true',
  });
  expect(cleanLabels(undefined)).toEqual({});
});
